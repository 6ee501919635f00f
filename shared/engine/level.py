"""What one service said and another never heard comes back by itself: a queue that was deleted, a backup of either.

Each publisher tells its hearers now and then how much it said about each subject, page by page. A hearer who has heard
less asks, and is told again from the journal; what comes twice changes nothing. Of what is in no journal any more the
publisher says so, and the hearer goes on without it, as behind a gap. A publisher that knows less than its hearers, for
it was restored from a backup, counts on from what they have heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_

from shared import log
from shared.db import Transaction
from shared.engine.engine import BUS, GRACE, Engine
from shared.engine.erasure import Subject, erased_key
from shared.engine.outcome import Outcome, Parcel
from shared.engine.pending import padded
from shared.engine.rows import pending_row
from shared.engine.store import Kept
from shared.engine.world import ALL, Key, State
from shared.messages import Event, counted, opened, write

#: Subjects that are gone through at once.
AT_ONCE = 500
_PAGE = """
select hospital, id, said from "{table}" where said <> '' and (hospital, id) > ($1, $2)
order by hospital, id limit $3"""
_logger = log.logger("engine.level")


class Mark(NamedTuple):
    """n: the number of the last fact about this subject, among those that one service tells one other. kind: that of
    the publisher's state.
    """

    kind: str
    hospital: str
    subject: str
    n: int

    @property
    def home(self) -> Key:
        return Key(self.kind, self.hospital, self.subject)


class RollCall:
    """Goes through all that a publisher has said something about, over and over, a page at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tables = [table.table.name for table in engine.store.states.values()]
        self._kinds = list(engine.store.states)
        self._at, self._beyond = 0, ("", "")

    @property
    def at_start(self) -> bool:
        """Whether the next page is the first of a round."""
        return not self._at and self._beyond == ("", "")

    async def page(self) -> dict[str, list[Mark]]:
        """How much was said, for each hearer. Nothing at the end of a round, when nothing was said about the rest."""
        while True:
            kind, rows = self._kinds[self._at], await self._rows()
            self._beyond = tuple(rows[-1][:2]) if len(rows) == AT_ONCE else ("", "")
            if len(rows) < AT_ONCE:
                self._at = (self._at + 1) % len(self._kinds)
            if rows or self.at_start:
                return _marks(kind, rows)

    async def _rows(self) -> Sequence[Any]:
        async with self._engine.database.read() as c:
            return await c.rows(_PAGE.format(table=self._tables[self._at]), *self._beyond, AT_ONCE)


def _marks(kind: str, rows: Iterable[Any]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for hospital, id, said in rows:
        for hearer, n in counted(said).items():
            if hearer != ALL:
                found.setdefault(hearer, []).append(Mark(kind, hospital, id, n))
    return found


# -- the hearer


class Differs(NamedTuple):
    """Of which subjects a service has heard less than was said, and of which more; each with what it has heard."""

    behind: list[Mark]
    beyond: list[Mark]


async def compared(engine: Engine, publisher: str, said: Sequence[Mark]) -> Differs:
    """What a service has heard of this, held against what was said some time ago. More is what was said since, unless
    the publisher was restored from a backup; he knows.
    """
    places = {Key(publisher, mark.hospital, mark.subject): mark for mark in said}
    async with engine.database.read() as c:
        last = await _heard(c, engine, list(places))
        have = [(mark, mark._replace(n=last.get(place, 0))) for place, mark in places.items()]
        behind = [mine for mark, mine in have if mine.n < mark.n]
        erased = await _erased(c, engine, behind)
    beyond = [mine for mark, mine in have if mine.n > mark.n]
    return Differs([mark for mark in behind if mark.home not in erased], beyond)


async def _heard(c: Transaction, engine: Engine, places: Sequence[Key]) -> dict[Key, int]:
    t, found = engine.store.t.heard.c, dict[Key, int]()
    row = (t.publisher, t.hospital, t.subject)
    for chunk in padded(places):
        for *place, last in await c.execute(select(*row, t.sequence).where(tuple_(*row).in_(chunk))):
            found[Key(*place)] = last
    return found


async def _erased(c: Transaction, engine: Engine, marks: Sequence[Mark]) -> set[Key]:
    keys = {erased_key(mark.hospital, mark.subject): mark.home for mark in marks}
    t, found = engine.store.t.received.c, set[Key]()
    for chunk in padded(sorted(keys)):
        found |= {keys[key] for key in (await c.execute(select(t.key).where(t.key.in_(chunk)))).scalars()}
    return found


async def go_on_without(engine: Engine, publisher: str, lost: Sequence[Mark]) -> None:
    """What no journal holds any more will not come: each is an alert, and whatever was behind it goes on."""
    moved = await engine.database.transact(partial(_pass_over, engine, publisher, lost))
    for _ in range(moved):
        engine.metrics.gap_passed(engine.name, publisher)
        _logger.error("gap_passed", service=engine.name, publisher=publisher)
    engine.watch(mark.hospital for mark in lost)


async def _pass_over(engine: Engine, publisher: str, lost: Sequence[Mark], c: Transaction) -> int:
    upto = {Key(publisher, mark.hospital, mark.subject): mark.n for mark in lost}
    came = await engine.store.come(c, {}, sorted(upto), engine.clock.now())
    behind = {key: at.up_to(upto[key]) for key, at in came.positions.items() if at.last < upto[key]}
    await engine.store.keep(c, Kept(heard=behind))
    return len(behind)


# -- the publisher


async def say_again(engine: Engine, hearer: str, heard: Sequence[Mark]) -> list[Mark]:
    """Says again whatever this hearer has not heard of these subjects. Returns of which, and up to where, nothing is
    left to say again.
    """
    parcels, lost = await engine.database.transact(partial(_again, engine, hearer, heard))
    engine.metrics.said_again(engine.name, hearer, len(parcels))
    await engine.say(Outcome(parcels=parcels))
    return lost


async def _again(engine: Engine, hearer: str, heard: Sequence[Mark], c: Transaction) -> tuple[list[Parcel], list[Mark]]:
    said, behind = await _said(c, engine, hearer, heard), {(mark.hospital, mark.subject): mark for mark in heard}
    kept = await _kept(engine, c, hearer, behind)
    last = {place: max((event.nth[hearer] for _, event in found), default=0) for place, found in kept.items()}
    lost = [mark._replace(n=said[mark.home]) for place, mark in behind.items() if last[place] < said[mark.home]]
    return await _write(engine, c, hearer, [one for found in kept.values() for one in found]), lost


async def _said(c: Transaction, engine: Engine, hearer: str, marks: Sequence[Mark]) -> dict[Key, int]:
    """How much was said to him about each of these by now."""
    found = dict.fromkeys((mark.home for mark in marks), 0)
    for kind in {mark.kind for mark in marks} & engine.store.states.keys():
        t = engine.store.states[kind].table.c
        for chunk in padded([mark.home[1:] for mark in marks if mark.kind == kind]):
            for hospital, id, said in await c.execute(
                select(t.hospital, t.id, t.said).where(tuple_(t.hospital, t.id).in_(chunk))
            ):
                found[Key(kind, hospital, id)] = counted(said).get(hearer, 0)
    return found


async def _kept(
    engine: Engine, c: Transaction, hearer: str, behind: Mapping[Subject, Mark]
) -> dict[Subject, list[tuple[int, Event]]]:
    """What the journal holds of what he has not heard, by its number there."""
    t, found = engine.store.t.journal.c, {place: list[tuple[int, Event]]() for place in behind}
    for chunk in padded(sorted(behind)):
        query = select(t.seq, t.event).where(tuple_(t.hospital, t.subject).in_(chunk), t.sequence.is_not(None))
        for seq, body in await c.execute(query.order_by(t.seq)):
            event = opened(body.encode())
            place = event.hospital, event.subject
            if event.nth.get(hearer, 0) > behind[place].n:
                found[place].append((seq, event))
    return found


async def _write(engine: Engine, c: Transaction, hearer: str, facts: Sequence[tuple[int, Event]]) -> list[Parcel]:
    """They wait to be published, as whatever was just said does; what is on its way still needs no second one."""
    due, to = engine.clock.now() + GRACE, BUS if engine.destinations == (BUS,) else hearer
    waiting = await engine.store.are_pending(c, to, [seq for seq, _ in facts])
    parcels = [
        Parcel((due, seq, to), replace(event, nth={hearer: event.nth[hearer]}), write(event))
        for seq, event in facts
        if seq not in waiting
    ]
    await engine.store.write_pending(c, [pending_row(parcel.row) for parcel in parcels])
    return parcels


async def count_on(engine: Engine, hearer: str, heard: Sequence[Mark]) -> int:
    """A publisher that has said less about a subject than was heard does not give those numbers to something else.
    Returns of how many subjects that was so; what it said about them before is lost to it, which is an alert.
    """
    async with engine.database.read() as c:
        said = await _said(c, engine, hearer, heard)
    beyond = {mark.home: mark.n for mark in heard if mark.n > said[mark.home] and mark.kind in engine.store.states}
    if not beyond:
        return 0
    await engine.database.transact(partial(_count_on, engine, hearer, beyond))
    engine.metrics.ahead(hearer, engine.name, len(beyond))
    _logger.error("knows_less_than_was_heard", service=engine.name, hearer=hearer, subjects=len(beyond))
    return len(beyond)


async def _count_on(engine: Engine, hearer: str, beyond: Mapping[Key, int], c: Transaction) -> None:
    # Who competes for supporters reads them under this lock, and reads them anew once its version has risen.
    pooled = engine.protocol.pooled.__name__ if engine.protocol.pooled else ""
    pools = sorted({key.hospital for key in beyond if key.kind == pooled})
    found = await engine.store.look(c, (), sorted(beyond), pools, ())
    states: dict[Key, tuple[Mapping[str, int], State]] = {
        key: ({**row.said, hearer: max(beyond[key], row.said.get(hearer, 0))}, row.state)
        for key, row in found.rows.items()
    }
    versions = {name: version + 1 for name, version in found.pools.items()}
    await engine.store.keep(c, Kept(states=states, pools=versions))
