"""A transaction on either database, for the engine's own statements and for those of SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError


class Transaction:
    """A transaction, or a connection for queries. `driver`: the asyncpg or sqlite3 connection itself, for what must be
    fast; `execute` takes statements of SQLAlchemy, in the same transaction.
    """

    def __init__(self, core: Any, driver: Any) -> None:
        self.core, self.driver, self.dialect = core, driver, core.dialect

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        return await self.core.execute(*arguments, **options)

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        return await self.core.scalar(*arguments, **options)

    async def run_sync(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await self.core.run_sync(work, *arguments)

    async def rows(self, sql: str, *values: Any) -> Sequence[Any]:
        """What a query gives that both databases understand; its parameters are $1, $2 and so on."""
        if isinstance(self.driver, sqlite3.Connection):
            given = [as_text(one) if isinstance(one, datetime) else one for one in values]
            return self.driver.execute(_for_sqlite(sql), given).fetchall()
        found: Sequence[Any] = await self.driver.fetch(sql, *values)
        return found


def as_text(moment: datetime) -> str:
    """A moment as SQLAlchemy writes it into SQLite."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def told_alike(error: Exception) -> Exception:
    """An error of a driver as SQLAlchemy tells it; any other as it is."""
    if isinstance(error, DBAPIError) or not (isinstance(error, sqlite3.Error) or _is_of_asyncpg(error)):
        return error
    sure = isinstance(error, sqlite3.OperationalError) or not (
        isinstance(error, sqlite3.Error | ValueError) or getattr(error, "sqlstate", None)
    )
    return (OperationalError if sure else DBAPIError)("", None, error, hide_parameters=True)


def _is_of_asyncpg(error: Exception) -> bool:
    return type(error).__module__.startswith("asyncpg.")


@cache
def _for_sqlite(sql: str) -> str:
    return sql.replace("$", "?")
