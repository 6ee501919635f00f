"""Takes away what the engine's tables hold about subjects that are to be forgotten, on either database.

Their timers, letters, journal rows, early messages and dead letters go; a message that names others as well is
rewritten without them. Positions stay, so that what comes late is known to be late. A message that must still reach a
reader is taken away once it has; until then its subject stands in the table `erasing`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, tuple_, update

from shared.db import Transaction
from shared.engine.pending import padded
from shared.engine.store import Store
from shared.messages import CATALOGUE, Sealed, Unreadable, opened, write

#: What the mark of an erased subject begins with.
ERASED = "erased|"

#: (hospital, subject)
Subject = tuple[str, str]

#: No row that was ever to leave at once is due later than so long from now: neither a message nor a leased letter. A
#: letter that was put off for longer finds nothing left to bring.
_AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the journal. `forgotten`: the subject that it names, if it is not about it."""

    seq: int
    due_at: datetime | None
    forgotten: Subject
    event: str = ""


class Erasure:
    """The statements of one service. `own`: the destinations whose messages nobody else waits for."""

    def __init__(self, store: Store, *own: str) -> None:
        self.t = store.t
        self.own = own
        self._add = store.insert(self.t.erasing).on_conflict_do_nothing()

    async def erase(self, c: Transaction, subjects: Iterable[Subject], now: datetime) -> bool:
        """Forgets these subjects and whichever could not be forgotten before. Whether some must wait still."""
        rows = [{"hospital": hospital, "subject": subject} for hospital, subject in sorted(set(subjects))]
        if rows:
            await c.execute(self._add, rows)
        everything = [(h, s) for h, s in await c.execute(select(self.t.erasing.c.hospital, self.t.erasing.c.subject))]
        if not everything:
            return False
        about, naming = await self._lines(c, everything)
        waited_for = await self._waited_for(c, now)
        await self._forget_pending(c, about, now)
        free = [line for line in about if line.seq not in waited_for]
        free_naming = [line for line in naming if line.seq not in waited_for]
        await self._rewrite(c, free_naming)
        await self._delete(c, self.t.journal, "seq", [line.seq for line in free])
        await self._forget_early_and_dead(c, everything)
        waiting = {line.forgotten for line in (*about, *naming) if line.seq in waited_for}
        await self._settle(c, [one for one in everything if one not in waiting])
        return bool(waiting)

    async def _lines(self, c: Transaction, subjects: Sequence[Subject]) -> tuple[list[_Line], list[_Line]]:
        """The journal rows about these subjects, and those that name them. What says that they are erased stays."""
        journal, mention = self.t.journal, self.t.mention
        lasting = [kind.type for kind in CATALOGUE.values() if kind.erases]
        about: list[_Line] = []
        naming: list[_Line] = []
        for chunk in padded(subjects):
            mine = select(journal.c.seq, journal.c.due_at, journal.c.hospital, journal.c.subject)
            mine = mine.where(tuple_(journal.c.hospital, journal.c.subject).in_(chunk))
            mine = mine.where(journal.c.type.not_in(lasting))
            about += [_Line(seq, due, (h, s)) for seq, due, h, s in await c.execute(mine)]
            others: Any = select(
                journal.c.seq, journal.c.due_at, mention.c.hospital, mention.c.subject, journal.c.event
            )
            others = others.join(journal, journal.c.seq == mention.c.seq)
            others = others.where(tuple_(mention.c.hospital, mention.c.subject).in_(chunk))
            naming += [_Line(seq, due, (h, s), event) for seq, due, h, s, event in await c.execute(others)]
        return list(dict.fromkeys(about)), list(dict.fromkeys(naming))

    async def _waited_for(self, c: Transaction, now: datetime) -> set[int]:
        """The journal numbers of what must still reach somebody else."""
        t = self.t.pending.c
        query = select(t.seq).where(t.due_at <= now + _AT_ONCE, t.destination.not_in(self.own))
        return set((await c.execute(query)).scalars())

    async def _forget_pending(self, c: Transaction, lines: Sequence[_Line], now: datetime) -> None:
        """The timers and letters about these subjects: each at the moment that it was set for, or overdue."""
        t, found = self.t.pending, [line for line in lines if line.due_at is not None]
        at = [(line.due_at, line.seq, to) for line in found for to in self.own]
        row = tuple_(t.c.due_at, t.c.seq, t.c.destination)
        for chunk in padded(at):
            await self._delete_free(c, row.in_(chunk))
        for seqs in padded([line.seq for line in lines]):
            await self._delete_free(c, t.c.due_at <= now + _AT_ONCE, t.c.destination.in_(self.own), t.c.seq.in_(seqs))

    async def _delete_free(self, c: Transaction, *where: Any) -> None:
        """But for those that somebody deals with at this moment: he took them before the states, which this transaction
        holds, and finds nothing left to do.
        """
        t = self.t.pending
        row = (t.c.due_at, t.c.seq, t.c.destination)
        free = select(*row).where(*where).with_for_update(skip_locked=True)
        await c.execute(delete(t).where(tuple_(*row).in_(free)))

    async def _rewrite(self, c: Transaction, lines: Sequence[_Line]) -> None:
        left: dict[int, str | None] = {}
        for line in lines:
            left[line.seq] = without(left.get(line.seq, line.event), line.forgotten[1])
        rows = [{"n": seq, "body": body} for seq, body in left.items() if body is not None]
        if rows:
            t = self.t.journal
            await c.execute(update(t).where(t.c.seq == bindparam("n")).values(event=bindparam("body")), rows)
        await self._delete(c, self.t.journal, "seq", [seq for seq, body in left.items() if body is None])
        t, named = self.t.mention, [(*line.forgotten, line.seq) for line in lines]
        for chunk in padded(named):
            await c.execute(delete(t).where(tuple_(t.c.hospital, t.c.subject, t.c.seq).in_(chunk)))

    async def _forget_early_and_dead(self, c: Transaction, subjects: Sequence[Subject]) -> None:
        """Both tables are short; whatever in them names one of these subjects is rewritten or goes."""
        hospitals = sorted({hospital for hospital, _ in subjects})
        early, dead = self.t.parked, self.t.dead_letter
        for table, key in ((early, tuple(early.primary_key.columns)), (dead, tuple(dead.primary_key.columns))):
            query = select(*key, table.c.hospital, table.c.subject, table.c.event).where(
                table.c.hospital.in_(hospitals)
            )
            for *id, hospital, about, body in (await c.execute(query)).all():
                await self._forget_one(c, table, dict(zip(key, id, strict=True)), (hospital, about), body, subjects)

    async def _forget_one(
        self,
        c: Transaction,
        table: Table,
        key: dict[Any, Any],
        about: Subject,
        body: str | None,
        subjects: Sequence[Subject],
    ) -> None:
        kept, mine = body, [subject for hospital, subject in subjects if hospital == about[0]]
        for subject in mine:
            kept = None if about[1] == subject else without(kept, subject)
            if kept is None:
                break
        row = [column == value for column, value in key.items()]
        if kept is None and (body is not None or about[1] in mine):
            await c.execute(delete(table).where(*row))
        elif kept != body:
            await c.execute(update(table).where(*row).values(event=kept))

    async def _settle(self, c: Transaction, done: Sequence[Subject]) -> None:
        t = self.t.erasing
        for chunk in padded(done):
            await c.execute(delete(t).where(tuple_(t.c.hospital, t.c.subject).in_(chunk)))

    async def _delete(self, c: Transaction, table: Table, column: str, values: Sequence[int]) -> None:
        for chunk in padded(values):
            await c.execute(delete(table).where(table.c[column].in_(chunk)))


def erased_key(hospital: str, subject: str) -> str:
    """By which a service knows that it has erased a subject, without knowing which."""
    return f"{ERASED}{hashlib.sha256(f'{hospital}|{subject}'.encode()).hexdigest()}"


def without(body: str | None, subject: str) -> str | None:
    """An event as JSON that no longer names this subject; None when nothing is left, or when it still would."""
    if body is None or not _names(body, subject):
        return body
    try:
        event = opened(body.encode())
    except Unreadable:
        return None
    data = None if isinstance(event.data, Sealed) else event.data.without(subject)
    kept = None if data is None else write(replace(event, data=data)).decode()
    return None if kept is None or _names(kept, subject) else kept


def _names(body: str, subject: str) -> bool:
    """Whether the subject stands in it, and not only as a part of another one."""
    return subject in body and re.search(rf"(?<![\w-]){re.escape(subject)}(?![\w-])", body) is not None
