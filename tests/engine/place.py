"""Where the services of one test live: their database, their clock, and what can be seen of them from outside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from shared.clock import SimulatedClock
from shared.db import Database, Transaction, create_schema
from shared.engine.engine import Engine, Outcome
from shared.engine.sql.choice import store_of
from shared.engine.store import Rows
from shared.engine.work import Memory
from shared.engine.world import Key, State
from shared.ids import Mint
from shared.messages import Event, read
from shared.metrics import Metrics
from tests.effort import PATIENCE
from tests.engine.toy import HOSPITAL, MATCHING, NOW, Settled, Toy


class Place:
    """`url` is for one test alone; `{service}` in it is replaced."""

    def __init__(self, url: str, schema: str, destinations: tuple[str, ...] = ()) -> None:
        self.url, self.schema, self.destinations = url, schema, destinations
        self.clock = SimulatedClock(NOW)
        self.metrics = Metrics()
        self.settled = Settled()
        self.closing = AsyncExitStack()

    async def callers(self, toy: Toy = MATCHING) -> tuple[Engine, Engine]:
        """What two who call at once have before them: on PostgreSQL two replicas; on SQLite, where a house is one
        process, the same engine.
        """
        one = await self.engine(toy)
        return one, one if self.url.startswith("sqlite") else await self.engine(toy)

    async def engine(self, toy: Toy = MATCHING, **changes: Any) -> Engine:
        """A process of a service, which shares nothing with another but its tables."""
        name = toy.protocol.name
        database = Database(self.url.format(service=name), f"{self.schema}{name}")
        self.closing.push_async_callback(database.close)
        await create_schema(database, toy.metadata)
        after = changes.pop("after", None)
        engine = Engine(
            toy.protocol,
            database,
            store_of(toy.metadata, toy.states, database.is_sqlite),
            clock=self.clock,
            mint=Mint(self.clock),
            hospital=self.settled,
            destinations=changes.pop("destinations", self.destinations),
            metrics=self.metrics,
            **changes,
        )
        if after is not None:
            trouble(engine, after)
        return engine


#: Is told what a transaction took and said, before it commits, and may raise.
After = Callable[[object, list[Event]], Awaitable[None]]


def trouble(engine: Engine, after: After) -> None:
    """Lets something more happen in every transaction of this engine in which something was taken."""
    write = engine._write

    async def more(c: Transaction, memory: Memory, seen: Rows) -> Outcome:
        outcome = await write(c, memory, seen)
        if memory.taken:
            await after(c, memory.taken + [one.event for one in memory.said if one.due_at is None])
        return outcome

    engine._write = more  # type: ignore[method-assign]


async def state(engine: Engine, kind: type[State], id: str, hospital: str = HOSPITAL) -> Any:
    """What the service remembers; None when there is no row."""
    table = engine.store.states[kind.__name__].table
    query = select(table.c.state).where(table.c.hospital == hospital, table.c.id == id)
    async with engine.database.read() as c:
        body = (await c.execute(query)).scalar_one_or_none()
    return None if body is None else kind.model_validate_json(body)


async def remembered(engine: Engine) -> dict[Key, str]:
    """Every state as it is stored, with how much was said about it."""
    found = {}
    for name, kind in engine.store.states.items():
        t = kind.table
        async with engine.database.read() as c:
            rows = (await c.execute(select(t.c.hospital, t.c.id, t.c.said, t.c.state))).all()
        found.update({Key(name, hospital, id): f"{said} {body}" for hospital, id, said, body in rows})
    return found


async def said(engine: Engine) -> list[str]:
    """The journal, oldest first: name, subject and, of facts, the sequence."""
    async with engine.database.read() as c:
        bodies = (await c.execute(select(engine.store.t.journal.c.event).order_by(engine.store.t.journal.c.seq))).all()
    events = [read(body.encode()) for (body,) in bodies]
    return [" ".join(filter(None, (e.data.name, e.subject, str(e.sequence or "")))) for e in events]


async def rows(engine: Engine, table: str, *columns: str) -> list[Any]:
    """The rows of one of the engine's tables, or one column of them."""
    t = engine.store.metadata.tables[table]
    async with engine.database.read() as c:
        found = (await c.execute(select(*(t.c[name] for name in columns)) if columns else select(t))).all()
    return sorted(row[0] if len(columns) == 1 else tuple(row) for row in found)


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float = PATIENCE / 5) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - it looks from outside
            await asyncio.sleep(0.02)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Every message that its transactions send to the database meanwhile."""
    sent: list[str] = []
    transaction = engine.database.engine.transaction

    @asynccontextmanager
    async def listened() -> AsyncIterator[Transaction]:
        async with transaction() as c:
            listen, deaf = _ears(c.driver, sent)
            listen()
            yield c
        deaf()

    with patch.object(engine.database.engine, "transaction", listened):
        yield sent


def _ears(driver: Any, sent: list[str]) -> tuple[Callable[[], None], Callable[[], None]]:
    """What makes a connection tell its statements, and what ends that."""
    if isinstance(driver, sqlite3.Connection):
        return partial(driver.set_trace_callback, sent.append), partial(driver.set_trace_callback, None)

    def heard(record: Any) -> None:
        sent.append(record.query)

    return partial(driver.add_query_logger, heard), partial(driver.remove_query_logger, heard)
