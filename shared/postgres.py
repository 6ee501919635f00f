"""PostgreSQL: a schema of its own for each service, and connections that stay open between transactions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.transaction import Transaction, told_alike

#: Connections that stay open for the next transaction.
_IDLE = 4


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
        writer = await self._connection()
        try:
            await writer.driver.execute("begin")
            yield writer
            await writer.driver.execute("commit")
        except Exception as error:
            await self._undo(writer)
            raise told_alike(error) from error
        except BaseException:
            await _drop(writer)
            raise
        await self._put_back(writer)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        reader = await self._connection()
        try:
            yield reader
        except Exception as error:
            await self._undo(reader)
            raise told_alike(error) from error
        except BaseException:
            await _drop(reader)
            raise
        await self._put_back(reader)

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
            writer = self._idle.pop()
            if not writer.driver.is_closed():
                return writer
            await _drop(writer)
        core = await self.async_engine.connect()
        return Transaction(core, (await core.get_raw_connection()).driver_connection)

    async def _undo(self, writer: Transaction) -> None:
        """What was begun is rolled back; where that is not sure the connection goes, and the server does it."""
        if not writer.driver.is_closed():
            with contextlib.suppress(Exception):
                if writer.driver.is_in_transaction():
                    await writer.driver.execute("rollback")
                return await self._put_back(writer)
        await _drop(writer)

    async def _put_back(self, writer: Transaction) -> None:
        if len(self._idle) < _IDLE:
            self._idle.append(writer)
        else:
            await writer.core.close()


async def _drop(writer: Transaction) -> None:
    writer.driver.terminate()
    with contextlib.suppress(Exception):
        await writer.core.invalidate()
    with contextlib.suppress(Exception):
        await writer.core.close()
