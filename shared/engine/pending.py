"""Every statement on what must still happen: timers, letters and messages on their way, one row per destination."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    MetaData,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import UTCDateTime
from shared.engine.tables import engine_tables, existing_tables

_SIZES = (1, 4, 16, 64, 256)
T = TypeVar("T")


class PendingRows:
    """Every method is one statement, or one per 256 keys, inside the caller's transaction."""

    def __init__(self, metadata: MetaData, is_sqlite: bool) -> None:
        # Naming the tables again in the same metadata returns the ones that are there.
        self.t = existing_tables(metadata) or engine_tables(metadata)
        self.is_sqlite = is_sqlite
        self.insert = sqlite_insert if is_sqlite else pg_insert
        self._write_pending = insert(self.t.pending)
        pending = self.t.pending.c
        self._delete_pending = delete(self.t.pending).where(
            pending.due_at == bindparam("d"), pending.seq == bindparam("s"), pending.destination == bindparam("to")
        )
        self._next_due = select(func.min(pending.due_at)).where(
            pending.destination.in_(bindparam("destinations", expanding=True))
        )

    async def write_pending(self, c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        await c.execute(self._write_pending, rows)

    async def claim(
        self, c: AsyncConnection, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int, str | None]]:
        """Takes up to `n` due rows away, in this transaction; rows that another replica holds are left to it. (due_at,
        seq, event JSON); no event where the journal has forgotten it.
        """
        t, journal = self.t.pending, self.t.journal
        if self.is_sqlite:
            query = select(t.c.due_at, t.c.seq, journal.c.event).outerjoin(journal, journal.c.seq == t.c.seq)
            due = query.where(t.c.due_at <= now, t.c.due_at >= since, t.c.destination == destination)
            rows = (await c.execute(due.order_by(t.c.due_at, t.c.seq).limit(n))).all()
            if rows:
                await self.delete_pending(c, [(due_at, seq, destination) for due_at, seq, _ in rows])
            return list(rows)
        claimed = await c.execute(_CLAIM, {"now": now, "since": since, "destination": destination, "n": n})
        return sorted(claimed.all())

    async def hold(
        self, c: AsyncConnection, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        """Due rows of a destination, locked until this transaction ends but not taken away. (due_at, seq), oldest
        first.
        """
        t = self.t.pending
        due = select(t.c.due_at, t.c.seq).where(t.c.due_at <= now, t.c.due_at >= since, t.c.destination == destination)
        due = due.order_by(t.c.due_at, t.c.seq).limit(n).with_for_update(skip_locked=True)
        return [(due_at, seq) for due_at, seq in await c.execute(due)]

    async def lease(
        self, c: AsyncConnection, destination: str, now: datetime, until: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        """Puts off up to `n` due rows of a destination to `until`, for work that must not hold a transaction open.
        (due_at, seq).
        """
        rows = await self.hold(c, destination, now, datetime(2000, 1, 1, tzinfo=UTC), n)
        if rows:
            t = self.t.pending
            mine = (t.c.due_at == bindparam("d"), t.c.seq == bindparam("s"), t.c.destination == destination)
            await c.execute(
                update(t).where(*mine).values(due_at=until), [{"d": due_at, "s": seq} for due_at, seq in rows]
            )
        return [(until, seq) for _, seq in rows]

    async def waiting_for(self, c: AsyncConnection, destination: str) -> list[tuple[datetime, int]]:
        """Every row of a destination, due or not. (due_at, seq), oldest first."""
        t = self.t.pending
        query = select(t.c.due_at, t.c.seq).where(t.c.destination == destination).order_by(t.c.due_at, t.c.seq)
        return [(due_at, seq) for due_at, seq in await c.execute(query)]

    async def strike(self, c: AsyncConnection, seqs: Sequence[int], destination: str) -> dict[int, int]:
        """Counts one more attempt to deliver these rows after a crash; gives how many attempts there were before."""
        t = self.t.strike
        query = select(t.c.seq, t.c.times).where(t.c.destination == destination)
        before = dict((await c.execute(query)).all())
        more = self.insert(t).values(seq=bindparam("seq"), destination=destination, times=1)
        more = more.on_conflict_do_update(index_elements=[t.c.seq, t.c.destination], set_={"times": t.c.times + 1})
        await c.execute(more, [{"seq": seq} for seq in seqs])
        return before

    async def forgive(self, c: AsyncConnection, destination: str) -> None:
        """Forgets the attempts of a destination: everything that was left over has been delivered."""
        await c.execute(delete(self.t.strike).where(self.t.strike.c.destination == destination))

    async def pardon(self, c: AsyncConnection, destination: str) -> None:
        """Forgets the attempts at what no longer waits."""
        t, strike = self.t.pending, self.t.strike
        waits = select(t.c.seq).where(t.c.destination == destination)
        await c.execute(delete(strike).where(strike.c.destination == destination, strike.c.seq.not_in(waits)))

    async def post_again(self, c: AsyncConnection, hospital: str, subject: str, id: str, at: datetime) -> bool:
        """Puts a letter of the journal on its way again; False: it was forgotten."""
        t = self.t.journal
        query = select(t.c.seq).where(t.c.hospital == hospital, t.c.subject == subject, t.c.id == id)
        seq = (await c.execute(query)).scalar()
        if seq is not None:
            await self.write_pending(c, [{"due_at": at, "seq": seq, "destination": "mail"}])
        return seq is not None

    async def events(self, c: AsyncConnection, seqs: Sequence[int]) -> dict[int, str]:
        """Event JSON by journal number."""
        t, found = self.t.journal, dict[int, str]()
        if self.is_sqlite:
            for chunk in padded(sorted(seqs)):
                found.update(dict((await c.execute(select(t.c.seq, t.c.event).where(t.c.seq.in_(chunk)))).all()))
            return found
        query = text("select seq, event from journal where seq = any(:seqs)")
        return dict((await c.execute(query, {"seqs": list(seqs)})).all())

    async def about(self, c: AsyncConnection, hospital: str, subject: str) -> list[bytes]:
        """The facts that were said about a subject, in order. Numbers of the journal have no order among replicas."""
        t = self.t.journal
        mine = (t.c.hospital == hospital, t.c.subject == subject, t.c.sequence.is_not(None))
        query = select(t.c.event).where(*mine).order_by(t.c.sequence)
        return [event.encode() for event in (await c.execute(query)).scalars()]

    async def delete_pending(self, c: AsyncConnection, rows: Sequence[tuple[datetime, int, str]]) -> None:
        await c.execute(self._delete_pending, [{"d": due_at, "s": seq, "to": to} for due_at, seq, to in rows])

    async def take_pending(self, c: AsyncConnection, rows: Sequence[tuple[datetime, int, str]]) -> set[int]:
        """Takes these pending rows away; gives the journal numbers of those that were still there."""
        t, found = self.t.pending, set[int]()
        for chunk in padded(rows):
            mine = tuple_(t.c.due_at, t.c.seq, t.c.destination).in_(chunk)
            found.update((await c.execute(delete(t).where(mine).returning(t.c.seq))).scalars())
        return found

    async def next_due(self, c: AsyncConnection, *destinations: str) -> datetime | None:
        """When the next row for one of these destinations is due."""
        found: datetime | None = (await c.execute(self._next_due, {"destinations": list(destinations)})).scalar()
        return found


_CLAIM = text(
    "with due as (delete from pending where ctid = any(array(select ctid from pending where due_at <= :now"
    " and due_at >= :since and destination = :destination order by due_at, seq limit :n for update skip locked))"
    " returning due_at, seq) select due.due_at, due.seq, journal.event from due left join journal using (seq)"
).bindparams(bindparam("now", type_=UTCDateTime), bindparam("since", type_=UTCDateTime))


def padded(values: Sequence[T]) -> Iterable[list[T]]:
    """Chunks whose sizes come from a short list, so that the database sees few different statements; the last value
    fills up.
    """
    source = iter(values)
    while chunk := list(islice(source, _SIZES[-1])):
        size = next(s for s in _SIZES if s >= len(chunk))
        yield chunk + [chunk[-1]] * (size - len(chunk))
