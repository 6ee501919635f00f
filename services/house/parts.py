"""What the services of a process share, and how one of them is started: settings, clock, keys, databases, engines."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from services.house.books import mistakes
from shared import private
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
from shared.transport import database_in_the_clear

#: Bytes of a secret.
SHORTEST = 32
#: The file of a house with its secrets, one a line, the newest first.
SECRETS = "secret"


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
    old_secrets: tuple[str, ...]
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
    secret, *old = secrets_of(settings)
    return Parts(settings, clock, mint, metrics, hospitals, access, secret, tuple(old), tools or {}, keys)


def clock_of(home: Path) -> Clock:
    """The wall's; where the file `clock` of a house holds a moment, as in a simulated year, time stands still there."""
    try:
        return SimulatedClock(datetime.fromisoformat((home / "clock").read_text().strip()))
    except FileNotFoundError:
        return WallClock()


def database_url(settings: Settings, service: str) -> str:
    """Where a service keeps its tables. Raises HouseError where it would be spoken to in the clear."""
    if clear := database_in_the_clear(settings):
        raise HouseError(f"{clear.says}. {clear.do}")
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.home / service}.sqlite"


def open_database(settings: Settings, service: str) -> Database:
    return Database(database_url(settings, service), service, settings.durable)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The secret that turns staff numbers into refs, and those before it, the newest first; an embedded house makes its
    own once. Raises HouseError.
    """
    if settings.secret is not None:
        old = settings.old_secrets.get_secret_value().split() if settings.old_secrets else []
        return _long_enough([settings.secret.get_secret_value(), *old], "NAAST_SECRET")
    if settings.database_url is not None:
        raise HouseError("NAAST_SECRET is not set: every service of a deployment needs the same one.")
    path = settings.home / SECRETS
    if not path.exists():
        private.write(path, new_secret())
    return _long_enough(path.read_text().split() or [""], str(path))


def new_secret() -> str:
    return secrets.token_urlsafe(SHORTEST)


def _long_enough(found: list[str], where: str) -> tuple[str, ...]:
    if min(len(secret.encode()) for secret in found) < SHORTEST:
        raise HouseError(f"{where} is too short to keep staff numbers secret: it must have {SHORTEST} bytes at least.")
    return tuple(found)


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
        old_secrets=common.old_secrets,
    )
    if service.forget is not None:
        engine.forget = service.forget(running)
    if service.after is not None:
        engine.after = service.after(running)
    shelves = (*engine_shelves(common.settings), *(service.shelves(running) if service.shelves is not None else ()))
    tables = [table.name for table in service.metadata.sorted_tables]
    own = Sweeper(service.name, database, common.clock, common.metrics, shelves, tables)
    engine.sweepers = (own, common.keys_sweeper)
    return running
