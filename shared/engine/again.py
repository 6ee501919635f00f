"""What one service said and another never heard is said again, from the journal.

A hearer knows by its positions what it has; what comes again changes nothing, and what was lost is taken at last, the
first message about a subject too. What was erased or swept is in no journal and is not said again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from shared.db import Transaction
from shared.engine.engine import BUS, GRACE, Engine
from shared.engine.outcome import Outcome, Parcel
from shared.messages import opened

#: Lines of the journal that are gone through at once.
AT_ONCE = 500
_FACTS = """
select seq, event from journal where hospital = $1 and seq > $2 and sequence is not null
  and seq not in (select seq from pending where destination = $4) order by seq limit $3"""


async def say_again(engine: Engine, hearer: str, hospital: str, after: int = 0) -> tuple[int, int | None]:
    """Says the next facts of a hospital again to one hearer. after: the number in the journal up to which it was done.
    Returns how many, and up to where; None: to the end.
    """
    last, parcels = await engine.database.transact(partial(_write, engine, hearer, hospital, after))
    await engine.say(Outcome(parcels=parcels))
    return len(parcels), last


async def _write(
    engine: Engine, hearer: str, hospital: str, after: int, c: Transaction
) -> tuple[int | None, list[Parcel]]:
    """They wait to be published, as whatever was just said does; what is on its way still needs no second one."""
    due, to = engine.clock.now() + GRACE, BUS if engine.destinations == (BUS,) else hearer
    rows = await c.rows(_FACTS, hospital, after, AT_ONCE, to)
    found = [(seq, opened(body.encode()), body.encode()) for seq, body in rows]
    parcels = [
        Parcel((due, seq, to), replace(event, nth={hearer: event.nth[hearer]}), body)
        for seq, event, body in found
        if hearer in event.nth
    ]
    pending = [dict(zip(("due_at", "seq", "destination"), parcel.row, strict=True)) for parcel in parcels]
    await engine.store.write_pending(c, pending)
    return (rows[-1][0] if len(rows) == AT_ONCE else None), parcels
