"""PostgreSQL: a schema of its own for each service, and connections that stay open between transactions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.transaction import Transaction, told_alike

#: Connections that stay open for the next transaction.
_IDLE = 4
#: How long the writing of a table anew waits for those who use it, while others wait behind it; and seconds that it may
#: take.
_LOCK, _REWRITE = "2s", 600
#: SQLSTATE of a lock that was not to be had.
_IN_USE = "55P03"


class PostgresEngine:
    """Connections to one schema. Those that write stay open from one transaction to the next, and begin and commit by
    the driver; SQLAlchemy takes part in what they have begun, and begins nothing itself.
    """

    def __init__(self, url: str, schema: str) -> None:
        name = f"naast-{schema}"
        settings = {"search_path": schema, "application_name": name, "plan_cache_mode": "force_custom_plan"}
        limits = {"timeout": 5, "command_timeout": 60, "statement_cache_size": 250}
        self.async_engine = create_async_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=8,
            max_overflow=4,
            connect_args={"server_settings": settings, **limits},
        )
        self._idle: list[Transaction] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self.reading() as writer:
            await writer.driver.execute("begin")
            yield writer
            await writer.driver.execute("commit")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        connection = await self._connection()
        try:
            yield connection
        except Exception as error:
            await self._undo(connection)
            raise told_alike(error) from error
        except BaseException:
            await _drop(connection)
            raise
        await self._put_back(connection)

    async def rewrite(self, table: str) -> bool:
        """Writes a table anew, outside a transaction. False: it was in use."""
        async with self.async_engine.connect() as core:
            driver: Any = (await core.get_raw_connection()).driver_connection
            await driver.execute(f"set lock_timeout = '{_LOCK}'")
            try:
                await driver.execute(f'vacuum (full, analyze) "{table}"', timeout=_REWRITE)
            except Exception as error:
                if getattr(error, "sqlstate", "") != _IN_USE:
                    raise
                return False
            finally:
                await driver.execute("reset lock_timeout")
        return True

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self.async_engine.connect() as core:
            core = await core.execution_options(isolation_level="READ COMMITTED")
            async with core.begin():
                yield core

    async def dispose(self) -> None:
        while self._idle:
            await self._idle.pop().core.close()
        await self.async_engine.dispose()

    async def _connection(self) -> Transaction:
        while self._idle:
            connection = self._idle.pop()
            if not connection.driver.is_closed():
                return connection
            await _drop(connection)
        try:
            core = await self.async_engine.connect()
        except Exception as error:
            raise told_alike(error) from error
        return Transaction(core, (await core.get_raw_connection()).driver_connection)

    async def _undo(self, connection: Transaction) -> None:
        """What was begun is rolled back; where that is not sure the connection goes, and the server does it."""
        if not connection.driver.is_closed():
            with contextlib.suppress(Exception):
                if connection.driver.is_in_transaction():
                    await connection.driver.execute("rollback")
                return await self._put_back(connection)
        await _drop(connection)

    async def _put_back(self, connection: Transaction) -> None:
        if len(self._idle) < _IDLE:
            self._idle.append(connection)
        else:
            await connection.core.close()


async def _drop(connection: Transaction) -> None:
    connection.driver.terminate()
    with contextlib.suppress(Exception):
        await connection.core.invalidate()
    with contextlib.suppress(Exception):
        await connection.core.close()
