"""One URL, two databases: SQLite (WAL, fully synchronous) for an embedded house, PostgreSQL for a distributed one.

On PostgreSQL every service has a schema of its own, reached by `search_path`, so that the same statements run on both.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import DateTime, Dialect, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from shared.passing import is_collision
from shared.postgres import PostgresEngine
from shared.sqlite import SqliteEngine
from shared.transaction import Transaction

__all__ = [
    "Database",
    "Transaction",
    "UTCDateTime",
    "create_schema",
    "service_metadata",
]

T = TypeVar("T")

#: How often work is done whose transaction collides with others.
_RETRIES = 5
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, always UTC-aware; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def service_metadata() -> MetaData:
    """Metadata of one service, so that two services can both own a table called journal."""
    return MetaData(naming_convention=_NAMING)


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


class Database:
    """The database of one service: transactions that write, and reads that never wait for them."""

    def __init__(self, url: str, schema: str, durable: bool = True) -> None:
        """durable: False lets SQLite leave the writing to the operating system, for a simulation that nobody keeps."""
        self.schema = schema
        self.is_sqlite = url.startswith("sqlite")
        self.url = url
        self.engine: PostgresEngine | SqliteEngine = (
            SqliteEngine(url, durable) if self.is_sqlite else PostgresEngine(url, schema)
        )
        #: Whether files may still hold what was deleted; after a start nobody knows.
        self.unclean = not self.is_sqlite
        #: On SQLite writers of this process queue up instead of waiting for a file lock.
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """One transaction that writes. On SQLite whoever else waits goes first, for it works in the thread of all."""
        if self.is_sqlite:
            await asyncio.sleep(0)
        async with self._turn, self.engine.transaction() as c:
            yield c

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Does the work in one transaction, and again at once where another one got in its way (deadlock,
        serialization).
        """
        for _ in range(_RETRIES - 1):
            try:
                return await self._once(work)
            except Exception as error:
                if not is_collision(error):
                    raise
        return await self._once(work)

    async def _once(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self.begin() as c:
            return await work(c)

    @asynccontextmanager
    async def alter(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that changes tables."""
        async with self._turn, self.engine.begin() as c:
            yield c

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A connection for queries, each of which sees what is committed by then."""
        async with self.engine.reading() as connection:
            yield connection

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.read() as connection:
                await connection.execute(text("select 1"))
        except (DBAPIError, OSError):
            return False
        return True

    async def rehearse(self, statement: str) -> None:
        """Does a statement and undoes it. Raises what stands in its way."""
        with contextlib.suppress(_Undone):
            async with self.begin() as c:
                await c.execute(text(statement))
                raise _Undone

    async def scrub(self) -> bool:
        """Lets nothing of what was deleted stay in the log that SQLite writes ahead; False: somebody reads, try again.

        On PostgreSQL it is only noted, for `rewrite`.
        """
        if not isinstance(self.engine, SqliteEngine):
            self.unclean = True
            return True
        return self.engine.scrub()

    async def rewrite(self, tables: Iterable[str]) -> None:
        """Writes these tables and their indexes anew on PostgreSQL, because a row that was deleted stays in the file,
        and a plain vacuum leaves its bytes where they were. One after the other, each locked meanwhile; one that
        somebody else uses is left as it is, and all are written again the next time.
        """
        if isinstance(self.engine, PostgresEngine):
            self.unclean = False
            for table in tables:
                self.unclean |= not await self.engine.rewrite(table)

    async def close(self) -> None:
        await self.engine.dispose()


async def create_schema(database: Database, metadata: MetaData) -> None:
    """Makes the schema and its tables where they are missing (tests and new embedded houses; else Alembic does)."""
    async with database.alter() as connection:
        if not database.is_sqlite:
            await connection.execute(text(f'create schema if not exists "{database.schema}"'))
        await connection.run_sync(metadata.create_all)
