"""One batch of messages, one transaction.

The engine reads and locks what the messages touch, lets the service decide on each in order, and writes the new states,
what was said and what must still happen. How messages are batched never changes a decision: they are decided one after
the other in memory.

Locks are always taken in this order: outside keys, positions, states, pools; each sorted. One bad message harms only
itself. The table `received` holds the keys of what was decided, dead letters what was not: whatever comes from outside
is in one of them, and in both only until its next coming or its replay has settled it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared import log
from shared.clock import Clock
from shared.db import Database
from shared.engine.erasure import Erasure, Subject, erased_key
from shared.engine.outcome import Outcome, Parcel, PendingRow, SetAside
from shared.engine.outgoing import BATCH, BUS, GRACE, LETTER_GRACE
from shared.engine.rows import dead_row, journal_row, mention_rows, parked_row
from shared.engine.states import Utterance
from shared.engine.store import Store
from shared.engine.timers import Timers
from shared.engine.work import Memory, clean
from shared.engine.world import Key, Missing, Protocol, Row
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event, Letter, Timer, opened, write
from shared.metrics import Metrics

__all__ = [
    "BATCH",
    "BUS",
    "GRACE",
    "LETTER_GRACE",
    "After",
    "Engine",
    "Forget",
    "Outcome",
    "Parcel",
    "PendingRow",
    "SetAside",
]

_logger = log.logger("engine")

After = Callable[[AsyncConnection, list[Event]], Awaitable[None]]
#: Lets go of what a service keeps elsewhere about these subjects (hospital, subject).
Forget = Callable[[AsyncConnection, list[Subject]], Awaitable[None]]


class Engine(Timers):
    """Runs one service's protocol on its database.

    destinations: where facts go (`BUS`, which brings them to whoever hears them, or the services of this process).
    publish: called with what was just committed; a failure there is not an error, because the pending rows stay. after:
    more to write in the same transaction (a read view). forget: what else the service lets go of, in the same
    transaction, when a subject is erased.
    """

    def __init__(
        self,
        protocol: Protocol,
        database: Database,
        store: Store,
        *,
        clock: Clock,
        mint: Mint,
        hospital: Callable[[str], Hospital],
        destinations: tuple[str, ...],
        metrics: Metrics,
        after: After | None = None,
        forget: Forget | None = None,
    ) -> None:
        super().__init__(protocol, database, store, clock, hospital, metrics, mint)
        self.destinations = destinations
        self.after = after
        self.forget = forget
        self._erasure = Erasure(store, protocol.name, "mail")
        self.publish: Callable[[list[Parcel]], Awaitable[None]] | None = None

    async def _erase(self, c: AsyncConnection, subjects: list[Subject]) -> bool:
        """Forgets these subjects, and what was left of others. Whether there was anything to forget."""
        before = self.leaving
        self.leaving = await self._erasure.erase(c, subjects, self.clock.now())
        return bool(subjects) or before

    async def _scrub(self) -> None:
        """What was erased leaves the files as well, as soon as nobody reads in them."""
        if self._unscrubbed:
            try:
                self._unscrubbed = not await self.database.scrub()
            except Exception as error:  # what has just been committed stands all the same
                _logger.warning("not_scrubbed", service=self.name, error=type(error).__name__)

    async def _take(
        self,
        c: AsyncConnection,
        events: Sequence[Event],
        *,
        again: bool = False,
        timers: bool = False,
        doomed: str = "",
        gaps: Sequence[Key] = (),
        ready: Sequence[Key] = (),
        one_by_one: bool = False,
    ) -> Outcome:
        with self.metrics.commit(self.name, len(events)):
            memory = await self._read(c, events, again, timers, (*gaps, *ready))
            memory.one_by_one = one_by_one
            extra: set[Key] = set()
            while True:
                # A decision may ask for a state that nobody foresaw; it is read and the batch is
                # decided again from the start.
                await self._read_states(c, memory, () if doomed else events, extra)
                try:
                    memory.decide_all(events, again=again, doomed=doomed, gaps=gaps, ready=ready)
                    break
                except Missing as missing:
                    extra |= missing.keys
                    memory.forget()
            return await self._write(c, memory)

    async def _read(
        self, c: AsyncConnection, events: Sequence[Event], again: bool, timers: bool, parked: Sequence[Key]
    ) -> Memory:
        now = self.clock.now()
        memory = Memory(self.protocol, now, self.hospital, self.mint)
        memory.free = timers
        outside = {} if timers else {clean(e.id): clean(e.hospital) for e in events if e.sequence is None}
        if outside:
            found = await self.store.receive(c, outside, self.mint.event_id(), now)
            memory.new_keys, memory.died = set(found), {key for key, died in found.items() if died}
        if again:
            ids = {clean(event.id) for event in events}
            memory.gone = ids - await self.store.unbury(c, ids)
        subjects = {
            Key(e.publisher, clean(e.hospital), clean(e.subject)) for e in events if e.sequence is not None
        } | set(parked)
        if subjects and not again:
            memory.positions = await self.store.lock_heard(c, subjects)
            waiting = [key for key, (_, parked) in memory.positions.items() if parked]
            if waiting:
                rows = await self.store.read_parked(c, waiting)
                memory.waiting = {
                    key: {n: opened(body.encode()) for n, body in early.items()} for key, early in rows.items()
                }
        memory.remember_positions()
        return memory

    async def _read_states(self, c: AsyncConnection, memory: Memory, events: Sequence[Event], extra: set[Key]) -> None:
        wanted = memory.footprint(events) | extra
        pooled = self.protocol.pooled.__name__ if self.protocol.pooled else None
        plain = {key for key in wanted if key.kind != pooled and key not in memory.rows}
        memory.rows |= await self.store.lock_states(c, plain) if plain else {}
        if pooled is None or not wanted:
            return
        hospitals = {key.hospital for key in wanted} - memory.pools.keys()
        if hospitals:
            memory.pools |= await self.store.lock_pool(c, hospitals)
        for name in sorted(hospitals):
            version, rows = self._pools.get(name, (-1, {}))
            if version != memory.pools[name]:
                rows = await self.store.read_pool(c, pooled, name)
                self._pools[name] = (memory.pools[name], rows)
            memory.rows |= rows
        fresh = {key for key in wanted if key.kind == pooled and key not in memory.rows}
        memory.rows |= await self.store.lock_states(c, fresh) if fresh else {}

    async def _write(self, c: AsyncConnection, memory: Memory) -> Outcome:
        changed, empty = memory.changed(), memory.empty()
        if changed:
            await self.store.save_states(c, changed)
        if empty:
            await self.store.drop_states(c, empty)
        pooled = self.protocol.pooled.__name__ if self.protocol.pooled else None
        moved = {key.hospital for key in changed if key.kind == pooled} | {
            key.hospital for key in empty if key.kind == pooled
        }
        if moved:
            await self.store.bump_pool(c, {name: memory.pools[name] + 1 for name in moved})
        if memory.moved_positions():
            await self.store.move_heard(c, memory.moved_positions())
        if memory.parked:
            self.watch(key.hospital for key, _ in memory.parked if memory.hospitals.waits(key.hospital))
            rows = [parked_row(key, n, event, memory.now) for (key, n), event in memory.parked.items()]
            await self.store.park(c, rows)
        if memory.unparked:
            await self.store.unpark(c, memory.unparked)
        if memory.undecided():
            await self.store.release(c, memory.undecided())
        if memory.risen():
            await self.store.unbury(c, memory.risen())
        if memory.dead:
            await self.store.bury(c, [dead_row(event, reason, memory.now) for event, reason in memory.dead])
        parcels = await self._write_said(c, memory.said, memory.now) if memory.said else []
        if self.after is not None and memory.taken:
            await self.after(c, memory.taken + [u.event for u in memory.said if u.due_at is None])
        outcome = self._outcome(memory, parcels)
        erased = [(e.hospital, e.subject) for e in memory.erasing()]
        if erased:
            await self.store.receive(c, {erased_key(*one): one[0] for one in erased}, self.mint.event_id(), memory.now)
            if self.forget is not None:
                await self.forget(c, erased)
            outcome.erased = await self._erase(c, erased)
        outcome.pools = {name: (memory.pools[name] + 1, self._pool_after(memory, name)) for name in moved}
        return outcome

    def _pool_after(self, memory: Memory, hospital: str) -> dict[Key, Row]:
        """What the pool will be once this transaction has committed: remembered, so that the next batch need not read
        it.
        """
        assert self.protocol.pooled is not None
        keys = memory.everyone(self.protocol.pooled.__name__, hospital)
        return {
            key: Row(memory.count(key), memory.state(key))
            for key in keys
            if key in memory.touched or not memory.rows[key].blank
        }

    async def _write_said(self, c: AsyncConnection, said: list[Utterance], now: datetime) -> list[Parcel]:
        seqs = await self.store.reserve(c, len(said))
        parcels, journal, pending, mentions = [], [], [], list[dict[str, Any]]()
        for seq, utterance in zip(seqs, said, strict=True):
            event, body = utterance.event, write(utterance.event)
            journal.append(journal_row(seq, utterance, body))
            mentions += mention_rows(seq, event)
            for destination in self._destinations(event):
                grace = LETTER_GRACE if destination == "mail" else GRACE
                row = (utterance.due_at or now + grace, seq, destination)
                pending.append(dict(zip(("due_at", "seq", "destination"), row, strict=True)))
                if utterance.due_at is None:
                    parcels.append(Parcel(row, event, body))
                elif self.quiet_until is not None:
                    self.quiet_until = min(self.quiet_until, utterance.due_at)
        await self.store.write_journal(c, journal)
        if pending:
            await self.store.write_pending(c, pending)
        if mentions:
            await self.store.note_mentions(c, mentions)
        return parcels

    def _destinations(self, event: Event) -> tuple[str, ...]:
        if isinstance(event.data, Timer):
            return (self.name,)
        if isinstance(event.data, Letter):
            return ("mail",)
        if self.destinations == (BUS,):
            return self.destinations
        return tuple(hearer for hearer in self.destinations if hearer in event.nth)

    def _outcome(self, memory: Memory, parcels: list[Parcel]) -> Outcome:
        taken = ((event.data.type, (memory.now - event.time).total_seconds()) for event in memory.taken)
        self.metrics.consumed(self.name, taken)
        for event in memory.duplicates:
            self.metrics.duplicate(self.name, event.data.type)
        for event in memory.parked.values():
            self.metrics.parked(self.name, event.data.type)
        for event, reason in memory.dead:
            self.metrics.dead_letter(self.name, event.data.type, reason)
            _logger.error("dead_letter", service=self.name, type=event.data.type, reason=reason)
        answers: dict[str, list[Event]] = {}
        for utterance in memory.said:
            answers.setdefault(utterance.event.cause or "", []).append(utterance.event)
            if utterance.event.data.refuses:
                self.metrics.refused(self.name, utterance.event.hospital, utterance.event.data.rule)  # type: ignore[attr-defined]
        dead = {event.id: reason for event, reason in memory.dead}
        return Outcome(
            parcels,
            answers,
            len(memory.taken),
            {event.id for event in memory.taken},
            {event.id for event in memory.duplicates},
            len(memory.parked),
            dead,
        )

    async def _publish(self, outcome: Outcome) -> None:
        """At once, by the process that committed; whatever goes wrong here is left to the net."""
        self._unscrubbed |= outcome.erased
        await self._scrub()
        if not outcome.parcels or self.publish is None:
            return
        with contextlib.suppress(Exception):
            await self.publish(outcome.parcels)
