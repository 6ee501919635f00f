"""Whoever is ready can do its work: a write is tried, and one word says why it cannot be made."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from shared.db import Database
from shared.engine.engine import Engine
from shared.http import readiness
from shared.http.readiness import Readiness, writes
from tests.engine.place import rows

NOTE = "insert into received (key, hospital, correlation, at) values ('x', '', '', '2000-01-01 00:00:00')"


async def word(database: Database) -> str:
    return (await Readiness({"database": writes(database, NOTE)})())["database"]


async def test_a_write_is_tried_and_nothing_of_it_stays(engine: Engine) -> None:
    assert [await word(engine.database), await word(engine.database)] == ["ok", "ok"]
    assert await rows(engine, "received") == []


async def test_a_table_that_is_missing_is_told(engine: Engine) -> None:
    async with engine.database.begin() as c:
        await c.execute(engine.store.t.received.delete())
    async with engine.database.alter() as c:
        await c.run_sync(lambda connection: engine.store.t.received.drop(connection))
    assert await word(engine.database) == "missing"


@pytest.fixture
async def role(postgres_url: str) -> AsyncIterator[tuple[asyncpg.Connection, Database]]:
    """Somebody who may change the rights of a role, and a database as that role has it."""
    owner = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    name = f"role_{postgres_url.rpartition('/')[2]}"
    await owner.execute(
        "create schema s; create table s.received (key text, hospital text, correlation text, at timestamptz)"
    )
    await owner.execute(f"create role {name} login password 'naast'; grant usage on schema s to {name}")
    await owner.execute(f"grant insert on s.received to {name}")
    database = Database(postgres_url.replace("postgres:naast", f"{name}:naast"), "s")
    try:
        yield owner, database
    finally:
        await database.close()
        await owner.execute(f"drop owned by {name}; drop role {name}")
        await owner.close()


async def test_a_right_that_was_taken_away_is_told(role: tuple[asyncpg.Connection, Database]) -> None:
    owner, database = role
    assert await word(database) == "ok"
    await owner.execute("revoke insert on s.received from public, " + database.url.split("//")[1].split(":")[0])
    assert await word(database) == "rights"


async def test_a_database_that_is_read_only_is_told(role: tuple[asyncpg.Connection, Database]) -> None:
    owner, database = role
    await owner.execute(f"alter database {database.url.rpartition('/')[2]} set default_transaction_read_only = on")
    assert await word(database) == "read_only"


async def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    database = Database("postgresql+asyncpg://postgres:naast@127.0.0.1:9/postgres", "s")
    assert await word(database) == "connection"
    await database.close()


async def test_what_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_PATIENCE", 0.05)

    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    assert await Readiness({"one": never})() == {"one": "slow"}


async def test_many_who_look_at_once_cost_one_look() -> None:
    looks: list[int] = []

    async def look() -> str:
        looks.append(os.getpid())
        return ""

    ready = Readiness({"one": look})
    assert await asyncio.gather(*(ready() for _ in range(50))) == [{"one": "ok"}] * 50
    assert len(looks) == 1
