"""Whatever ends a process, a broker or a database: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest

from shared.bus.topology import EVENTS
from shared.crashpoint import NAMES
from shared.messages import SERVICES
from tests.effort import PATIENCE, effort
from tests.live.counted import Deployment
from tests.servers import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: How often each crash happens.
TIMES = effort(1, long=10)
#: Every named point, with the services that pass it on a report or a new member of staff.
POINTS = {
    "before_commit": SERVICES,
    "after_commit_before_publish": SERVICES,
    "after_publish_before_delete": SERVICES,
    "before_ack": SERVICES,
    "timer_before_commit": ("matching", "followup"),
    "timer_after_commit": ("matching", "followup"),
    "mail_after_send": ("intake",),
}


@pytest.mark.parametrize("time", range(1, TIMES + 1))
@pytest.mark.parametrize("point", NAMES)
async def test_services_that_die_at_any_point_lose_and_double_nothing(
    deployment: Deployment, point: str, time: int
) -> None:
    before = deployment.replicas.deaths
    for service in POINTS[point]:
        deployment.replicas.of[service].replace(f"{point}:{time}")
    async with asyncio.timeout(2 * PATIENCE):
        while deployment.replicas.deaths < before + len(POINTS[point]):
            await deployment.feed(2)
    await deployment.replicas.ready()
    assert await deployment.differences() == {}


async def test_services_that_are_killed_at_any_moment_lose_and_double_nothing(deployment: Deployment) -> None:
    chance = random.Random(7)
    for _ in range(4 * TIMES):
        feeding = asyncio.create_task(deployment.feed(4))
        await asyncio.sleep(chance.random())
        chance.choice(deployment.replicas.all).kill()
        await feeding
    assert await deployment.differences() == {}


async def test_messages_that_come_again_and_in_any_order_change_nothing(deployment: Deployment) -> None:
    async with echo(deployment.amqp_url, random.Random(7)) as echoed:
        await deployment.feed(20)
        assert await deployment.differences() == {}
        assert len(echoed) > 30
    assert await deployment.differences() == {}


@asynccontextmanager
async def echo(amqp_url: str, chance: random.Random) -> AsyncIterator[list[int]]:
    """Says everything that is said on the bus once more, a while later and shuffled. Gives an entry per message."""
    echoed: list[int] = []

    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        events = await channel.get_exchange(str(EVENTS.name))
        mine = await channel.declare_queue(exclusive=True)
        await mine.bind(events, "#")

        async def again(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            if not message.headers.get("x-echo"):
                echoed.append(1)
                await asyncio.sleep(chance.random())
                headers = {"x-echo": "1", "CC": message.headers["CC"]}
                await events.publish(aio_pika.Message(message.body, headers=headers), message.routing_key or "")

        await mine.consume(again, no_ack=True)
        yield echoed
        await asyncio.sleep(1)


@pytest.mark.parametrize("kind", ["rabbit_server", "postgres_server"])
async def test_a_server_that_is_killed_costs_nothing(
    deployment: Deployment, kind: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(kind)
    feeding = asyncio.create_task(deployment.feed(6))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    await feeding
    assert await deployment.differences() == {}


async def test_a_rolling_restart_under_load_is_polite(deployment: Deployment) -> None:
    feeding = asyncio.create_task(deployment.feed(8))
    codes = [await replica.stop() for replica in deployment.replicas.all]
    await feeding
    assert codes == [0] * 8
    assert await deployment.differences() == {}
