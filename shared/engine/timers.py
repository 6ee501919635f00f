"""Timers are handed to the service in the same transaction that takes them away, so each fires exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from shared.crashpoint import crashpoint
from shared.db import Transaction
from shared.engine.entrances import Entrances
from shared.engine.outcome import Outcome, Parcel
from shared.engine.outgoing import BATCH, LONG_AGO, WAIT
from shared.engine.sparing import alone
from shared.messages import Event, opened
from shared.passing import is_passing


class Timers(Entrances):
    """What fires the timers that are due."""

    async def fire(self, limit: int = BATCH) -> int:
        """Hands due timers to the service, in the same transaction that takes them away. Returns how many were due, if
        the clock is believed.
        """
        if await self.held.holds():
            return 0
        try:
            moments, outcome = await self.database.transact(partial(self._fire_due, limit))
        except Exception as error:
            if is_passing(error):
                raise
            return await self._fire_singly(limit)
        crashpoint("timer_after_commit")
        # A short batch starts again from the bottom; else the index head full of deleted rows is not read again.
        self._since[self.name] = moments[-1] if len(moments) == limit else LONG_AGO
        if moments:
            self.metrics.timer_lag(self.name, (self.clock.now() - moments[0]).total_seconds())
        await self._done(outcome)
        return len(moments)

    async def _fire_due(self, limit: int, c: Transaction) -> tuple[list[datetime], Outcome]:
        """When each was due, and what came of them."""
        now, since = self.clock.now(), self._since.get(self.name, LONG_AGO)
        rows = await self.store.claim(c, self.name, now, since, limit)
        found = [(seq, opened(body.encode())) for _, seq, body in rows if body is not None]
        outcome = await self._fire_claimed(c, found, "")
        crashpoint("timer_before_commit")
        return [due_at for due_at, _, _ in rows], outcome

    async def _fire_claimed(self, c: Transaction, found: Sequence[tuple[int, Event]], doomed: str) -> Outcome:
        """Those that must wait for their hospital's settings stay due."""
        now = self.clock.now()
        waiting = [seq for seq, event in found if self.out_of_force(event.hospital)]
        if waiting:
            await self.store.write_pending(c, _again(waiting, now + WAIT, self.name))
        events = [event.at(now) for seq, event in found if seq not in waiting]
        return await self._take(c, events, timers=True, doomed=doomed) if events else Outcome()

    async def _fire_singly(self, limit: int) -> int:
        """Something is wrong with one of these timers: each alone, and only the culprit goes."""
        due = await self.database.transact(lambda c: self.due_parcels(c, self.name, limit))
        for parcel in due:
            await alone(self._fire_these, parcel)
        return len(due)

    async def _fire_these(self, parcels: Sequence[Parcel], doomed: str) -> None:
        async def work(c: Transaction) -> Outcome:
            # One that is gone was another replica's.
            mine = await self.store.take_pending(c, [parcel.row for parcel in parcels])
            found = [(parcel.row[1], parcel.event) for parcel in parcels if parcel.row[1] in mine]
            return await self._fire_claimed(c, found, doomed)

        await self._done(await self.database.transact(work))


def _again(seqs: Iterable[int], at: datetime, destination: str) -> list[dict[str, Any]]:
    """Pending rows that are due again at this moment, in the order in which they were."""
    return [
        {"due_at": at + n * timedelta(microseconds=1), "seq": seq, "destination": destination}
        for n, seq in enumerate(seqs)
    ]
