"""The books of a deployment, read from outside: what each service has written down, wherever it keeps it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy import Table, and_, func, or_, select

from shared.clock import WallClock
from shared.db import Database
from shared.http.access import Access
from shared.messages import SERVICES, Event, heard_by, read
from tests.effort import PATIENCE

_CLOCK = WallClock()


class Books:
    """url_of: where a service keeps its tables. They are open between `open` and `close`."""

    def __init__(self, url_of: Callable[[str], str]) -> None:
        self._url_of = url_of
        self._databases: dict[str, Database] = {}

    async def close(self) -> None:
        """May be opened again: it opens itself."""
        for database in self._databases.values():
            await database.close()
        self._databases.clear()

    def access(self) -> Access:
        return Access(self._database("access"), _CLOCK)

    async def until_quiet(self, *, letters: bool = True) -> None:
        """Returns once nothing is due and everybody has heard everything. letters: and no letter is on its way."""
        async with asyncio.timeout(PATIENCE):
            calm = 0
            while calm < 2:
                calm = 0 if await self._is_busy(letters) else calm + 1
                await asyncio.sleep(0.02)

    async def states(self, service: str, kind: str, hospital: str) -> dict[str, dict[str, Any]]:
        """What a service remembers of each thing of this kind, by id."""
        table = _table(service, kind)
        found = await self._rows(service, select(table.c.id, table.c.state).where(table.c.hospital == hospital))
        return {id: json.loads(state) for id, state in found}

    async def journal(self, service: str, hospital: str) -> list[Event]:
        """What a service said, its facts in the order in which it said them about each subject."""
        table = _table(service, "journal")
        query = select(table.c.event).where(table.c.hospital == hospital).order_by(table.c.sequence, table.c.seq)
        return [read(event.encode()) for (event,) in await self._rows(service, query)]

    async def set_apart(self) -> dict[str, int]:
        """How much was not taken, or waits for something earlier; nothing that is zero."""
        found = {}
        for service in SERVICES:
            for name in ("dead_letter", "parked"):
                [(count,)] = await self._rows(service, select(func.count()).select_from(_table(service, name)))
                found[f"{service} {name}"] = count
        return {name: count for name, count in found.items() if count}

    async def _is_busy(self, letters: bool) -> bool:
        said, heard = {}, {}
        for service in SERVICES:
            journal, pending = _table(service, "journal"), _table(service, "pending")
            is_letter = pending.c.destination == "mail"
            moved = or_(pending.c.destination.not_in((service, "mail")), pending.c.due_at <= _CLOCK.now())
            due = or_(is_letter, moved) if letters else and_(~is_letter, moved)
            [(waiting,)] = await self._rows(service, select(func.count()).select_from(pending).where(due))
            if waiting:
                return True
            query = select(journal.c.type, func.count()).group_by(journal.c.type)
            said[service] = dict(await self._rows(service, query))
            positions = _table(service, "heard")
            total = select(positions.c.publisher, func.sum(positions.c.sequence)).group_by(positions.c.publisher)
            heard[service] = dict(await self._rows(service, total))
        meant = {by: heard_by(by) for by in SERVICES}
        return any(
            heard[by].get(name, 0) != sum(said[name].get(type, 0) for type in meant[by])
            for name in SERVICES
            for by in SERVICES
        )

    async def _rows(self, service: str, query: Any) -> list[tuple[Any, ...]]:
        async with self._database(service).read() as c:
            return [tuple(row) for row in await c.execute(query)]

    def _database(self, name: str) -> Database:
        if name not in self._databases:
            self._databases[name] = Database(self._url_of(name), name)
        return self._databases[name]


def _table(service: str, name: str) -> Table:
    table: Table = import_module(f"services.{service}.tables").metadata.tables[name]
    return table
