"""One replica of one service on RabbitMQ: takes what others said, publishes what it says.

A message is acknowledged once its effects are committed. A message that was delivered before is handled apart from all
others, and the second time event by event: if it kills the process, it is soon known which one it is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from typing import Any

from aio_pika import IncomingMessage
from aio_pika.exceptions import AMQPError
from aiormq.exceptions import PublishError
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from yarl import URL

from shared import log
from shared.bus import topology
from shared.bus.accounts import AnybodyMaySpeak, Speakers
from shared.bus.inbox import Inbox, patiently
from shared.bus.letters import Carrier
from shared.bus.loops import Loop, run_beside
from shared.bus.net import Net
from shared.bus.outbox import Envelope, Outbox
from shared.bus.steady import told
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.db import error_code
from shared.engine.engine import BUS, Engine, Parcel
from shared.hospital import NotInForce
from shared.messages import Event, Unreadable, read_all
from shared.metrics import Metrics
from shared.service import Door

#: Messages ahead. Under load each holds many events, and what waits here takes memory.
_PREFETCH = 40
_HEARTBEAT = 10
_CONNECT = 30.0
#: Seconds for each step of the way out; four steps, and all within the half minute that orchestrators give.
_GRACE = 7.0
_LOOK_AGAIN = 30.0
_logger = log.logger("bus.rabbit")


class RabbitBus:
    """Moves events between the broker and one service's engine, fires its timers and hands out its letters."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        clock: Clock,
        metrics: Metrics,
        carrier: Carrier | None = None,
        door: Door | None = None,
        is_private: bool = False,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.metrics = metrics
        self._url = str(URL(url).update_query(heartbeat=str(_HEARTBEAT)))
        self._door = door
        takes_reports = door is not None
        self._speakers = Speakers(self._url, engine.name, metrics, is_private=is_private, takes_reports=takes_reports)
        self._inbox = Inbox(engine)
        self._outbox = Outbox(engine, self._send)
        self._net = Net(engine, self._send, carrier)
        self._broker = self._make_broker()
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = False
        self._look_again = 0.0
        engine.publish = self._accept

    # -- its life

    async def start(self) -> None:
        """Connects and consumes. A broker that is away is no error: `run` goes on trying. Raises AnybodyMaySpeak."""
        self._speakers.begin()
        works = (self._inbox.run, self._outbox.run, self._outbox.sweep)
        self._tasks = [asyncio.create_task(work()) for work in works]
        await self._connect()

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the net and the connection until `stop` is set."""
        await run_beside((*self._net.loops.values(), Loop(self._look)), stop, _GRACE)

    async def _look(self) -> float:
        if time.monotonic() > self._look_again:
            await self._connect()
        return 1.0

    async def settle(self) -> None:
        """Deals with everything that is due now."""
        await self._net.settle()

    async def ready(self) -> bool:
        """Whether the broker answers."""
        return self._connected and await self._broker.ping(timeout=2)

    async def stop(self) -> None:
        """Takes nothing new, finishes what it has, and goes."""
        await _in_time(asyncio.gather(*(each.stop() for each in self._broker.subscribers), return_exceptions=True))
        await _in_time(asyncio.gather(self._outbox.flushed(), self._net.close()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.engine.stop()
        await _in_time(self._broker.stop())

    async def _connect(self) -> None:
        """Makes what is missing on the broker, now and then also what somebody took away; consumers then come back."""
        try:
            async with asyncio.timeout(_CONNECT):
                await topology.declare(self._url)
                if not self._connected:
                    await self._speakers.look()
                    await self._consume()
            self._look_again = time.monotonic() + _LOOK_AGAIN
        except AnybodyMaySpeak:
            raise
        except Exception as error:
            if not isinstance(error, AMQPError | OSError):
                told(self.metrics, self.engine.name, "connect", error)
            _logger.warning("broker_away", service=self.engine.name, error=type(error).__name__)

    async def _consume(self) -> None:
        for each in self._broker.subscribers:
            # A delivery may come before FastStream calls itself running, and would never be acknowledged.
            each.running = True
        try:
            await self._broker.start()
            self._connected = True
        finally:
            if not self._connected:
                await _in_time(self._broker.stop())

    def _make_broker(self) -> RabbitBroker:
        broker = RabbitBroker(
            self._url,
            timeout=topology.TIMEOUT,
            reconnect_interval=1,
            graceful_timeout=_GRACE / 2,
            app_id=self.engine.name,
            default_channel=Channel(publisher_confirms=True, on_return_raises=True),
            logger=logging.getLogger("naast.bus.faststream"),
            log_level=logging.DEBUG,
            # No typed handler and no Context parameter: each costs a thread hop per message.
            apply_types=False,
            decoder=_as_it_came,
        )
        queues = {self.engine.name: self._hear, topology.dead_queue(self.engine.name): self._bury}
        if self._door is not None:
            queues |= {topology.REPORTS: self._receive, topology.dead_queue(topology.REPORTS): self._bury_report}
        for name, handler in queues.items():
            queue, channel = RabbitQueue(name, declare=False), Channel(prefetch_count=_PREFETCH)
            broker.subscriber(queue, channel=channel, ack_policy=AckPolicy.NACK_ON_ERROR, no_reply=True)(handler)
        return broker

    # -- in

    async def _hear(self, message: IncomingMessage) -> None:
        events = await self._readable(message, (message.routing_key or "").partition(".")[0])
        deliveries = _deliveries(message)
        for part in [[event] for event in events] if deliveries > 1 else [events]:
            if part:
                await self._inbox.take(part, alone=deliveries > 0)
        crashpoint("before_ack")

    async def _bury(self, message: IncomingMessage) -> None:
        """Delivered too often: each event becomes a dead letter, unless it was heard after all."""
        events = await self._readable(message, None)
        if events:
            await patiently(self.engine.name, lambda: self.engine.set_aside(events, "delivery_limit"))

    async def _receive(self, message: IncomingMessage) -> None:
        """A report from outside. It is not kept here, so it waits on the broker for settings that are not in force."""
        while True:
            try:
                return await self._enter(message, message.routing_key or "")
            except NotInForce:
                if await self._put_aside(message):
                    return None
            await asyncio.sleep(topology.WAIT.total_seconds())

    async def _put_aside(self, message: IncomingMessage) -> bool:
        """Gives a report back to the broker, which brings it again after a while; False: it does not take it."""
        try:
            await self._broker.publish(
                message.body,
                exchange=topology.WAITING,
                routing_key=message.routing_key or "",
                content_type=message.content_type,
                headers=_own(message.headers),
                persist=True,
                timeout=topology.TIMEOUT,
            )
        except Exception as error:
            _logger.warning("report_held", service=self.engine.name, error=type(error).__name__)
            return False
        return True

    async def _bury_report(self, message: IncomingMessage) -> None:
        """Delivered too often: whatever can be read of it is set aside; of the rest its hash is kept, and why."""
        try:
            await self._enter(message, _first_routing_key(message), "delivery_limit")
        except Exception as error:
            reason = error_code(error)
            await patiently(self.engine.name, lambda: self.engine.reject(message.body, [reason]))

    async def _enter(self, message: IncomingMessage, hospital: str, doomed: str = "") -> None:
        """Through the door; raises what the door raises, but for what will pass."""
        assert self._door is not None
        enter = self._door
        headers = {name.lower(): str(value) for name, value in message.headers.items()}
        if message.content_type:
            headers["content-type"] = message.content_type
        await patiently(self.engine.name, lambda: enter(hospital, message.body, headers, doomed))

    async def _readable(self, message: IncomingMessage, publisher: str | None) -> list[Event]:
        """The events of a message. What cannot be read is rejected, and so is what this publisher may not say."""
        events: list[Event] = []
        reasons: list[str] = []
        for found in read_all(message.body):
            if isinstance(found, Unreadable):
                reasons.append(found.reason)
            elif publisher not in (None, found.publisher):
                reasons.append("foreign_publisher")
            elif not self._speakers.account.lets(message.user_id, found.publisher):
                reasons.append("foreign_account")
            else:
                events.append(found)
        if reasons:
            await patiently(self.engine.name, lambda: self.engine.reject(message.body, reasons))
        return events

    # -- out

    async def _accept(self, parcels: list[Parcel]) -> None:
        self._outbox.add(parcel for parcel in parcels if parcel.row[2] == BUS)
        self._net.carry([parcel for parcel in parcels if parcel.row[2] == "mail"])

    async def _send(self, envelope: Envelope) -> None:
        if not self._connected:
            raise ConnectionError("the broker is away")
        try:
            await self._broker.publish(
                envelope.body,
                exchange=topology.EVENTS,
                routing_key=envelope.kinds[0],
                content_type=envelope.content_type,
                headers={"CC": [*envelope.kinds[1:], *map(topology.to, envelope.hearers)]},
                mandatory=bool(envelope.hearers),
                message_id=envelope.id,
                user_id=self._speakers.account.name or None,
                persist=True,
                timeout=topology.TIMEOUT,
            )
        except PublishError:
            self._look_again = 0.0  # its queues are gone
            raise
        self.metrics.published(self.engine.name, envelope.count)


async def _as_it_came(message: StreamMessage[IncomingMessage]) -> IncomingMessage:
    return message.raw_message


def _own(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the broker noted: by its notes it would take a second wait for a circle, and drop the message."""
    return {name: value for name, value in headers.items() if "-death" not in name and name != "x-delivery-count"}


def _deliveries(message: IncomingMessage) -> int:
    """How often this message was delivered before without being acknowledged."""
    count = message.headers.get("x-delivery-count")
    return int(str(count)) if count is not None else int(bool(message.redelivered))


def _first_routing_key(message: IncomingMessage) -> str:
    """By which it came to the broker, before it was delivered too often."""
    deaths: Any = message.headers.get("x-death")
    return str(deaths[0]["routing-keys"][0]) if deaths else message.routing_key or ""


async def _in_time(work: Awaitable[Any]) -> None:
    """Whatever goes wrong on the way out is put right by the next start."""
    try:
        await asyncio.wait_for(work, timeout=_GRACE)
    except Exception as error:
        _logger.warning("stopped_roughly", error=type(error).__name__)
