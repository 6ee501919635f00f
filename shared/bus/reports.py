"""Reports that hospitals hand in over the broker, on their way to the door behind which they are read."""

from __future__ import annotations

import asyncio

from aio_pika import IncomingMessage
from faststream.rabbit import RabbitBroker

from shared import log
from shared.bus import topology
from shared.bus.delivery import own
from shared.bus.patience import patiently
from shared.engine.engine import Engine
from shared.hospital import NotInForce
from shared.passing import error_code
from shared.service import Door

_logger = log.logger("bus.reports")


class Reports:
    """They are not kept here, so whatever waits for the settings of its hospital waits on the broker."""

    def __init__(self, engine: Engine, door: Door, broker: RabbitBroker) -> None:
        self._engine, self._door, self._broker = engine, door, broker

    async def receive(self, message: IncomingMessage) -> None:
        while True:
            try:
                return await self._enter(message)
            except NotInForce:
                if await self._put_aside(message):
                    return None
            await asyncio.sleep(topology.WAIT.total_seconds())

    async def bury(self, message: IncomingMessage) -> None:
        """Delivered too often: whatever can be read of it is set aside; of the rest its hash is kept, and why."""
        try:
            await self._enter(message, "delivery_limit")
        except NotInForce:
            raise  # it waits here until they are
        except Exception as error:
            reason = error_code(error)
            await patiently(self._engine, lambda: self._engine.reject(message.body, [reason]))

    async def _enter(self, message: IncomingMessage, doomed: str = "") -> None:
        """Through the door; raises what the door raises, but for what will pass."""
        whose = message.routing_key or ""
        headers = {name.lower(): str(value) for name, value in message.headers.items()}
        if message.content_type:
            headers["content-type"] = message.content_type
        await patiently(self._engine, lambda: self._door(whose, message.body, headers, doomed))

    async def _put_aside(self, message: IncomingMessage) -> bool:
        """Gives a report back to the broker, which brings it again after a while; False: it does not take it."""
        try:
            await self._broker.publish(
                message.body,
                exchange=topology.WAITING,
                routing_key=message.routing_key or "",
                content_type=message.content_type,
                headers=own(message.headers),
                persist=True,
                timeout=topology.TIMEOUT,
            )
        except Exception as error:
            _logger.warning("report_held", service=self._engine.name, error=type(error).__name__)
            return False
        return True
