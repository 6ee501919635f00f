"""A service with nothing but timers: its own tables, filled in bulk, and its own engine on them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from shared.clock import SimulatedClock
from shared.db import Database, create_schema, service_metadata
from shared.engine.engine import Engine
from shared.engine.sql.choice import store_of
from shared.engine.tables import engine_tables
from shared.engine.world import Protocol
from shared.ids import Mint
from shared.messages import Event, write
from shared.messages.matching import AnswerDue
from shared.metrics import Metrics
from shared.sqlite import SqliteEngine

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
STEP = timedelta(milliseconds=1)
_JOURNAL = ("seq", "id", "hospital", "type", "subject", "sequence", "due_at", "event")
_PENDING = ("due_at", "seq", "destination")
#: Claims timers and finds nothing to do on them, as with a late one: what is left is the price of a timer as such.
_IDLE = Protocol("matching", (), touches=lambda event: (), evolve=lambda state, event: state, decide=lambda w, e: ())


@dataclass
class Stock:
    """Timers of one service in one database. `hold` adds rows, `fire` hands out what is due."""

    database: Database
    engine: Engine
    clock: SimulatedClock
    last: int = 0

    @classmethod
    async def open(cls, url: str) -> "Stock":
        metadata = service_metadata()
        engine_tables(metadata)
        database, clock = Database(url, "matching"), SimulatedClock(START)
        await create_schema(database, metadata)
        store = store_of(metadata, (), database.is_sqlite)
        engine = Engine(
            _IDLE,
            database,
            store,
            clock=clock,
            mint=Mint(clock),
            hospital=lambda id: None,  # type: ignore[arg-type,return-value]
            destinations=(),
            metrics=Metrics(),
        )
        return cls(database, engine, clock)

    async def hold(self, count: int, start: datetime) -> datetime:
        """Adds timers, one per millisecond from `start`, each with its row in the journal. Returns when the last is
        due.
        """
        first, self.last = self.last + 1, self.last + count
        moments = [(n, start + STEP * (n - first)) for n in range(first, self.last + 1)]
        journal, pending = _journal(moments), [(at, n, "matching") for n, at in moments]
        if self.database.is_sqlite:
            _into_sqlite(self.database, journal, pending)
        else:
            await _into_postgres(self.database, journal, pending)
        return moments[-1][1]

    async def fire(self, count: int, limit: int) -> float:
        """Seconds to claim `count` timers that are due, in transactions of up to `limit`."""
        loop, fired = asyncio.get_running_loop(), 0
        begun = loop.time()
        while fired < count:
            fired += await self.engine.fire(limit)
        return loop.time() - begun

    async def close(self) -> None:
        await self.database.close()


def _journal(moments: list[tuple[int, datetime]]) -> Iterator[tuple[Any, ...]]:
    sample = Event("@id", "lindenhof", START, AnswerDue(case="c-@subject", ask=1), correlation="@id", cause="@id")
    before, *between, after = write(sample).decode().replace("c-@subject", "@id").split("@id")
    for n, at in moments:
        id = f"0190f3c2-0000-7000-8000-{n:012}"
        yield n, id, "lindenhof", AnswerDue.type, f"c-{n:010}", None, at, id.join((before, *between, after))


def _into_sqlite(database: Database, journal: Iterator[tuple[Any, ...]], pending: list[tuple[Any, ...]]) -> None:
    assert isinstance(database.engine, SqliteEngine)
    with database.engine.sync_engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.executemany(
            "insert into journal values (?,?,?,?,?,?,?,?)", ((*row[:6], _text(row[6]), row[7]) for row in journal)
        )
        raw.executemany("insert into pending values (?,?,?)", ((_text(at), *row) for at, *row in pending))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


async def _into_postgres(
    database: Database, journal: Iterator[tuple[Any, ...]], pending: list[tuple[Any, ...]]
) -> None:
    connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
    try:
        options = {"schema_name": database.schema}
        await connection.copy_records_to_table("journal", records=journal, columns=_JOURNAL, **options)
        await connection.copy_records_to_table("pending", records=pending, columns=_PENDING, **options)
        await connection.execute(f'analyze "{database.schema}".pending; analyze "{database.schema}".journal')
    finally:
        await connection.close()
