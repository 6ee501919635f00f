"""The whole of naast as one hospital sees it: fed by its doors, and counted from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2 as httpx
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller

from shared.clock import WallClock
from shared.db import Database
from shared.http.access import EVERY_HOSPITAL, Access
from tests.effort import PATIENCE
from tests.live import ward
from tests.live.ledger import Ledger, Mailroom, is_busy, reckon
from tests.live.replicas import Replicas
from tests.servers import PostgreSQL, RabbitMQ
from tests.servers.host import free_ports


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


@asynccontextmanager
async def deployed(folder: Path, amqp_url: str, database_url: str, **by: str) -> AsyncIterator[Deployment]:
    """Two replicas of each service at work, with the staff of a hospital in it. by: settings of theirs that differ."""
    mailroom, (smtp_port,) = Mailroom(), free_ports(1)
    ward.write_folder(folder / "hospitals")
    async with AsyncExitStack() as stack:
        smtp = Controller(mailroom, hostname="127.0.0.1", port=smtp_port)
        smtp.start()
        stack.callback(smtp.stop)
        settings = {
            "AMQP_URL": amqp_url,
            "DATABASE_URL": database_url,
            "SECRET": ward.SECRET,
            "HOSPITALS": str(folder / "hospitals"),
            "HOME": str(folder / "home"),
            "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "LOG_LEVEL": "WARNING",
            "PRIVATE_NETWORK": "true",
            "PRIVATE_BROKER": "true",
        }
        replicas = Replicas(folder, **settings | by)
        await stack.enter_async_context(replicas)
        deployment = Deployment(replicas, mailroom, amqp_url, database_url, await make_keys(database_url))
        await deployment.feed(0)
        assert await deployment.differences() == {}
        yield deployment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    rabbit_server: RabbitMQ, postgres_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """The whole of it, for the tests of a module."""
    folder = tmp_path_factory.mktemp("deployment")
    async with deployed(folder, rabbit_server.fresh(), postgres_server.fresh()) as deployment:
        yield deployment


async def make_keys(database_url: str) -> dict[str, str]:
    access = Access(Database(database_url, "access"), WallClock())
    try:
        keys = {role: await access.make_key(ward.HOSPITAL, role, "s-1") for role in ("feed", "coordinator")}
        return keys | {"ops": await access.make_key(EVERY_HOSPITAL, "ops")}
    finally:
        await access.database.close()
