"""One URL, two databases: SQLite (WAL, fully synchronous) for an embedded house, PostgreSQL for a distributed one.

On PostgreSQL every service has a schema of its own, reached by `search_path`, so that the same statements run on both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "temp_store=MEMORY",
    "secure_delete=ON",
)
#: SQLSTATE classes after which the same work may simply be done again: connection lost, rollback, resources,
#: operator intervention.
_PASSING = ("08", "40", "53", "55", "57")
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


class Database:
    """The database of one service: transactions that write, and reads that never wait for them."""

    def __init__(self, url: str, schema: str, durable: bool = True) -> None:
        """durable: False lets SQLite leave the writing to the operating system, for a simulation that nobody keeps."""
        self.schema = schema
        self.is_sqlite = url.startswith("sqlite")
        self.url = url
        self.engine: AsyncEngine | _DirectEngine = (
            _DirectEngine(url, durable) if self.is_sqlite else _postgres(url, schema)
        )
        self._writing = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction; on SQLite writers of this process queue up instead of waiting for a file lock."""
        async with AsyncExitStack() as stack:
            if self._writing is not None:
                await stack.enter_async_context(self._writing)
            yield await stack.enter_async_context(self.engine.begin())

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries."""
        async with self.engine.connect() as connection:
            # Each query is a transaction of its own, without two more messages to and fro.
            yield connection if self.is_sqlite else await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.read() as connection:
                await connection.execute(text("select 1"))
        except (DBAPIError, OSError):
            return False
        return True

    async def scrub(self) -> bool:
        """Lets nothing of what was deleted stay in the log that SQLite writes ahead; False: somebody reads, try again.

        PostgreSQL does so by itself, when it vacuums and reuses its log.
        """
        if not isinstance(self.engine, _DirectEngine):
            return True
        return self.engine.scrub()

    async def close(self) -> None:
        await self.engine.dispose()


def is_passing(error: BaseException) -> bool:
    """Whether this error will pass without anything being wrong with the work: connection, deadlock, serialization,
    shutdown.
    """
    if isinstance(error, OSError | TimeoutError | PoolTimeout):
        return True
    # A connection that cannot be made raises what the driver raises, without SQLAlchemy's wrapping.
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(cause, "sqlstate", None) or "")
    if state:
        return state[:2] in _PASSING
    if not isinstance(error, DBAPIError) or _is_refused_value(cause):
        return False
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _is_refused_value(cause: BaseException | None) -> bool:
    """Whether the driver itself refused a value, before the database saw it: it calls that an interface error."""
    return isinstance(cause, ValueError) or isinstance(getattr(cause, "__cause__", None), ValueError)


def is_collision(error: DBAPIError) -> bool:
    """Whether two transactions got in each other's way (deadlock, serialization): doing it again at once helps."""
    return str(getattr(error.orig, "sqlstate", None) or "").startswith("40")


def error_code(error: BaseException) -> str:
    """A content-free name for an error: its SQLSTATE or its class."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"sqlstate_{state}" if state else type(error).__name__


class _DirectConnection:
    """SQLite without a thread of its own: a statement takes less time than handing it to another thread (decision 002).

    It has the part of SQLAlchemy's AsyncConnection that the house uses.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        return self._connection.execute(*arguments, **options)

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        return self._connection.scalar(*arguments, **options)

    async def run_sync(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return work(self._connection, *arguments)


class _DirectEngine:
    """Connections to one SQLite file, for the one thread that the event loop runs in."""

    def __init__(self, url: str, durable: bool) -> None:
        self.sync_engine = create_engine(url, pool_size=4)
        event.listen(self.sync_engine, "connect", _on_connect if durable else _on_connect_in_haste)
        event.listen(self.sync_engine, "begin", _on_begin)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        with self.sync_engine.begin() as connection:
            yield _DirectConnection(connection)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        with self.sync_engine.connect().execution_options(reading=True) as connection:
            yield _DirectConnection(connection)

    def scrub(self) -> bool:
        """Moves the log into the file and empties it. It waits for nobody: readers are of this very thread."""
        connection = self.sync_engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("pragma busy_timeout=0")
            busy, _, _ = cursor.execute("pragma wal_checkpoint(truncate)").fetchone()
            cursor.execute("pragma busy_timeout=30000")
            cursor.close()
        finally:
            connection.close()
        return not busy

    async def dispose(self) -> None:
        self.sync_engine.dispose()


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def _on_connect_in_haste(connection: Any, record: object) -> None:
    _on_connect(connection, record)
    connection.execute("pragma synchronous=OFF")


def _on_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("begin" if reading else "begin immediate")


def _postgres(url: str, schema: str) -> AsyncEngine:
    settings = {"search_path": schema, "application_name": f"naast-{schema}", "plan_cache_mode": "force_custom_plan"}
    return create_async_engine(
        url,
        pool_size=8,
        max_overflow=4,
        connect_args={"server_settings": settings, "timeout": 5, "command_timeout": 60},
    )


async def create_schema(database: Database, metadata: MetaData) -> None:
    """Makes the schema and its tables where they are missing (tests and new embedded houses; else Alembic does)."""
    async with database.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text(f'create schema if not exists "{database.schema}"'))
        await connection.run_sync(metadata.create_all)
