"""What several tests on RabbitMQ share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika

from shared.bus.rabbit import RabbitBus
from shared.engine.engine import Engine
from shared.service import Door
from tests.effort import PATIENCE
from tests.engine.house import waiting_in
from tests.engine.place import Place, rows


@asynccontextmanager
async def at_work(place: Place, engine: Engine, url: str, door: Door | None = None) -> AsyncIterator[RabbitBus]:
    bus, stop = RabbitBus(engine, url, place.clock, place.metrics, door=door), asyncio.Event()
    await bus.start()
    running = asyncio.create_task(bus.run(stop))
    try:
        yield bus
    finally:
        stop.set()
        await running
        await bus.stop()


async def holds(url: str, queue: str, count: int) -> bool:
    with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
        return await waiting_in(url, queue) == count
    return False


async def has_dead_letters(engine: Engine, *reasons: str) -> bool:
    return await rows(engine, "dead_letter", "reason") == sorted(reasons)


async def published(engine: Engine) -> bool:
    return "amqp" not in await rows(engine, "pending", "destination")


async def die_of(url: str, queue: str, times: int) -> None:
    """A consumer that gets the message and never acknowledges it, again and again."""
    async with await aio_pika.connect(url) as connection:
        found = await (await connection.channel()).get_queue(queue)
        for _ in range(times):
            message = await found.get(timeout=PATIENCE)
            assert message is not None
            await message.nack(requeue=True)


async def delete(url: str, *queues: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for queue in queues:
            await channel.queue_delete(queue)
