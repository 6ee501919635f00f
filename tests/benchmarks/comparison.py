"""The services built in the usual way under load, by the same kinds of doors as naast."""

import json
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aio_pika
import asyncpg
from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from tests.benchmarks import hospitals
from tests.benchmarks.fleet import Command, Fleet
from tests.benchmarks.system import Ear, Listener, Watch, until_quiet
from tests.benchmarks.usual import tables
from tests.benchmarks.wire import Wire
from tests.servers.host import free_ports

SERVICES = ("intake", "matching", "followup", "training")


class Comparison:
    """Four processes of tests.benchmarks.usual, with the same hospitals and supporters as naast."""

    name = "usual build"

    def __init__(self, amqp_url: str, database_url: str, folder: Path) -> None:
        self._amqp_url, self._database_url = amqp_url, database_url
        self._ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self.listeners: list[Listener] = []
        self.fleet = Fleet({name: self._command(name) for name in SERVICES}, folder)

    def _command(self, service: str) -> Command:
        settings = {"AMQP": self._amqp_url, "DATABASE": self._database_url, "PORT": str(self._ports[service])}
        environment = os.environ | {f"USUAL_{name}": value for name, value in settings.items()}
        return Command(("-m", "tests.benchmarks.usual", service), environment, self._ports[service])

    async def __aenter__(self) -> Self:
        await self._make_tables()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.fleet)
            self._database = await asyncpg.connect(self._database_url.replace("+asyncpg", ""))
            stack.push_async_callback(self._database.close)
            self._wire = Wire(self._ports["matching"])
            stack.push_async_callback(self._wire.close)
            ear = Ear(self._amqp_url, "usual.events", ("intake.#", "matching.#"))
            channel = await ear.open(self._hear)
            stack.push_async_callback(ear.close)
            self._reports = await channel.get_exchange("usual.reports")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _make_tables(self) -> None:
        engine = create_async_engine(self._database_url)
        mine = [
            model.__table__ for model in vars(tables).values() if getattr(model, "__module__", "") == tables.__name__
        ]
        for service in SERVICES:
            async with engine.begin() as c:
                await c.execute(text(f'create schema "{service}"'))
                await c.execute(text(f'set local search_path to "{service}"'))
                await c.run_sync(SQLModel.metadata.create_all, mine, checkfirst=False)
                if service == "matching":
                    now = datetime.now(UTC)
                    rows = [
                        {
                            "hospital": id,
                            "id": f"{id}-{one.number}",
                            "profession": one.profession,
                            "department": one.department,
                            "open_cases": 0,
                            "idle_since": now,
                        }
                        for id in hospitals.IDS
                        for one in hospitals.everybody()
                        if one.supporter
                    ]
                    await c.execute(tables.Supporter.__table__.insert(), rows)  # type: ignore[attr-defined]
        await engine.dispose()

    async def report(self, number: int, run: str) -> str:
        hospital, id, event = hospitals.report(number, run)
        message = aio_pika.Message(
            hospitals.as_json(event),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=id,
        )
        await self._reports.publish(message, hospital)
        return id

    async def accept(self, case: str, supporter: str) -> None:
        await self._wire.post(f"/cases/{case}/accept/{supporter}")

    def _hear(self, message: AbstractIncomingMessage) -> None:
        name, data = (message.routing_key or "").partition(".")[2], json.loads(message.body)
        for listener in self.listeners:
            listener(name, data)

    async def counted(self) -> tuple[dict[str, float], dict[str, float]]:
        """Every message is a row of an inbox, but for the yes, which comes by HTTP."""
        taken = {name: float(await self._database.fetchval(f"select count(*) from {name}.inbox")) for name in SERVICES}
        return taken | {"matching": taken["matching"] + await self.running()}, {}

    async def running(self) -> int:
        query = "select count(*) from followup.\"case\" where status = 'matched'"
        return int(await self._database.fetchval(query))

    async def quiet(self) -> None:
        await until_quiet(self._busy)

    async def _busy(self) -> bool:
        """Whether a message has not gone out, or a notice has not come to the timeline."""
        waiting = [await self._database.fetchval(f"select count(*) from {name}.outbox") for name in SERVICES]
        told = await self._database.fetchval("select count(*) from followup.told where what = 'NoticeSent'")
        return any(waiting) or told != 3 * await self.running()

    async def watch(self, started: Callable[[str], None]) -> None:
        self._watch = Watch(self._database, 'followup."case"')
        await self._watch.open(started)

    async def unwatch(self) -> None:
        await self._watch.close()
