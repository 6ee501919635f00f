"""Who looked at whom: every read of a person or of a case, a row for each that was shown.

A look is kept before anything is shown; looks of one moment are kept together, in one transaction. Of a case that is
erased it stays known that somebody in some role looked at something, and when.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, bindparam, func, insert, select, update

from shared.clock import Clock
from shared.db import Database, Transaction, UTCDateTime
from shared.http.lookups import Lookups


@dataclass(frozen=True, slots=True)
class Look:
    """by: a ref, or the id of a key that is nobody's own. what: a code for what was read. about: refs of the cases and
    people shown.
    """

    id: str
    hospital: str
    by_role: str
    by: str
    what: str
    about: tuple[str, ...]
    at: datetime


def look_table(metadata: MetaData) -> Table:
    """A row for each case or person of a look; one with nobody for a look at an empty or a whole list."""
    texts = ("hospital", "about", "by_role", "by", "what")
    return Table(
        "look",
        metadata,
        Column("id", String, primary_key=True),
        Column("n", Integer, primary_key=True),
        *(Column(name, String, nullable=False) for name in texts),
        Column("at", UTCDateTime, nullable=False),
        Index(None, "hospital", "at"),
        Index(None, "hospital", "about"),
    )


class Looks:
    """The looks of a deployment."""

    def __init__(self, database: Database, clock: Clock, table: Table) -> None:
        self._database, self._clock, self._table = database, clock, table
        self._writing: Lookups[Look, None] = Lookups(self._keep)

    async def note(self, hospital: str, role: str, person: str, what: str, about: Iterable[str] = ()) -> None:
        """Returns once it is kept; raises what keeps it from being kept, and then nothing may be shown."""
        shown = tuple(dict.fromkeys(about))
        await self._writing.of(Look(secrets.token_hex(8), hospital, role, person, what, shown, self._clock.now()))

    async def latest(self, hospital: str, limit: int, offset: int = 0, about: str = "") -> list[dict[str, Any]]:
        """The looks of a hospital, the latest first: at, by_role, by, what, about. about: only those at this one."""
        t = self._table
        these = (t.c.hospital == hospital, *((t.c.about == about,) if about else ()))
        newest = select(t.c.id).where(*these).group_by(t.c.id)
        newest = newest.order_by(func.max(t.c.at).desc(), t.c.id).limit(limit).offset(offset)
        rows = select(t).where(t.c.id.in_(newest.scalar_subquery())).order_by(t.c.at.desc(), t.c.id, t.c.n)
        async with self._database.read() as c:
            found = [dict(row._mapping) for row in await c.execute(rows)]
        return [_told(list(one)) for _, one in groupby(found, key=lambda row: row["id"])]

    async def forget(self, c: Transaction, cases: Iterable[tuple[str, str]]) -> None:
        """Takes these cases (hospital, case), and who looked at them, out of the looks."""
        t, rows = self._table, [{"h": hospital, "k": case} for hospital, case in cases]
        mine = (t.c.hospital == bindparam("h"), t.c.about == bindparam("k"))
        await c.execute(update(t).where(*mine).values(about="", by=""), rows)

    async def _keep(self, looks: Sequence[Look]) -> dict[Look, None]:
        rows = [
            {"id": one.id, "n": n, "hospital": one.hospital, "about": about}
            | {"by_role": one.by_role, "by": one.by, "what": one.what, "at": one.at}
            for one in looks
            for n, about in enumerate(one.about or ("",))
        ]
        async with self._database.begin() as c:
            await c.execute(insert(self._table), rows)
        return {}


def _told(rows: list[dict[str, Any]]) -> dict[str, Any]:
    by = next((row["by"] for row in rows if row["by"]), "")
    same = {name: rows[0][name] for name in ("at", "by_role", "what")}
    return same | {"by": by, "about": [row["about"] for row in rows if row["about"]]}
