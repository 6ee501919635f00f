"""Timers are handed to the service in the same transaction that takes them away, so each fires exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from shared.crashpoint import crashpoint
from shared.db import Transaction, error_code, is_passing
from shared.engine.entrances import Entrances
from shared.engine.outcome import Outcome
from shared.engine.outgoing import BATCH, LONG_AGO, WAIT
from shared.messages import Event, opened


class Timers(Entrances):
    """What fires the timers that are due."""

    async def fire(self, limit: int = BATCH) -> int:
        """Hands due timers to the service, in the same transaction that takes them away. Returns how many were due."""
        since = self._since.get(self.name, LONG_AGO)
        try:
            async with self.database.begin() as c:
                moments, events = await self._claim(c, since, limit)
                outcome = await self._take(c, events, timers=True) if events else Outcome()
                crashpoint("timer_before_commit")
        except Exception as error:
            if is_passing(error):
                raise
            return await self._fire_singly(since, limit)
        self._pools |= outcome.pools
        crashpoint("timer_after_commit")
        # A short batch starts again from the bottom; else the index head full of deleted rows is not read again.
        self._since[self.name] = moments[-1] if len(moments) == limit else LONG_AGO
        if moments:
            self.metrics.timer_lag(self.name, (self.clock.now() - moments[0]).total_seconds())
            await self._publish(outcome)
        return len(moments)

    async def _claim(self, c: Transaction, since: datetime, limit: int) -> tuple[list[datetime], list[Event]]:
        """When each was due, and the timers themselves; those that must wait for their hospital's settings stay due."""
        now = self.clock.now()
        rows = await self.store.claim(c, self.name, now, since, limit)
        found = [(seq, opened(body.encode()).at(now)) for _, seq, body in rows if body is not None]
        waiting = [seq for seq, event in found if self.out_of_force(event.hospital)]
        if waiting:
            await self.store.write_pending(c, _again(waiting, now + WAIT, self.name))
        return [due_at for due_at, _, _ in rows], [event for seq, event in found if seq not in waiting]

    async def _fire_singly(self, since: datetime, limit: int) -> int:
        """Something is wrong with one of these timers: each alone, and only the culprit, known by its id, goes."""
        fired, doomed = 0, dict[str, str]()
        while fired < limit:
            events: list[Event] = []
            try:
                async with self.database.begin() as c:
                    moments, events = await self._claim(c, since, 1)
                    reason = doomed.get(events[0].id, "") if events else ""
                    outcome = await self._take(c, events, timers=True, doomed=reason) if events else Outcome()
            except Exception as error:
                if is_passing(error) or not events or events[0].id in doomed:
                    raise
                doomed[events[0].id] = error_code(error)
                continue
            if not moments:
                break
            fired += 1
            self._pools |= outcome.pools
            await self._publish(outcome)
        return fired


def _again(seqs: Iterable[int], at: datetime, destination: str) -> list[dict[str, Any]]:
    """Pending rows that are due again at this moment, in the order in which they were."""
    return [
        {"due_at": at + n * timedelta(microseconds=1), "seq": seq, "destination": destination}
        for n, seq in enumerate(seqs)
    ]
