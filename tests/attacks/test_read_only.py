"""While PostgreSQL takes no writes nothing is set aside or delivered too often: what comes waits, and goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from shared.bus import patience, topology
from shared.engine.engine import Engine
from shared.messages import write
from tests.engine.house import publish, waiting_in
from tests.engine.place import Place, eventually, rows, state
from tests.engine.rabbit_words import at_work, holds
from tests.engine.toy import Case, Publisher, talk

#: More attempts than deliveries that the broker allows.
OFTEN = topology.DELIVERY_LIMIT + 5


@pytest.fixture
async def place(postgres_url: str) -> AsyncIterator[Place]:
    place = Place(postgres_url, "", ("amqp",))
    async with place.closing:
        yield place


@pytest.fixture
def other() -> Publisher:
    return Publisher()


@asynccontextmanager
async def read_only(url: str) -> AsyncIterator[None]:
    """The database takes no writes, as on a standby or where its owner has said so."""
    plain, _, name = url.replace("+asyncpg", "").rpartition("/")
    server = await asyncpg.connect(f"{plain}/postgres")
    try:
        await _set(server, name, "on")
        yield
    finally:
        await _set(server, name, "off")
        await server.close()


async def _set(server: asyncpg.Connection, name: str, word: str) -> None:
    await server.execute(f"alter database {name} set default_transaction_read_only = {word}")
    await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)


def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for moments only; what was given back to the broker would soon be delivered too often."""
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(patience, "LONGEST_RETURN", 0.01)


def waited(place: Place, reason: str) -> float:
    labels = {"service": "matching", "reason": reason}
    return place.metrics.registry.get_sample_value("naast_waits_total", labels) or 0.0


async def test_facts_wait_while_the_database_is_read_only(
    place: Place, engine: Engine, amqp_url: str, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_haste(monkeypatch)
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "followup.conversation_held", write(other(talk("c-1", 1))))
        await eventually(lambda: _has_talks(engine, 1))
        async with read_only(place.url):
            await publish(amqp_url, "followup.conversation_held", write(other(talk("c-1", 2))))
            await eventually(lambda: _often(place, "read_only"))
            assert await rows(engine, "dead_letter") == []
            assert await waiting_in(amqp_url, topology.dead_queue("matching")) == 0
        await eventually(lambda: _has_talks(engine, 2))
    assert await rows(engine, "dead_letter") == []
    assert await holds(amqp_url, "matching", 0)


async def test_reports_wait_while_the_database_is_read_only(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_haste(monkeypatch)
    taken: list[bytes] = []

    async def take(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        async with engine.database.begin() as c:
            await engine.store.bury(c, [])
            await c.driver.execute("insert into received values ('report', 'example', '', now())")
        taken.append(body)

    async with at_work(place, engine, amqp_url, take):
        async with read_only(place.url):
            await publish(amqp_url, "example", b"{}", topology.REPORTS)
            await eventually(lambda: _often(place, "read_only"))
            assert await waiting_in(amqp_url, topology.dead_queue(topology.REPORTS)) == 0
        await eventually(lambda: holds(amqp_url, topology.REPORTS, 0))
        await eventually(lambda: _is_there(taken))
    assert taken == [b"{}"]


async def _often(place: Place, reason: str) -> bool:
    return waited(place, reason) > OFTEN


async def _has_talks(engine: Engine, count: int) -> bool:
    found = None
    with suppress(DBAPIError):  # the connection may be one of those that were ended
        found = await state(engine, Case, "c-1")
    return found is not None and len(found.talks) == count


async def _is_there(found: list[bytes]) -> bool:
    return bool(found)
