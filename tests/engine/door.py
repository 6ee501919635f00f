"""One service on real tables, and the people before its HTTP door."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx2 as httpx
import pytest
from prometheus_client import generate_latest

from shared.clock import SimulatedClock
from shared.db import Database, create_schema
from shared.engine.engine import Engine, Outcome
from shared.engine.sql.choice import store_of
from shared.hospital import Hospital, HospitalError, Hospitals
from shared.http import access as access_module
from shared.http.access import Access
from shared.http.answers import an_app, take_in
from shared.http.gate import guard
from shared.ids import Mint
from shared.messages import Event, Message, Role
from shared.metrics import Metrics
from shared.service import Running, Service
from shared.settings import Settings
from shared.testing import NOW, a_hospital, heard


@dataclass
class Door:
    """A service that runs; `said` counts what it heard, per publisher and subject."""

    service: Service
    running: Running
    client: httpx.AsyncClient
    clock: SimulatedClock
    closing: AsyncExitStack
    said: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def event(self, fact: Message, hospital: str = "example") -> Event:
        """A fact of another service, with the next number of its subject."""
        about = hospital, fact.publisher, fact.subject
        self.said[about] += 1
        return heard(fact, self.said[about], hospital=hospital, id=self.running.mint.event_id(), at=self.clock.now())

    async def hear(self, *facts: Message, hospital: str = "example") -> Outcome:
        outcome = await self.running.engine.handle([self.event(fact, hospital) for fact in facts])
        assert not outcome.dead
        return outcome

    async def fire(self) -> int:
        return await self.running.engine.fire()

    def begun_later(self) -> Engine:
        """Another process of the service, which knows what stands in its tables and no more."""
        database = Database(self.running.database.url, self.service.name)
        self.closing.push_async_callback(database.close)
        return _engine(self.service, database, self.clock, self.running.engine.hospital, self.running.metrics)

    def callers(self) -> tuple[Engine, Engine]:
        """What two who call at once have before them: on PostgreSQL two replicas; on SQLite, where a house is one
        process, the same engine.
        """
        mine = self.running.engine
        return mine, mine if self.running.database.is_sqlite else self.begun_later()

    async def key(self, role: Role, who: str = "", case: str = "", hospital: str = "example") -> dict[str, str]:
        """The headers of somebody who may come in."""
        token = await self.running.access.make_key(hospital, role, who, case)
        return {"Authorization": f"Bearer {token}"}

    async def get(self, key: dict[str, str], path: str, hospital: str = "example") -> httpx.Response:
        return await self.client.get(f"/v1/hospitals/{hospital}/{path}", headers=key)

    async def post(
        self, key: dict[str, str], path: str, body: Any = None, *, hospital: str = "example", once: str = ""
    ) -> httpx.Response:
        headers = key | ({"Idempotency-Key": once} if once else {})
        return await self.client.post(f"/v1/hospitals/{hospital}/{path}", json=body, headers=headers)

    async def metrics(self) -> set[str]:
        """The lines of a scrape."""
        assert self.service.gauges is not None
        for hospital in self.running.hospitals:
            await self.service.gauges(self.running, hospital)
        return set(generate_latest(self.running.metrics.registry).decode().splitlines())


@asynccontextmanager
async def open_door(service: Service, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Door]:
    """The service on an empty database of the kind that the request's parameter names: "sqlite" or "postgresql"."""
    on_sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'service.sqlite'}" if on_sqlite else request.getfixturevalue("postgres_url")
    keys_url = f"sqlite:///{folder / 'access.sqlite'}" if on_sqlite else url
    database, keys = Database(url, service.name), Database(keys_url, "access")
    await create_schema(database, service.metadata)
    await create_schema(keys, access_module.metadata)
    running = _run(service, database, keys, folder)
    app = an_app()
    guard(app, running.access, running.knows)
    take_in(app, service.router(running))
    async with AsyncExitStack() as closing:
        closing.push_async_callback(database.close)
        closing.push_async_callback(keys.close)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service")
        await closing.enter_async_context(client)
        yield Door(service, running, client, cast(SimulatedClock, running.clock), closing)


def _run(service: Service, database: Database, keys: Database, home: Path) -> Running:
    clock, metrics = SimulatedClock(NOW), Metrics()
    hospitals = cast(Hospitals, Settled({"example": a_hospital(), "elsewhere": a_hospital(id="elsewhere")}))
    engine = _engine(service, database, clock, hospitals.__getitem__, metrics)
    running = Running(
        name=service.name,
        engine=engine,
        database=database,
        clock=clock,
        mint=engine.mint,
        hospitals=hospitals,
        access=Access(keys, clock),
        settings=Settings(home=home),
        secret="",
        metrics=metrics,
        forward=_nowhere,
    )
    if service.forget is not None:
        engine.forget = service.forget(running)
    if service.after is not None:
        engine.after = service.after(running)
    return running


def _engine(
    service: Service, database: Database, clock: SimulatedClock, hospital: Callable[[str], Hospital], metrics: Metrics
) -> Engine:
    return Engine(
        service.protocol,
        database,
        store_of(service.metadata, service.states, database.is_sqlite, service.view.table if service.view else None),
        clock=clock,
        mint=Mint(clock),
        hospital=hospital,
        destinations=(),
        metrics=metrics,
        view=service.view,
    )


class Settled(dict[str, Hospital]):
    """Hospitals with whose settings nothing is wrong, unless `problems` says so."""

    def __init__(self, known: dict[str, Hospital]) -> None:
        super().__init__(known)
        self.problems: dict[str, HospitalError] = {}


def refusing(response: httpx.Response) -> str:
    """The rule that refuses what was asked; "" when it is done, or when the gate turns away whoever asks."""
    refused = response.json().get("refused")
    return refused["rule"] if refused else ""


async def _nowhere(method: str, path: str, token: str, body: Any, once: str) -> tuple[int, dict[str, str], bytes]:
    raise AssertionError("this service asks nobody")
