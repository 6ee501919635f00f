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
from functools import partial

from shared import log
from shared.clock import Clock
from shared.db import Database, Transaction
from shared.engine.elsewhere import After, Forget
from shared.engine.erasure import Erasure, Subject, erased_key
from shared.engine.outcome import Outcome, Parcel, PendingRow, SetAside
from shared.engine.outgoing import BATCH, BUS, GRACE, LETTER_GRACE
from shared.engine.position import clean, place_of
from shared.engine.rows import dead_row, journal_row, mention_rows, parked_row, pending_row
from shared.engine.states import Utterance
from shared.engine.store import Kept, Rows, Store
from shared.engine.tables import View
from shared.engine.timers import Timers
from shared.engine.work import Memory
from shared.engine.world import Key, Missing, Protocol, State
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event, Letter, Timer, opened, write
from shared.metrics import Metrics

__all__ = [
    "BATCH",
    "BUS",
    "GRACE",
    "LETTER_GRACE",
    "Engine",
    "Outcome",
    "Parcel",
    "PendingRow",
    "SetAside",
]

_logger = log.logger("engine")


class Engine(Timers):
    """Runs one service's protocol on its database.

    destinations: where facts go (`BUS`, which brings them to whoever hears them, or the services of this process).
    publish: called with what was just committed; a failure there is not an error, because the pending rows stay. view:
    what the service shows of all this. forget: what else the service lets go of, in the same transaction, when a
    subject is erased. after: what else it does before that transaction ends; it may be done again.
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
        view: View | None = None,
        forget: Forget | None = None,
        after: After | None = None,
    ) -> None:
        super().__init__(protocol, database, store, clock, hospital, metrics, mint)
        self.destinations = destinations
        self.view = view
        self.forget = forget
        self.after = after
        self._erasure = Erasure(store, protocol.name, "mail")
        self.publish: Callable[[list[Parcel]], Awaitable[None]] | None = None

    async def _erase(self, c: Transaction, subjects: list[Subject]) -> bool:
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
        c: Transaction,
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
            memory = await self._come(c, events, again, timers, (*gaps, *ready))
            memory.one_by_one = one_by_one
            early, extra = list(memory.positions), set[Key]()
            while True:
                # A decision may ask for a state that nobody foresaw; it is read and the batch is
                # decided again from the start.
                await self._look(c, memory, events, bool(doomed), early, extra)
                try:
                    memory.decide_all(events, again=again, doomed=doomed, gaps=gaps, ready=ready)
                    seen = self._seen(memory)
                    break
                except Missing as missing:
                    early, extra = [], extra | missing.keys
                    memory.forget()
            return await self._write(c, memory, seen)

    async def _come(
        self, c: Transaction, events: Sequence[Event], again: bool, timers: bool, parked: Sequence[Key]
    ) -> Memory:
        now = self.clock.now()
        memory = Memory(self.protocol, now, self.hospital, self.mint)
        memory.free = timers
        strange = () if timers else [e for e in events if e.sequence is None]
        outside = {clean(e.id): (clean(e.hospital), clean(e.correlation)) for e in strange}
        subjects = {place_of(event) for event in events if self.name in event.nth and not again} | set(parked)
        if outside or subjects:
            found, memory.positions = await self.store.come(c, outside, sorted(subjects), now)
            memory.new_keys, memory.died = set(found), {key for key, died in found.items() if died}
        if again:
            ids = {clean(event.id) for event in events}
            memory.gone = ids - await self.store.unbury(c, ids)
        memory.remember_positions()
        return memory

    async def _look(
        self,
        c: Transaction,
        memory: Memory,
        events: Sequence[Event],
        doomed: bool,
        early: Sequence[Key],
        extra: set[Key],
    ) -> None:
        """Reads and locks what the messages concern, and who of it was erased; then what those concern that are parked
        behind them.
        """
        pooled = self.protocol.pooled.__name__ if self.protocol.pooled else None
        competing: set[str] = set()
        while True:
            wanted = memory.footprint(() if doomed else events) | extra
            subjects = {erased_key(*one): one for one in memory.concerned(events) - memory.asked_about}
            plain = [key for key in wanted if key.kind != pooled and key not in memory.rows]
            pools = {key.hospital for key in wanted} - memory.pools.keys() if pooled else set()
            if not (early or plain or pools or subjects):
                break
            found = await self.store.look(c, early, plain, sorted(pools), sorted(subjects))
            memory.erased |= {subjects[key] for key in found.noted}
            memory.asked_about |= set(subjects.values())
            memory.rows |= found.rows
            memory.pools |= found.pools
            memory.waiting |= {
                key: {n: opened(body.encode()) for n, body in bodies.items()} for key, bodies in found.early.items()
            }
            early, competing = (), competing | pools
            if not found.early:
                break
        if pooled:
            await self._look_at_pools(c, memory, pooled, sorted(competing), wanted)

    async def _look_at_pools(
        self, c: Transaction, memory: Memory, pooled: str, hospitals: Sequence[str], wanted: set[Key]
    ) -> None:
        for name in hospitals:
            version, rows = self._pools.get(name, (-1, {}))
            if version != memory.pools[name]:
                rows = await self.store.read_pool(c, pooled, name)
                self._pools[name] = (memory.pools[name], rows)
            memory.rows |= rows
        fresh = [key for key in wanted if key.kind == pooled and key not in memory.rows]
        if fresh:
            memory.rows |= (await self.store.look(c, (), fresh, (), ())).rows

    async def _write(self, c: Transaction, memory: Memory, seen: Rows) -> Outcome:
        changed, empty = memory.changed(), memory.empty()
        pooled = self.protocol.pooled.__name__ if self.protocol.pooled else None
        moved = {key.hospital for key in (*changed, *empty) if key.kind == pooled}
        self.watch(key.hospital for key, _ in memory.parked if memory.hospitals.waits(key.hospital))
        kept = Kept(
            states=changed,
            empty=empty,
            pools={name: memory.pools[name] + 1 for name in moved},
            heard=memory.moved_positions(),
            parked=[parked_row(key, n, event, memory.now) for (key, n), event in memory.parked.items()],
            unparked=memory.unparked,
            released=memory.undecided(),
            risen=memory.risen(),
            dead=[dead_row(event, reason, memory.now) for event, reason in memory.dead],
            view=seen,
        )
        parcels = await self._say(c, memory.said, memory.now, kept) if memory.said else []
        await self.store.keep(c, kept)
        outcome = self._outcome(memory, parcels)
        if self.after is not None:
            await self.after(memory.told(), lambda event, kind, id: _state(memory, event.hospital, kind, id))
        erased = [(e.hospital, e.subject) for e in memory.erasing()]
        if erased:
            await self.store.come(c, {erased_key(*one): (one[0], "") for one in erased}, (), memory.now)
            if self.forget is not None:
                await self.forget(c, erased)
            outcome.erased = await self._erase(c, erased)
        outcome.pools = {name: (memory.pools[name] + 1, memory.pool_after(name)) for name in moved}
        return outcome

    def _seen(self, memory: Memory) -> Rows:
        """What a service's own table holds of what was taken and said."""
        if self.view is None:
            return []
        return [
            row for event in memory.told() for row in self.view.rows(event, partial(_state, memory, event.hospital))
        ]

    async def _say(self, c: Transaction, said: list[Utterance], now: datetime, kept: Kept) -> list[Parcel]:
        """Adds what is said to what is kept; gives what of it leaves at once."""
        parcels: list[Parcel] = []
        for seq, utterance in zip(await self.store.reserve(c, len(said)), said, strict=True):
            event, body = utterance.event, write(utterance.event)
            kept.journal.append(journal_row(seq, utterance, body))
            kept.mentions += mention_rows(seq, event)
            for destination in self._destinations(event):
                grace = LETTER_GRACE if destination == "mail" else GRACE
                row = (utterance.due_at or now + grace, seq, destination)
                kept.pending.append(pending_row(row))
                if utterance.due_at is None:
                    parcels.append(Parcel(row, event, body))
                elif self.quiet_until is not None:
                    self.quiet_until = min(self.quiet_until, utterance.due_at)
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
        self.metrics.consumed(self.name, [(event.data.type, _age(event, memory.now)) for event in memory.taken])
        for event in memory.duplicates:
            self.metrics.duplicate(self.name, event.data.type)
        for event in memory.parked.values():
            self.metrics.parked(self.name, event.data.type)
        for event, reason in memory.dead:
            self.tell_dead(event, reason)
        answers: dict[str, list[Event]] = {}
        for utterance in (*memory.said, *memory.answered):
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


def _age(event: Event, now: datetime) -> float | None:
    """Seconds since it was said; a timer happens when it is handed over, and how late that is has its own gauge."""
    return None if isinstance(event.data, Timer) else (now - event.time).total_seconds()


def _state(memory: Memory, hospital: str, kind: type[State], id: str) -> State:
    return memory.state(Key(kind.__name__, hospital, id))
