"""Every statement on what must still happen: timers, letters and messages on their way, one row per destination."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import MetaData, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from shared.db import Transaction
from shared.engine.outcome import PendingRow
from shared.engine.tables import engine_tables, existing_tables

_SIZES = (1, 4, 16, 64, 256)
T = TypeVar("T")


class PendingRows:
    """Every method is one statement, inside the caller's transaction; the first ones in the words of the database."""

    def __init__(self, metadata: MetaData, is_sqlite: bool) -> None:
        # Naming the tables again in the same metadata returns the ones that are there.
        self.t = existing_tables(metadata) or engine_tables(metadata)
        self.is_sqlite = is_sqlite
        self.insert = sqlite_insert if is_sqlite else pg_insert

    @abstractmethod
    async def write_pending(self, c: Transaction, rows: list[dict[str, Any]]) -> None:
        """Adds these rows."""

    @abstractmethod
    async def claim(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int, str | None]]:
        """Takes up to `n` due rows away, in this transaction; rows that another replica holds are left to it. (due_at,
        seq, event JSON); no event where the journal has forgotten it.
        """

    @abstractmethod
    async def hold(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        """Due rows of a destination, locked until this transaction ends but not taken away. (due_at, seq), oldest
        first.
        """

    @abstractmethod
    async def events(self, c: Transaction, seqs: Sequence[int]) -> dict[int, str]:
        """Event JSON by journal number."""

    @abstractmethod
    async def take_pending(self, c: Transaction, rows: Sequence[PendingRow]) -> set[int]:
        """Takes these pending rows away; gives the journal numbers of those that were still there."""

    @abstractmethod
    async def put_off(self, c: Transaction, rows: Sequence[PendingRow], until: datetime) -> None:
        """These pending rows are due at this moment instead."""

    @abstractmethod
    async def next_due(self, c: Transaction, *destinations: str) -> datetime | None:
        """When the next row for one of these destinations is due."""

    async def lease(
        self, c: Transaction, destination: str, now: datetime, until: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        """Puts off up to `n` due rows of a destination to `until`, for work that must not hold a transaction open.
        (due_at, seq).
        """
        rows = await self.hold(c, destination, now, datetime(2000, 1, 1, tzinfo=UTC), n)
        if rows:
            await self.put_off(c, [(due_at, seq, destination) for due_at, seq in rows], until)
        return [(until, seq) for _, seq in rows]

    async def waiting_for(self, c: Transaction, destination: str) -> list[tuple[datetime, int]]:
        """Every row of a destination, due or not. (due_at, seq), oldest first."""
        t = self.t.pending
        query = select(t.c.due_at, t.c.seq).where(t.c.destination == destination).order_by(t.c.due_at, t.c.seq)
        return [(due_at, seq) for due_at, seq in await c.execute(query)]

    async def are_pending(self, c: Transaction, destination: str, seqs: Sequence[int]) -> set[int]:
        """Which of these still have to go to this destination."""
        t, found = self.t.pending.c, set[int]()
        for chunk in padded(seqs):
            query = select(t.seq).where(t.destination == destination, t.seq.in_(chunk))
            found.update((await c.execute(query)).scalars())
        return found

    async def strikes(self, c: Transaction, destination: str) -> dict[int, int]:
        """How many attempts there were to deliver rows of a destination, by journal number."""
        t = self.t.strike
        return dict((await c.execute(select(t.c.seq, t.c.times).where(t.c.destination == destination))).all())

    async def strike(self, c: Transaction, seqs: Sequence[int], destination: str) -> dict[int, int]:
        """Counts one more attempt to deliver these rows after a crash; gives how many attempts there were before."""
        t, before = self.t.strike, await self.strikes(c, destination)
        more = self.insert(t).values(seq=bindparam("seq"), destination=destination, times=1)
        more = more.on_conflict_do_update(index_elements=[t.c.seq, t.c.destination], set_={"times": t.c.times + 1})
        await c.execute(more, [{"seq": seq} for seq in seqs])
        return before

    async def forgive(self, c: Transaction, destination: str) -> None:
        """Forgets the attempts of a destination: everything that was left over has been delivered."""
        await c.execute(delete(self.t.strike).where(self.t.strike.c.destination == destination))

    async def pardon(self, c: Transaction, destination: str) -> None:
        """Forgets the attempts at what no longer waits."""
        t, strike = self.t.pending, self.t.strike
        waits = select(t.c.seq).where(t.c.destination == destination)
        await c.execute(delete(strike).where(strike.c.destination == destination, strike.c.seq.not_in(waits)))

    async def post_again(
        self, c: Transaction, hospital: str, subject: str, id: str, at: datetime, destination: str
    ) -> bool:
        """Puts something of the journal on its way again; False: it was forgotten."""
        t = self.t.journal
        query = select(t.c.seq).where(t.c.hospital == hospital, t.c.subject == subject, t.c.id == id)
        seq = (await c.execute(query)).scalar()
        if seq is not None:
            await self.write_pending(c, [{"due_at": at, "seq": seq, "destination": destination}])
        return seq is not None

    async def about(self, c: Transaction, hospital: str, subject: str) -> list[bytes]:
        """The facts that were said about a subject, in order. Numbers of the journal have no order among replicas."""
        t = self.t.journal
        mine = (t.c.hospital == hospital, t.c.subject == subject, t.c.sequence.is_not(None))
        query = select(t.c.event).where(*mine).order_by(t.c.sequence)
        return [event.encode() for event in (await c.execute(query)).scalars()]


def padded(values: Sequence[T]) -> Iterable[list[T]]:
    """Chunks whose sizes come from a short list, so that the database sees few different statements; the last value
    fills up.
    """
    source = iter(values)
    while chunk := list(islice(source, _SIZES[-1])):
        size = next(s for s in _SIZES if s >= len(chunk))
        yield chunk + [chunk[-1]] * (size - len(chunk))
