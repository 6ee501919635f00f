"""A message that the broker did not take is sent once more by itself, where nothing else can be the cause."""

from __future__ import annotations

import aio_pika
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import ChannelPreconditionFailed

from shared.bus import topology


class NotTaken(Exception):
    """The broker takes messages of this service, but not this one: it is over the maximum."""


async def publish(url: str, service: str, message: aio_pika.Message, key: str, mandatory: bool) -> None:
    """Raises NotTaken; whatever is wrong with more than this message raises what it raises for all."""
    async with await aio_pika.connect(url, timeout=topology.TIMEOUT) as connection:
        empty = aio_pika.Message(b"", user_id=message.user_id)
        await _publish(connection, empty, topology.nobody(service), False)
        try:
            await _publish(connection, message, key, mandatory)
        except ChannelPreconditionFailed:
            raise NotTaken from None


async def _publish(connection: AbstractConnection, message: aio_pika.Message, key: str, mandatory: bool) -> None:
    channel = await connection.channel(on_return_raises=True)
    exchange = await channel.get_exchange(str(topology.EVENTS.name), ensure=False)
    await exchange.publish(message, key, mandatory=mandatory, timeout=topology.TIMEOUT)
