"""What stands on the broker, and what services say of their surroundings."""

from __future__ import annotations

import asyncio

import aio_pika

from shared.bus import topology
from shared.messages import SERVICES
from tests.effort import PATIENCE
from tests.live.counted import Deployment

#: Queues of what was delivered too often.
GRAVES = [topology.dead_queue(name) for name in (*SERVICES, topology.REPORTS)]


async def waiting(at: Deployment, *queues: str) -> dict[str, int]:
    async with await aio_pika.connect(at.amqp_url) as connection:
        found = {}
        for name in queues:
            channel = await connection.channel()
            queue = await channel.declare_queue(name, passive=True)
            found[name] = queue.declaration_result.message_count or 0
        return found


async def until_all_say(at: Deployment, part: str, *words: str) -> None:
    """Returns once each process says one of these words of this part of it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said = [(await replica.health())[1].get(part) for replica in at.replicas.all]
            if set(said) <= set(words):
                return
            await asyncio.sleep(0.2)
