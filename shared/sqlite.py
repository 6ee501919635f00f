"""SQLite in the thread of the event loop: one file, one connection that writes, and others that read beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url

from shared import private
from shared.transaction import Transaction, told_alike

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "temp_store=MEMORY",
    "secure_delete=ON",
)


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


class SqliteEngine:
    """Connections to one SQLite file, for the one thread that the event loop runs in."""

    def __init__(self, url: str, durable: bool) -> None:
        if path := make_url(url).database:
            private.file(Path(path))
        self.sync_engine = create_engine(url, pool_size=4)
        self._writer: Connection | None = None
        #: Connections for queries that nobody uses now; they hold no snapshot.
        self._readers: list[Connection] = []
        event.listen(self.sync_engine, "connect", _on_connect if durable else _on_connect_in_haste)
        event.listen(self.sync_engine, "begin", _on_begin)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        with self.sync_engine.begin() as connection:
            yield _DirectConnection(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """On the one connection that writes; SQLAlchemy takes part in it without beginning one of its own."""
        if self._writer is None:
            self._writer = self.sync_engine.connect().execution_options(begun=True)
        driver: Any = self._writer.connection.driver_connection
        try:
            driver.execute("begin immediate")
            yield Transaction(_DirectConnection(self._writer), driver)
            driver.execute("commit")
        except BaseException as error:
            if driver.in_transaction:
                driver.execute("rollback")
            if isinstance(error, Exception):
                raise told_alike(error) from error
            raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        reader = self._readers.pop() if self._readers else self.sync_engine.connect().execution_options(begun=True)
        try:
            yield Transaction(_DirectConnection(reader), reader.connection.driver_connection)
        except BaseException:
            reader.close()
            raise
        self._readers.append(reader)

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
        for connection in (self._writer, *self._readers):
            if connection is not None:
                connection.close()
        self._writer, self._readers = None, []
        self.sync_engine.dispose()


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def _on_connect_in_haste(connection: Any, record: object) -> None:
    _on_connect(connection, record)
    connection.execute("pragma synchronous=OFF")


def _on_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("begun"):
        connection.exec_driver_sql("begin immediate")
