"""How long the engine's tables keep what is in them. What must still happen is never over, however old it is.

Positions and the mark of an erased subject are what makes late look late: positions go a long time after the erasure,
the mark (a digest) stays, as the list of what was erased does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.db import Transaction
from shared.engine.erasure import ERASED, erased_key
from shared.engine.tables import SUBJECT
from shared.ids import earliest_event_id
from shared.settings import Settings
from shared.sweep import Old, Shelf, Stretch


def engine_shelves(settings: Settings) -> tuple[Shelf, ...]:
    """The tables of an engine that would grow for ever; what names a message that is gone follows it."""
    return (
        Old("journal", ("seq",), _JOURNAL, settings.keep_journal, earliest_event_id),
        Old("mention", ("hospital", "subject", "seq"), _MENTION),
        Old("strike", ("seq", "destination"), _STRIKE),
        Old("received", ("key",), f"at < {{since}} and key not like '{ERASED}%'", settings.keep_received),
        Old("dead_letter", ("id",), "at < {since}", settings.keep_dead_letters),
        PositionsOfErased(settings.keep_positions),
    )


#: A timer or letter that waits, and a letter that may be replayed, is needed.
_JOURNAL = (
    "id < {since} and seq not in (select seq from pending where {stretch}) and id not in (select id from dead_letter)"
)
_MENTION = "not exists (select 1 from journal where journal.seq = mention.seq)"
_STRIKE = (
    "not exists (select 1 from pending where pending.seq = strike.seq and pending.destination = strike.destination)"
)
_KNOWN = "select key from received where at < $1 and key"


@dataclass(frozen=True, slots=True)
class PositionsOfErased:
    """How far a subject was heard goes so many days after it was erased: nothing that old is on its way any more."""

    days: int
    table: str = "heard"
    key: tuple[str, ...] = SUBJECT

    async def clear(self, c: Transaction, stretch: Stretch, now: datetime) -> int:
        columns = ", ".join(SUBJECT)
        heard = [
            tuple(row) for row in await c.rows(f"select {columns} from heard where {stretch.where}", *stretch.values)
        ]
        marks = {erased_key(hospital, subject) for _, hospital, subject in heard}
        erased = await _erased_before(c, marks, now - timedelta(days=self.days))
        gone = [one for one in heard if erased_key(*one[1:]) in erased]
        for one in gone:
            await c.rows(f"delete from heard where ({columns}) = ($1, $2, $3) returning 1", *one)
        return len(gone)


async def _erased_before(c: Transaction, marks: set[str], moment: datetime) -> set[str]:
    given = sorted(marks)
    if c.dialect.name == "sqlite":
        rows = await c.rows(f"{_KNOWN} in (select value from json_each($2))", moment, json.dumps(given))
    else:
        rows = await c.rows(f"{_KNOWN} = any ($2::text[])", moment, given)
    return {key for (key,) in rows}
