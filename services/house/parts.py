"""What the services of a process share, and how one of them is started: settings, clock, keys, databases, engines."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from services.house.books import mistakes
from shared.clock import Clock, SimulatedClock, WallClock
from shared.db import Database
from shared.engine.engine import Engine
from shared.engine.shelves import engine_shelves
from shared.engine.sql.choice import store_of
from shared.hospital import Hospitals
from shared.http import access as access_module
from shared.http.access import Access
from shared.ids import Mint
from shared.messages import SERVICES
from shared.metrics import Metrics
from shared.migrate import upgrade
from shared.service import Forward, Running, Service
from shared.settings import Settings
from shared.sweep import Sweeper


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
    keys_sweeper: Sweeper


def parts(
    settings: Settings,
    clock: Clock | None = None,
    seed: int | None = None,
    tools: dict[str, Any] | None = None,
) -> Parts:
    clock = clock or clock_of(settings.home)
    mint = Mint(clock) if seed is None else Mint.seeded(clock, seed)
    access = Access(open_database(settings, "access"), clock)
    hospitals, metrics = Hospitals(settings.hospitals, mistakes), Metrics()
    tables = [table.name for table in access_module.metadata.sorted_tables]
    keys = Sweeper("access", access.database, clock, metrics, access_module.shelves(settings), tables)
    return Parts(settings, clock, mint, metrics, hospitals, access, secret_of(settings), tools or {}, keys)


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
        store_of(service.metadata, service.states, database.is_sqlite, service.view.table if service.view else None),
        clock=common.clock,
        mint=common.mint,
        hospital=lambda id: common.hospitals[id],
        destinations=destinations,
        metrics=common.metrics,
        view=service.view,
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
    shelves = (*engine_shelves(common.settings), *(service.shelves(running) if service.shelves is not None else ()))
    tables = [table.name for table in service.metadata.sorted_tables]
    own = Sweeper(service.name, database, common.clock, common.metrics, shelves, tables)
    engine.sweepers = (own, common.keys_sweeper)
    return running
