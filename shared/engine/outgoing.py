"""What a service has said and must still leave it: to the bus, to local subscribers, to mailboxes; and its timers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from shared.clock import Clock
from shared.db import Database, Transaction
from shared.engine.outcome import Parcel, PendingRow
from shared.engine.rows import dead_row
from shared.engine.store import Store
from shared.messages import opened

#: How long the process that committed has to publish before the net takes over.
GRACE = timedelta(seconds=5)
#: A mail server may take its time; until then nobody else sends the same letter.
LETTER_GRACE = timedelta(seconds=30)
BATCH = 200
#: On SQLite a transaction takes place in the thread in which everybody else waits.
FEW = 10
#: The destination of whatever travels over the broker.
BUS = "amqp"
#: After so long it is looked again whether the settings of a hospital are in force, for which a timer waits.
WAIT = timedelta(seconds=10)
#: The first pause after the sending of a letter failed; each next one is twice as long, up to the longest. What passes
#: by itself, as a restart of the database does, has often passed by then.
FIRST_PUT_OFF, LONGEST_PUT_OFF = timedelta(minutes=1), timedelta(minutes=16)
FIRST_OF_WHAT_PASSES = timedelta(seconds=5)
#: So often a letter is tried whose sending fails for a reason that nobody foresaw.
TRIES = 5
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Outgoing:
    """The pending rows of one service."""

    def __init__(self, name: str, database: Database, store: Store, clock: Clock) -> None:
        self.name = name
        self.database = database
        self.store = store
        self.clock = clock
        #: Messages that one transaction takes at most.
        self.at_once = FEW if database.is_sqlite else BATCH
        #: Per destination: nothing that is due before this moment is left.
        self._since: dict[str, datetime] = {}

    async def due_parcels(self, c: Transaction, destination: str, limit: int = BATCH) -> list[Parcel]:
        """What must still go to this destination; the rows stay locked until the transaction of `c` ends."""
        now = self.clock.now()
        rows = await self.store.hold(c, destination, now, self._since.get(destination, LONG_AGO), limit)
        self._since[destination] = rows[-1][0] if len(rows) == limit else LONG_AGO
        return await self._parcels(c, destination, rows)

    async def _parcels(self, c: Transaction, destination: str, rows: list[tuple[datetime, int]]) -> list[Parcel]:
        """These pending rows with their events. One whose event was erased has nothing left to bring."""
        if not rows:
            return []
        bodies = await self.store.events(c, [seq for _, seq in rows])
        erased = [(due_at, seq, destination) for due_at, seq in rows if seq not in bodies]
        if erased:
            await self.store.take_pending(c, erased)
        found = [((due_at, seq, destination), bodies[seq].encode()) for due_at, seq in rows if seq in bodies]
        return [Parcel(row, opened(body), body) for row, body in found]

    async def bury(self, c: Transaction, parcels: Sequence[Parcel], reason: str) -> None:
        """These will not arrive; they are kept among the dead letters."""
        if parcels:
            await self.store.bury(c, [dead_row(parcel.event, reason, self.clock.now()) for parcel in parcels])

    async def lease_letters(self, limit: int = BATCH) -> list[Parcel]:
        """Due letters, put off for a while so that no other replica takes them; `finish` takes them away."""
        return await self.database.transact(partial(self._lease, limit))

    async def _lease(self, limit: int, c: Transaction) -> list[Parcel]:
        now = self.clock.now()
        return await self._parcels(c, "mail", await self.store.lease(c, "mail", now, now + LETTER_GRACE, limit))

    async def put_off(self, letter: Parcel, for_ever: bool = False) -> bool:
        """Puts off a letter whose sending failed, each time for longer. False: it was tried often enough."""
        return await self.database.transact(partial(self._put_off, letter.row, for_ever))

    async def _put_off(self, row: PendingRow, for_ever: bool, c: Transaction) -> bool:
        _, seq, destination = row
        failed = (await self.store.strike(c, [seq], destination)).get(seq, 0)
        if failed + 1 >= TRIES and not for_ever:
            return False
        if await self.store.take_pending(c, [row]):
            first = FIRST_OF_WHAT_PASSES if for_ever else FIRST_PUT_OFF
            pause = min(first * 2 ** min(failed, 10), LONGEST_PUT_OFF)
            later = {"due_at": self.clock.now() + pause, "seq": seq, "destination": destination}
            await self.store.write_pending(c, [later])
        await self.store.pardon(c, destination)
        return True

    async def left_over(self, destination: str) -> list[tuple[Parcel, int]]:
        """Everything on its way to a local subscriber when the process ended, and how often it was handed over."""
        async with self.database.begin() as c:
            parcels = await self._parcels(c, destination, await self.store.waiting_for(c, destination))
            tried = await self.store.strikes(c, destination)
        return [(parcel, tried.get(parcel.row[1], 0)) for parcel in parcels]

    async def strike(self, parcels: Sequence[Parcel], destination: str) -> None:
        """These are handed over now; if the process dies of it, that is known at its next start."""
        seqs = [parcel.row[1] for parcel in parcels]
        await self.database.transact(lambda c: self.store.strike(c, seqs, destination))

    async def forgive(self, destination: str) -> None:
        await self.database.transact(lambda c: self.store.forgive(c, destination))

    async def next_due(self, *destinations: str) -> datetime | None:
        """When the next row for one of these destinations is due; the next timer or letter, if none is named."""
        async with self.database.read() as c:
            return await self.store.next_due(c, *(destinations or (self.name, "mail")))
