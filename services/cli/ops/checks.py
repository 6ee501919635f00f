"""What `naast doctor` looks at: each look gives a finding, and what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.cli.ops import trust
from services.cli.ops.finding import Finding

if TYPE_CHECKING:
    from shared.settings import Settings


async def look(settings: Settings) -> AsyncIterator[Finding]:
    yield _python()
    yield trust.home(settings.home)
    yield await _lock(settings)
    yield trust.secret(settings)
    for finding in _hospitals(settings.hospitals):
        yield finding
    for finding in look_at_days(settings.hospitals, datetime.now(UTC).date()):
        yield finding
    for finding in await _databases(settings):
        yield finding
    for finding in await look_at_kept_copies(settings):
        yield finding
    yield await trust.broker(settings)
    yield await trust.mail(settings)
    yield await _clock(settings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "good", f"{version} in {sys.prefix}")


async def _lock(settings: Settings) -> Finding:
    from services.cli.client import running_at

    if settings.url:
        return await _deployment(settings.url)
    if settings.amqp_url is not None:
        return Finding("house", "look", "where the services answer is not set", "Set NAAST_URL.")
    where = await running_at(settings.home)
    if where:
        return Finding("house", "good", f"runs at {where}")
    if is_locked(settings.home / "lock"):
        return Finding("house", "look", "another process works in it", "Wait for it; or find and stop it.")
    return Finding("house", "look", "does not run, so its clocks stand still", "Keep them running: naast up")


async def _deployment(where: str) -> Finding:
    """Whether every service answers where NAAST_URL says."""
    import httpx2 as httpx

    from services.cli.ops.database import PLACES
    from services.house.routes import address

    silent = []
    async with httpx.AsyncClient(timeout=5) as http:
        for service in PLACES[1:]:
            try:
                await http.get(f"{address(where, service)}/health/live")
            except (httpx.TransportError, KeyError):
                silent.append(service)
    if silent:
        says = f"these do not answer where NAAST_URL says: {', '.join(silent)}"
        return Finding("house", "bad", says, "Start them, or correct NAAST_URL.")
    return Finding("house", "good", "the services answer where NAAST_URL says")


def is_locked(path: Path) -> bool:
    import fcntl

    with contextlib.suppress(OSError), path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _hospitals(root: Path) -> Iterator[Finding]:
    from services.house.books import mistakes
    from shared.hospital import Hospitals

    hospitals = Hospitals(root, mistakes)
    if not len(hospitals) and not hospitals.problems:
        yield Finding("hospitals", "look", f"there is none in {root}", "Make one: naast hospital new <id>")
    for id, problem in hospitals.problems.items():
        for field, _, do in problem.mistakes:
            says = f"{id}: {field}: {do}" if field else f"{id}: {do}"
            yield Finding("hospital", "bad", says, _correct(root / id))
    for id, hospital in hospitals.items():
        if hospital.practice:
            open_ = ", ".join(hospital.unanswered)
            do = f"Settle these and write them under [answers] in {root / id / 'hospital.toml'}."
            yield Finding("hospital", "look", f"{id}: practises, no notice leaves; still open: {open_}", do)
        else:
            yield Finding("hospital", "good", f"{id}: {hospital.name}")


def _correct(folder: Path) -> str:
    file = folder / "hospital.toml"
    return f"Correct {file}; it is read again within seconds. What was in force stays so until naast starts again."


def look_at_days(root: Path, today: date) -> Iterator[Finding]:
    """Where the holidays of every country come from, and in time that a table will end."""
    from shared.hospital import Hospitals
    from shared.hospital.country_days import library_version, table_of

    library = f"the library holidays {library_version()}"
    for country in sorted({hospital.country for hospital in Hospitals(root).values()}):
        table = table_of(country)
        if table is None:
            yield Finding("days", "good", f"{country}: holidays from {library}")
        elif today.year < table.years[-1]:
            yield Finding(
                "days", "good", f"{country}: holidays from naast's own table, to the end of {table.years[-1]}"
            )
        else:
            says = f"{country}: the table of holidays ends with {table.years[-1]}; then {library} goes on"
            see = f"naast hospital show --year {table.years[-1] + 1}"
            yield Finding("days", "look", says, f"Take a newer naast, or put in hospital.toml what is otherwise: {see}")


async def _databases(settings: Settings) -> list[Finding]:
    from services.cli.ops.database import PLACES
    from shared.transport import database_in_the_clear

    if clear := database_in_the_clear(settings):
        return [Finding("database", "bad", clear.says, clear.do)]
    return [await _database(settings, name) for name in PLACES]


async def _database(settings: Settings, name: str) -> Finding:
    from sqlalchemy import text

    from services.house.parts import database_url
    from shared.db import Database
    from shared.migrate import current, newest

    if settings.database_url is None and not (settings.home / f"{name}.sqlite").exists():
        return Finding(name, "good", "its database will be made when it is needed")
    database = Database(database_url(settings, name), name)
    try:
        if not await asyncio.wait_for(database.ping(), 10):
            return Finding(name, "bad", "its database does not answer", "Start it, or correct NAAST_DATABASE_URL.")
        has, wants = await current(database), newest("shared" if name == "access" else f"services.{name}")
        if has != wants:
            return Finding(name, "look", f"its tables are at {has or 'nothing'}, not {wants}", "naast db upgrade")
        if name == "access":
            return Finding(name, "good", f"its tables are at {has}")
        async with database.read() as c:
            dead = (await c.execute(text("select count(*) from dead_letter"))).scalar_one()
            waits = (await c.execute(text("select count(*) from pending"))).scalar_one()
    except TimeoutError:
        return Finding(name, "bad", "its database does not answer", "Start it, or correct NAAST_DATABASE_URL.")
    finally:
        await database.close()
    if dead:
        return Finding(name, "look", f"{dead} messages were set aside", "See them: naast dead-letters list")
    return Finding(name, "good", f"its tables are at {has}; waiting clocks and letters: {waits}")


async def look_at_kept_copies(settings: Settings) -> list[Finding]:
    """Where PostgreSQL itself keeps what was erased for a time: its log, and what the log is copied to."""
    from sqlalchemy import text

    from services.house.parts import open_database

    if settings.database_url is None:
        return []
    database = open_database(settings, "access")
    try:
        async with database.read() as c:
            row = (await c.execute(text("select current_setting('wal_level'), current_setting('archive_mode')"))).one()
    except Exception:
        return []  # that it does not answer has been said
    finally:
        await database.close()
    level, archive = row
    if archive != "off":
        says = f"its log is archived (wal_level {level}, archive_mode {archive}) and holds what was erased"
        return [Finding("erasure", "look", says, "Keep that archive no longer than backups: docs/security.md.")]
    return [Finding("erasure", "good", f"its log is not archived (wal_level {level}, archive_mode {archive})")]


async def _clock(settings: Settings) -> Finding:
    """The clock of this machine must not stand before what was already written down, nor long after."""
    from shared.engine.held import OFF

    still = settings.home / "clock"
    if still.exists():
        return Finding("clock", "look", "stands still in this house", f"Let it run: remove {still}")
    latest = await _latest(settings)
    now = datetime.now(UTC)
    if latest is not None and latest > now + timedelta(seconds=2):
        says = f"this machine's clock is behind what was noted at {latest:%Y-%m-%d %H:%M} UTC"
        return Finding("clock", "bad", says, "Set the clock (NTP).")
    if latest is not None and latest < now - OFF:
        says = f"nothing was said since {latest:%Y-%m-%d}; timers and letters wait"
        return Finding("clock", "look", says, "If the clock of this machine is right: naast clock accept")
    return Finding("clock", "good", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _latest(settings: Settings) -> datetime | None:
    """The moment of what was said last, of the services whose database answers."""
    from sqlalchemy import text

    from services.cli.ops.database import PLACES
    from services.house.parts import database_url
    from shared.db import Database
    from shared.transport import database_in_the_clear

    found: list[datetime] = []
    for name in PLACES[1:] if not database_in_the_clear(settings) else ():
        if settings.database_url is None and not (settings.home / f"{name}.sqlite").exists():
            continue
        database = Database(database_url(settings, name), name)
        with contextlib.suppress(Exception):
            async with database.read() as c:
                query = text("select event from journal where due_at is null order by seq desc limit 1")
                found += [_time_of(event) for event in (await c.execute(query)).scalars()]
        await database.close()
    return max(found, default=None)


def _time_of(event: Any) -> datetime:
    from shared.messages import read

    return read(event.encode()).time
