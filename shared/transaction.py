"""A transaction on either database, for the engine's own statements and for those of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
