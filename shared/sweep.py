"""Nothing grows for ever: what is kept for a time goes when that is over, in small steps beside everything else.

A sweeper walks through its tables by their keys, a bounded number of rows a step, whatever their size; so it needs no
index of its own, holds no lock for long, and several replicas may sweep at once. After a whole round it rests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.clock import Clock
from shared.db import Database, Transaction
from shared.metrics import Metrics

#: Rows that one step looks at.
STEP = 500
#: Between two rounds.
REST = timedelta(hours=6)
#: Tables are written anew so long after the start at the earliest, and not more often than that.
FIRST_REWRITE, REWRITE = timedelta(hours=1), timedelta(hours=24)

#: A row's key.
Place = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rows of one step: beyond one place, up to another; None: the beginning, the end."""

    key: tuple[str, ...]
    beyond: Place | None
    upto: Place | None

    @property
    def where(self) -> str:
        """As SQL, its parameters from $1 on."""
        columns, n, parts = ", ".join(self.key), 1, list[str]()
        for sign, place in ((">", self.beyond), ("<=", self.upto)):
            if place is not None:
                parts.append(f"({columns}) {sign} ({', '.join(f'${n + i}' for i in range(len(place)))})")
                n += len(place)
        return " and ".join(parts) or "true"

    @property
    def values(self) -> list[Any]:
        return [*(self.beyond or ()), *(self.upto or ())]


class Shelf(Protocol):
    """One table whose rows are over some day. key: by what it is walked through."""

    @property
    def table(self) -> str: ...

    @property
    def key(self) -> tuple[str, ...]: ...

    async def clear(self, c: Transaction, stretch: Stretch, now: datetime) -> int:
        """Takes away what is over of these rows. Returns how many."""


def _itself(moment: datetime) -> Any:
    return moment


@dataclass(frozen=True, slots=True)
class Old:
    """Rows that are over `days` after something. over: SQL that says which, where {since} stands for the moment and
    {stretch} for the rows of this step; spelled: how the table spells a moment.
    """

    table: str
    key: tuple[str, ...]
    over: str
    days: int = 0
    spelled: Callable[[datetime], Any] = _itself

    async def clear(self, c: Transaction, stretch: Stretch, now: datetime) -> int:
        values = stretch.values
        over = self.over.format(since=f"${len(values) + 1}", stretch=stretch.where)
        if "{since}" in self.over:
            values.append(self.spelled(now - timedelta(days=self.days)))
        sql = f'delete from "{self.table}" where {stretch.where} and {over} returning 1'
        return len(await c.rows(sql, *values))


class Sweeper:
    """What sweeps the tables of one database. `service`: in whose name it is counted; `tables`: all that it has."""

    def __init__(
        self,
        service: str,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        shelves: Sequence[Shelf],
        tables: Sequence[str],
    ) -> None:
        self._service, self._database, self._clock, self._metrics = service, database, clock, metrics
        self._shelves, self._tables = tuple(shelves), tuple(tables)
        self._at = 0
        self._beyond: Place | None = None
        self._rests_until = clock.now()
        self._rewrites_from = clock.now() + FIRST_REWRITE

    async def step(self) -> int:
        """Looks at the next few rows. Returns how many went; nothing while it rests."""
        now = self._clock.now()
        if now < self._rests_until or not self._shelves:
            return 0
        shelf = self._shelves[self._at]
        stretch = await self._next(shelf)
        gone = await self._database.transact(lambda c: shelf.clear(c, stretch, now))
        self._metrics.swept(self._service, shelf.table, gone)
        self._beyond = stretch.upto
        if stretch.upto is None:
            await self._end_of_shelf(now)
        return gone

    async def round(self) -> int:
        """Looks at everything once, now. Returns how many rows went."""
        self._at, self._beyond, self._rests_until, gone = 0, None, self._clock.now(), 0
        while self._clock.now() >= self._rests_until:
            gone += await self.step()
        return gone

    async def rewrite(self) -> None:
        """Writes the tables anew, so that their files hold nothing of what was deleted."""
        await self._database.rewrite(self._tables)

    async def _next(self, shelf: Shelf) -> Stretch:
        beyond = Stretch(shelf.key, self._beyond, None)
        columns = ", ".join(shelf.key)
        sql = f'select {columns} from "{shelf.table}" where {beyond.where} order by {columns} limit 1 offset {STEP - 1}'
        async with self._database.read() as c:
            last = await c.rows(sql, *beyond.values)
        return Stretch(shelf.key, self._beyond, tuple(last[0]) if last else None)

    async def _end_of_shelf(self, now: datetime) -> None:
        self._at = (self._at + 1) % len(self._shelves)
        if self._at:
            return
        self._rests_until = now + REST
        if self._database.unclean and now >= self._rewrites_from:
            self._rewrites_from = now + REWRITE
            await self.rewrite()
