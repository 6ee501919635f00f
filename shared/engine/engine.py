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
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import log
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.db import Database, error_code, is_collision, is_passing
from shared.engine.erasure import Erasure, Subject, erased_key
from shared.engine.outcome import Outcome, Parcel, PendingRow, SetAside
from shared.engine.outgoing import BATCH, GRACE, LETTER_GRACE, LONG_AGO, WAIT
from shared.engine.parked import Parked
from shared.engine.rows import dead_row, journal_row, mention_rows, parked_row, rejected_row
from shared.engine.sparing import spared
from shared.engine.store import Store
from shared.engine.together import Together
from shared.engine.work import Memory, Utterance, clean
from shared.engine.world import Key, Missing, Protocol, Row
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event, Letter, Message, Timer, Unreadable, opened, read, write
from shared.metrics import Metrics

__all__ = ["BATCH", "GRACE", "LETTER_GRACE", "After", "Engine", "Forget", "Outcome", "Parcel", "PendingRow", "SetAside"]

_RETRIES = 5
_logger = log.logger("engine")

After = Callable[[AsyncConnection, list[Event]], Awaitable[None]]
#: Lets go of what a service keeps elsewhere about these subjects (hospital, subject).
Forget = Callable[[AsyncConnection, list[Subject]], Awaitable[None]]


class Engine(Parked):
    """Runs one service's protocol on its database.

    destinations: where facts go (the bus's queue, or each local subscriber). publish: called with what was just
    committed; a failure there is not an error, because the pending rows stay. after: more to write in the same
    transaction (a read view). forget: what else the service lets go of, in the same transaction, when a subject is
    erased.
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
        super().__init__(protocol, database, store, clock, hospital, metrics)
        self.mint = mint
        self.destinations = destinations
        self.after = after
        self.forget = forget
        self._erasure = Erasure(store, protocol.name, "mail")
        #: Whether something that was erased may still have to go, once it has reached its last reader.
        self.leaving = True
        self._unscrubbed = False
        self.publish: Callable[[list[Parcel]], Awaitable[None]] | None = None
        self._pools: dict[str, tuple[int, dict[Key, Row]]] = {}
        #: No timer or letter that this process knows of is due before; None: not known.
        self.quiet_until: datetime | None = None
        self._outside = Together(self.handle, BATCH)

    async def handle(self, events: Sequence[Event]) -> Outcome:
        """Takes these messages, publishes what was said, and tells what became of each.

        Raises only what will pass (a lost connection, a deadlock): then nothing was done and the same batch may be
        given again.
        """
        for _ in range(_RETRIES - 1):
            try:
                return await self._one_by_one(events)
            except DBAPIError as error:
                if not is_collision(error):
                    raise
        return await self._one_by_one(events)

    async def take(self, events: Sequence[Event]) -> Outcome:
        """Takes messages from outside, together with those of whoever else comes at this moment. Raises NotInForce."""
        self._must_be_in_force(events)
        outcome = await self._outside.do(events)
        return outcome.of(events)

    async def ask(self, command: Event) -> list[Event]:
        """What was said about its subject in answer to a command; the same again when the same command comes again.
        Raises SetAside when nothing could be decided on it, and NotInForce.
        """
        self._must_be_in_force([command])
        outcome = await self._outside.do([command])
        if command.id in outcome.dead:
            raise SetAside(command.id, outcome.dead[command.id])
        if command.id not in outcome.duplicates:
            return [event for event in outcome.answers.get(command.id, []) if event.subject == command.subject]
        async with self.database.read() as c:
            said = await self.store.about(c, command.hospital, command.subject)
        return [event for event in map(opened, said) if event.cause == command.id and event.sequence is not None]

    def _must_be_in_force(self, events: Sequence[Event]) -> None:
        """Raises NotInForce: then nothing is done, and the same may be sent again."""
        for hospital in {event.hospital for event in events}:
            problem = self.out_of_force(hospital)
            if problem is not None:
                raise problem

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

    async def finish(self, letters: Sequence[tuple[Parcel, Message]], given_up: str = "") -> None:
        """These letters are dealt with: takes their rows away and the receipts in, in one transaction. A receipt that
        cannot be kept is set aside, so that its letter does not leave again. given_up: why they were not sent; they are
        kept among the dead letters then.
        """
        await spared(partial(self._finish, given_up), letters)

    async def _finish(self, given_up: str, letters: Sequence[tuple[Parcel, Message]], doomed: str) -> None:
        async with self.database.begin() as c:
            # One whose lease was over is another replica's.
            mine = await self.store.take_pending(c, [parcel.row for parcel, _ in letters])
            mail = [(parcel.event, receipt) for parcel, receipt in letters if parcel.row[1] in mine]
            events = [self._receipt(letter, receipt) for letter, receipt in mail]
            outcome = await self._take(c, events, timers=True, doomed=doomed) if events else Outcome()
            if given_up and mail:
                await self.store.bury(c, [dead_row(letter, given_up, self.clock.now()) for letter, _ in mail])
                await self.store.pardon(c, "mail")
        self._pools |= outcome.pools
        await self._publish(outcome)

    def _receipt(self, letter: Event, receipt: Message) -> Event:
        id, now = self.mint.event_id(), self.clock.now()
        return Event(id, letter.hospital, now, receipt, None, letter.correlation, letter.id)

    async def delivered(self, rows: Sequence[PendingRow]) -> None:
        """These rows are done."""
        if rows:
            async with self.database.begin() as c:
                await self.store.delete_pending(c, rows)
                erased = self.leaving and await self._erase(c, [])
            self._unscrubbed |= erased
            await self._scrub()

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

    async def set_aside(self, events: Sequence[Event], reason: str) -> Outcome:
        """Puts these messages among the dead letters, but for those that were heard after all; each counts as heard."""
        return await self._one_by_one(events, reason)

    async def reject(self, body: bytes, reasons: Iterable[str]) -> None:
        """Notes that a body, or something in it, cannot be read: its hash and the reasons, nothing that it holds."""
        digest, now = hashlib.sha256(body).hexdigest(), self.clock.now()
        rows = [rejected_row(f"{digest[:40]}-{reason}", reason, now) for reason in sorted(set(reasons))]
        async with self.database.begin() as c:
            await self.store.bury(c, rows)
        for row in rows:
            self.metrics.dead_letter(self.name, "", row["reason"])
            _logger.error("rejected", service=self.name, reason=row["reason"])

    async def replay(self, id: str, body: bytes) -> str:
        """Takes a dead letter again and its row away, in one transaction; what was received meanwhile is dropped.
        Returns why it was set aside again, if so.
        """
        try:
            event = read(body)
            async with self.database.begin() as c:
                outcome = await self._take_again(c, event)
        except Unreadable as unreadable:
            return unreadable.reason
        except Exception as error:
            if is_passing(error):
                raise
            return error_code(error)
        self._pools |= outcome.pools
        await self._publish(outcome)
        return outcome.dead.get(event.id, "")

    async def _take_again(self, c: AsyncConnection, event: Event) -> Outcome:
        """A message is decided on anew; mail is on its way again."""
        if not isinstance(event.data, Letter):
            return await self._take(c, [event], again=True)
        if not await self.store.unbury(c, [clean(event.id)]):
            return Outcome()  # somebody else just took it
        found = await self.store.post_again(c, event.hospital, event.subject, event.id, self.clock.now())
        self.quiet_until = None
        return Outcome() if found else Outcome(dead={event.id: "forgotten"})

    async def pass_gaps(self) -> int:
        passed = await super().pass_gaps()
        if self.leaving:
            async with self.database.begin() as c:
                erased = await self._erase(c, [])
            self._unscrubbed |= erased
            await self._scrub()
        return passed

    async def take_parked(self, keys: Sequence[Key], gaps: bool, *, one_by_one: bool = False, doomed: str = "") -> None:
        async with self.database.begin() as c:
            beyond, next_ones = (keys, ()) if gaps else ((), keys)
            outcome = await self._take(c, [], gaps=beyond, ready=next_ones, doomed=doomed, one_by_one=one_by_one)
        self._pools |= outcome.pools
        await self._publish(outcome)

    # -- one transaction --

    async def _one_by_one(self, events: Sequence[Event], doomed: str = "") -> Outcome:
        """The whole batch at once; if the database refuses something in it, each message in its own transaction."""
        first, *others = await spared(self._keep, events, doomed) or [Outcome()]
        for outcome in others:
            first.add(outcome)
        return first

    async def _keep(self, events: Sequence[Event], doomed: str) -> Outcome:
        """One transaction; a message that cannot even be set aside is rejected.

        What is wrong may be wrong with a message that is parked behind it: that one is then left to `take_up`.
        """
        try:
            return await self._transact(events, doomed)
        except Exception as error:
            if is_passing(error) or len(events) > 1:
                raise
        self.watch(event.hospital for event in events)
        try:
            return await self._transact(events, doomed, one_by_one=True)
        except Exception as error:
            if is_passing(error) or not doomed:
                raise
        for event in events:
            await self.reject(f"{event.publisher} {event.id}".encode(errors="replace"), [doomed])
        return Outcome(dead={event.id: doomed for event in events})

    async def _transact(self, events: Sequence[Event], doomed: str, one_by_one: bool = False) -> Outcome:
        """Published as soon as it is committed: whatever becomes of the rest of the batch, this has happened."""
        async with self.database.begin() as c:
            outcome = await self._take(c, events, doomed=doomed, one_by_one=one_by_one)
            crashpoint("before_commit")
        self._pools |= outcome.pools
        crashpoint("after_commit_before_publish")
        await self._publish(outcome)
        return outcome

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
        return ("mail",) if isinstance(event.data, Letter) else self.destinations

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

    # -- timers --

    async def _claim(self, c: AsyncConnection, since: datetime, limit: int) -> tuple[list[datetime], list[Event]]:
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
