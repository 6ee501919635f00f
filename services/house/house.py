"""The house: services put together, either all in one process or one on its own.

`House` is the embedded one: SQLite in `home`, one process at a time. `run_one` is a replica of one service on RabbitMQ
and PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import os
import random
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select

from services.house import routes
from services.house.erasure import erase_again
from shared import log
from shared.bus.local import LocalBus
from shared.clock import Clock, SimulatedClock, WallClock
from shared.db import Database
from shared.engine.engine import Engine
from shared.engine.store import Store
from shared.hospital import Hospitals
from shared.http import access as access_module
from shared.http import dead_letters, whoami
from shared.http.access import Access
from shared.http.answers import an_app, ops_router
from shared.http.gate import guard
from shared.http.server import server_of
from shared.ids import Mint
from shared.messages import SERVICES, SUBSCRIBERS
from shared.metrics import Metrics
from shared.migrate import upgrade
from shared.service import Forward, Running, Service
from shared.settings import Settings

_logger = log.logger("house")


class HouseError(Exception):
    """The house cannot be opened; the text says what to do."""


def services(names: tuple[str, ...] = SERVICES) -> list[Service]:
    """The declarations of these services."""
    return [import_module(f"services.{name}.app").SERVICE for name in names]


@dataclass
class Parts:
    """What every service of a process shares."""

    settings: Settings
    clock: Clock
    mint: Mint
    metrics: Metrics
    hospitals: Hospitals
    access: Access
    secret: str
    tools: dict[str, Any]


def parts(
    settings: Settings,
    clock: Clock | None = None,
    chance: random.Random | None = None,
    tools: dict[str, Any] | None = None,
) -> Parts:
    clock = clock or clock_of(settings.home)
    mint = Mint(clock, chance) if chance else Mint(clock)
    access = Access(open_database(settings, "access"), clock)
    return Parts(
        settings, clock, mint, Metrics(), Hospitals(settings.hospitals), access, secret_of(settings), tools or {}
    )


def clock_of(home: Path) -> Clock:
    """The wall's; where the file `clock` of a house holds a moment, as in a simulated year, time stands still there."""
    try:
        return SimulatedClock(datetime.fromisoformat((home / "clock").read_text().strip()))
    except FileNotFoundError:
        return WallClock()


def database_url(settings: Settings, service: str) -> str:
    """Where a service keeps its tables."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.home / service}.sqlite"


def open_database(settings: Settings, service: str) -> Database:
    return Database(database_url(settings, service), service, settings.durable)


def secret_of(settings: Settings) -> str:
    """The secret that turns staff numbers into refs; an embedded house makes its own once."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    if settings.database_url is not None:
        raise HouseError("NAAST_SECRET is not set: every service of a deployment needs the same one.")
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "secret"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text()


async def start_service(service: Service, common: Parts, destinations: tuple[str, ...], forward: Forward) -> Running:
    """Migrates a service's schema and gives it an engine."""
    database = open_database(common.settings, service.name)
    await upgrade(database, f"services.{service.name}", service.metadata)
    engine = Engine(
        service.protocol,
        database,
        Store(service.metadata, service.states, database.is_sqlite),
        clock=common.clock,
        mint=common.mint,
        hospital=lambda id: common.hospitals[id],
        destinations=destinations,
        metrics=common.metrics,
        after=service.after,
    )
    running = Running(
        name=service.name,
        engine=engine,
        database=database,
        clock=common.clock,
        mint=common.mint,
        hospitals=common.hospitals,
        access=common.access,
        settings=common.settings,
        secret=common.secret,
        metrics=common.metrics,
        forward=forward,
        tools=common.tools,
    )
    if service.forget is not None:
        engine.forget = service.forget(running)
    return running


def make_app(pairs: list[tuple[Service, Running]], ready: Callable[[], Any]) -> FastAPI:
    """The HTTP side of these services."""
    # No pages on the API: those of FastAPI need no key and load scripts from elsewhere.
    app = an_app(
        title="naast",
        version="1",
        description="Peer support beside a colleague after a shocking event.",
        docs_url=None,
        redoc_url=None,
    )
    guard(app, pairs[0][1].access)
    app.include_router(ops_router(pairs, ready))
    app.include_router(whoami.router(pairs[0][1]))
    for service, running in pairs:
        app.include_router(service.router(running), tags=[service.name])
        app.include_router(dead_letters.router(running), prefix=f"/v1/ops/{service.name}/dead-letters", tags=["ops"])
    return app


class House:
    """All services in one process."""

    def __init__(self, common: Parts, pairs: list[tuple[Service, Running]], lock: int) -> None:
        self.common = common
        self.services = {service.name: running for service, running in pairs}
        self._lock = lock
        carriers = [service.carrier(running) for service, running in pairs if service.carrier is not None]
        engines = {name: running.engine for name, running in self.services.items()}
        self.bus = LocalBus(engines, common.clock, common.metrics, carriers[0] if carriers else None)
        self.app = make_app(pairs, self.ready)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=common.settings.public_url)

    async def ready(self) -> dict[str, bool]:
        return {f"{name}_database": await running.database.ping() for name, running in self.services.items()}

    async def forward(
        self, method: str, path: str, token: str, body: Any, once: str
    ) -> tuple[int, dict[str, str], bytes]:
        """A request to ourselves, in the name of whoever holds the token."""
        return await _forward(self.client, method, path, token, body, once)

    async def settle(self) -> None:
        """Works until nothing is due now."""
        await self.bus.settle()

    async def waiting(self) -> int:
        """How many clocks and letters wait for their moment."""
        return sum([await _waiting(running) for running in self.services.values()])

    async def serve(self, stop: asyncio.Event) -> None:
        """HTTP and the bus on the wall clock, until `stop`."""
        settings = self.common.settings
        server = server_of(self.app, settings)
        address = settings.home / "url"
        address.write_text(f"http://{settings.host}:{settings.port}")
        try:
            await _until_stopped(stop, server, self.bus.run(stop))
        finally:
            address.unlink(missing_ok=True)

    async def close(self) -> None:
        await self.bus.close()
        await self.client.aclose()
        for running in self.services.values():
            await running.database.close()
        await self.common.access.database.close()
        os.close(self._lock)


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: random.Random | None = None,
    tools: dict[str, Any] | None = None,
) -> AsyncIterator[House]:
    """Opens the embedded house in `settings.home`, delivers what was on its way when it was last closed, and closes it
    again.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = _lock(settings.home)
    common = parts(settings, clock, chance, tools)
    await upgrade(common.access.database, "shared", access_module.metadata)
    box: list[House] = []

    async def forward(method: str, path: str, token: str, body: Any, once: str) -> tuple[int, dict[str, str], bytes]:
        return await box[0].forward(method, path, token, body, once)

    pairs = [(s, await start_service(s, common, SUBSCRIBERS[s.name], forward)) for s in services()]
    house = House(common, pairs, lock)
    box.append(house)
    try:
        for running in house.services.values():
            await erase_again(running)
        await house.bus.start()
        yield house
    finally:
        await house.close()


async def run_one(name: str, settings: Settings, stop: asyncio.Event) -> None:
    """One replica of one service, on RabbitMQ and PostgreSQL, until `stop`."""
    from shared.bus.rabbit import RabbitBus

    if settings.amqp_url is None or settings.database_url is None:
        raise HouseError(
            "Set NAAST_AMQP_URL and NAAST_DATABASE_URL to run one service, or run all of them embedded: naast run all."
        )
    common = parts(settings)
    [service] = services((name,))
    client = httpx.AsyncClient(base_url=routes.address(_where(settings), "intake"), timeout=10)

    async def forward(method: str, path: str, token: str, body: Any, once: str) -> tuple[int, dict[str, str], bytes]:
        address = routes.address(_where(settings), routes.owner(method, path))
        return await _forward(client, method, address + path, token, body, once)

    await upgrade(common.access.database, "shared", access_module.metadata)
    running = await start_service(service, common, ("amqp",), forward)
    await erase_again(running)
    carrier = service.carrier(running) if service.carrier is not None else None
    door = service.door(running) if service.door is not None else None
    bus = RabbitBus(running.engine, settings.amqp_url.get_secret_value(), common.clock, common.metrics, carrier, door)

    async def ready() -> dict[str, bool]:
        return {"database": await running.database.ping(), "bus": await bus.ready()}

    server = server_of(make_app([(service, running)], ready), settings)
    try:
        await bus.start()
        await _until_stopped(stop, server, bus.run(stop))
    finally:
        await bus.stop()
        await client.aclose()
        await running.database.close()
        await common.access.database.close()


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def spare_the_collector() -> None:
    """What was loaded until now stays: the collector need not go through it again, nor after every few messages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _lock(home: Path) -> int:
    """One process at a time works in a house."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise HouseError(f"Another process works in {home}; wait for it, or stop it.") from error
    return descriptor


async def _until_stopped(stop: asyncio.Event, server: uvicorn.Server, work: Any) -> None:
    """Serves and works side by side; whichever ends first ends the other."""
    spare_the_collector()
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(work), asyncio.create_task(stop.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _forward(
    client: httpx.AsyncClient, method: str, url: str, token: str, body: Any, once: str
) -> tuple[int, dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": once} if once else {})
    try:
        response = await client.request(method, url, json=body, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return 503, {}, b""  # it never left
    except httpx.TransportError:
        return 504, {}, b""
    return response.status_code, dict(response.headers), response.content


async def _waiting(running: Running) -> int:
    pending = running.engine.store.t.pending
    own = select(func.count()).where(pending.c.destination.in_((running.name, "mail")))
    async with running.database.read() as c:
        return int((await c.execute(own)).scalar_one())


def _where(settings: Settings) -> str:
    """Where the services of this deployment answer."""
    return settings.url or settings.public_url
