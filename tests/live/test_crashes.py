"""Whatever ends a process, a broker or a database: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import asyncpg
import httpx2 as httpx
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller

from shared.bus.topology import EVENTS
from shared.clock import WallClock
from shared.crashpoint import NAMES
from shared.db import Database
from shared.http.access import Access
from shared.messages import SERVICES
from tests.effort import PATIENCE, effort
from tests.live import ward
from tests.live.ledger import Ledger, Mailroom, is_busy, reckon
from tests.live.replicas import Replicas
from tests.servers import PostgreSQL, RabbitMQ, Server
from tests.servers.host import free_ports

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


@dataclass
class Deployment:
    """The whole of it, as its hospital sees it."""

    replicas: Replicas
    mailroom: Mailroom
    amqp_url: str
    database_url: str
    keys: dict[str, str]
    ledger: Ledger = field(default_factory=Ledger)
    newcomers: int = 0

    async def feed(self, count: int) -> None:
        """Hands over reports, and a staff list with one more name. Whatever is not accepted is handed over again."""
        self.newcomers += 1
        await self._hand_over("staff", ward.staff_list(self.newcomers), "text/csv", "coordinator")
        for _ in range(count):
            number = len(self.ledger.accepted) + 1
            await self._hand_over("incidents", ward.calamity(number), "application/cloudevents+json", "feed")
            self.ledger.accepted.add(number)

    async def _hand_over(self, path: str, body: Any, kind: str, role: str) -> None:
        while True:
            with suppress(httpx.HTTPError):
                if (await self._ask("POST", path, role, body, kind)).status_code < 300:
                    return
            await asyncio.sleep(0.1)

    async def differences(self) -> dict[str, int]:
        """Waits until all is quiet; what was lost or doubled until now."""
        database = await self._connected()
        try:
            async with asyncio.timeout(PATIENCE):
                # Twice in a row: something may move from a service not yet looked at to one that was.
                while await is_busy(database) or await is_busy(database):  # noqa: ASYNC110 - it looks from outside
                    await asyncio.sleep(0.1)
            await reckon(self.ledger, await self._reports(), self.mailroom, database)
        finally:
            await database.close()
        return self.ledger.differences

    async def _reports(self) -> list[dict[str, Any]]:
        """The coordinator's list, page by page."""
        found: list[dict[str, Any]] = []
        while page := (await self._ask("GET", f"reports?limit=1000&offset={len(found)}", "coordinator")).json()[
            "reports"
        ]:
            found += page
        return found

    async def _ask(self, method: str, path: str, role: str, body: Any = None, kind: str = "") -> httpx.Response:
        url = f"http://127.0.0.1:{self.replicas.of['intake'].port}/v1/hospitals/{ward.HOSPITAL}/{path}"
        headers = {"Authorization": f"Bearer {self.keys[role]}"} | ({"Content-Type": kind} if kind else {})
        given: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        async with httpx.AsyncClient(timeout=60) as client:
            return await client.request(method, url, headers=headers, **given)

    async def _connected(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.database_url.replace("+asyncpg", ""))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    rabbit_server: RabbitMQ, postgres_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    folder, mailroom, (smtp_port,) = tmp_path_factory.mktemp("deployment"), Mailroom(), free_ports(1)
    ward.write_folder(folder / "hospitals")
    amqp_url, database_url = rabbit_server.fresh(), postgres_server.fresh()
    async with AsyncExitStack() as stack:
        smtp = Controller(mailroom, hostname="127.0.0.1", port=smtp_port)
        smtp.start()
        stack.callback(smtp.stop)
        replicas = Replicas(
            folder,
            AMQP_URL=amqp_url,
            DATABASE_URL=database_url,
            SECRET=ward.SECRET,
            HOSPITALS=str(folder / "hospitals"),
            HOME=str(folder / "home"),
            SMTP_URL=f"smtp://127.0.0.1:{smtp_port}",
            LOG_LEVEL="WARNING",
            PRIVATE_NETWORK="true",
            PRIVATE_BROKER="true",
        )
        await stack.enter_async_context(replicas)
        deployment = Deployment(replicas, mailroom, amqp_url, database_url, await make_keys(database_url))
        await deployment.feed(0)
        assert await deployment.differences() == {}
        yield deployment


async def make_keys(database_url: str) -> dict[str, str]:
    access = Access(Database(database_url, "access"), WallClock())
    try:
        return {role: await access.make_key(ward.HOSPITAL, role, "s-1") for role in ("feed", "coordinator")}
    finally:
        await access.database.close()


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
