"""How messages come to the engine: from the bus and from outside, as receipts of letters, and again.

Whatever comes is given to one transaction; what fails in it is tried apart, and only the culprit is set aside.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from shared import log
from shared.clock import Clock
from shared.crashpoint import crashpoint
from shared.db import Database, Transaction
from shared.engine.erasure import Subject
from shared.engine.outcome import OtherWords, Outcome, Parcel, PendingRow, SetAside, in_all
from shared.engine.outgoing import BUS
from shared.engine.parked import Parked
from shared.engine.position import clean
from shared.engine.rows import dead_row, rejected_row
from shared.engine.sparing import spared
from shared.engine.store import Store
from shared.engine.together import Partly, Together
from shared.engine.world import Key, Protocol, Row
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event, Fact, Letter, Message, Unreadable, opened, read
from shared.metrics import Metrics, known
from shared.passing import error_code, is_passing

_logger = log.logger("engine")


class Entrances(Parked):
    """What takes messages in. The transaction itself is the engine's."""

    def __init__(
        self,
        protocol: Protocol,
        database: Database,
        store: Store,
        clock: Clock,
        hospital: Callable[[str], Hospital],
        metrics: Metrics,
        mint: Mint,
    ) -> None:
        super().__init__(protocol, database, store, clock, hospital, metrics)
        self.mint = mint
        #: Whether something that was erased may still have to go, once it has reached its last reader; the table says.
        self.leaving = True
        self._unscrubbed = False
        #: No timer or letter that this process knows of is due before; None: not known.
        self.quiet_until: datetime | None = None
        self._pools: dict[str, tuple[int, dict[Key, Row]]] = {}
        self._together = Together(self._one_by_one, self.at_once)

    async def handle(self, events: Sequence[Event]) -> Outcome:
        """Takes these messages, publishes what was said, and tells what became of each.

        Raises only what will pass (a lost connection): then the same batch may be given again, and what of it was done
        is published and is not done twice.
        """
        return await self._whole(events)

    async def join(self, events: Sequence[Event]) -> Outcome:
        """Takes these messages together with whatever else comes at this moment, from the bus or from outside. Returns
        what became of all of them; raises as `handle` does.
        """
        return await self._together.do(events)

    async def stop(self) -> None:
        """Whatever of `join` has not been committed by now is not done."""
        await self._together.stop()

    async def take(self, events: Sequence[Event]) -> Outcome:
        """Takes messages from outside, together with those of whoever else comes at this moment. Raises NotInForce."""
        self._must_be_in_force(events)
        return (await self.join(events)).of(events)

    async def ask(self, command: Event) -> list[Event]:
        """What was said about its subject in answer to a command; the same again when the same command comes again.
        Raises SetAside when nothing could be decided on it, OtherWords when what came before under its id has another
        correlation, and NotInForce.
        """
        self._must_be_in_force([command])
        outcome = await self.join([command])
        if command.id in outcome.dead:
            raise SetAside(command.id, outcome.dead[command.id])
        if command.id not in outcome.duplicates:
            return [event for event in outcome.answers.get(command.id, []) if event.subject == command.subject]
        async with self.database.read() as c:
            if await self.store.came_with(c, command.id) not in (None, command.correlation):
                raise OtherWords
            said = await self.store.about(c, command.hospital, command.subject)
        return [event for event in map(opened, said) if event.cause == command.id and event.sequence is not None]

    def _must_be_in_force(self, events: Sequence[Event]) -> None:
        """Raises NotInForce: then nothing is done, and the same may be sent again."""
        for hospital in {event.hospital for event in events}:
            problem = self.out_of_force(hospital)
            if problem is not None:
                raise problem

    async def finish(self, letters: Sequence[tuple[Parcel, Message]], given_up: str = "") -> None:
        """These letters are dealt with: takes their rows away and the receipts in, in one transaction. A receipt that
        cannot be kept is set aside, so that its letter does not leave again. given_up: why they were not sent; they are
        kept among the dead letters then.
        """
        async for _ in spared(partial(self._finish, given_up), letters):
            pass

    async def _finish(self, given_up: str, letters: Sequence[tuple[Parcel, Message]], doomed: str) -> None:
        await self._done(await self.database.transact(partial(self._account, given_up, letters, doomed)))

    async def _account(
        self, given_up: str, letters: Sequence[tuple[Parcel, Message]], doomed: str, c: Transaction
    ) -> Outcome:
        # One whose lease was over is another replica's.
        mine = await self.store.take_pending(c, [parcel.row for parcel, _ in letters])
        mail = [(parcel.event, receipt) for parcel, receipt in letters if parcel.row[1] in mine]
        events = [self._receipt(letter, receipt) for letter, receipt in mail]
        outcome = await self._take(c, events, timers=True, doomed=doomed) if events else Outcome()
        if given_up and mail:
            await self.store.bury(c, [dead_row(letter, given_up, self.clock.now()) for letter, _ in mail])
            await self.store.pardon(c, "mail")
        return outcome

    def _receipt(self, letter: Event, receipt: Message) -> Event:
        id, now = self.mint.event_id(), self.clock.now()
        return Event(id, letter.hospital, now, receipt, None, letter.correlation, letter.id)

    async def delivered(self, rows: Sequence[PendingRow]) -> None:
        """These rows are done."""
        if rows:
            self._unscrubbed |= await self.database.transact(partial(self._let_go, rows))
            await self._scrub()

    async def _let_go(self, rows: Sequence[PendingRow], c: Transaction) -> bool:
        """Takes these rows away, and what waited for them to be forgotten. Whether there was such a thing."""
        await self.store.take_pending(c, rows)
        return self.leaving and await self._erase(c, [])

    async def set_aside(self, events: Sequence[Event], reason: str) -> Outcome:
        """Puts these messages among the dead letters, but for those that were heard after all; each counts as heard."""
        return await self._whole(events, reason)

    async def reject(self, body: bytes, reasons: Iterable[str]) -> None:
        """Notes that a body, or something in it, cannot be read: its hash and the reasons, nothing that it holds."""
        digest, now = hashlib.sha256(body).hexdigest(), self.clock.now()
        rows = [rejected_row(f"{digest[:40]}-{reason}", reason, now) for reason in sorted(set(reasons))]
        await self.database.transact(lambda c: self.store.bury(c, rows))
        for row in rows:
            self.metrics.dead_letter(self.name, "", row["reason"])
            _logger.error("rejected", service=self.name, reason=row["reason"])

    def tell_dead(self, event: Event, reason: str) -> None:
        self.metrics.dead_letter(self.name, event.data.type, reason)
        _logger.error("dead_letter", service=self.name, type=known(event.data.type), reason=reason)

    async def replay(self, id: str, body: bytes) -> str:
        """Takes a dead letter again and its row away, in one transaction; what was received meanwhile is dropped.
        Returns why it was set aside again, if so.
        """
        try:
            event = read(body)
            outcome = await self.database.transact(partial(self._take_again, event))
        except Unreadable as unreadable:
            return unreadable.reason
        except Exception as error:
            if is_passing(error):
                raise
            return error_code(error)
        await self._done(outcome)
        return outcome.dead.get(event.id, "")

    async def _take_again(self, event: Event, c: Transaction) -> Outcome:
        """A message is decided on anew; mail, and what this service said itself, is on its way again."""
        said = isinstance(event.data, Fact) and event.publisher == self.name
        if not (said or isinstance(event.data, Letter)):
            return await self._take(c, [event], again=True)
        if not await self.store.unbury(c, [clean(event.id)]):
            return Outcome()  # somebody else just took it
        now, to = self.clock.now(), BUS if said else "mail"
        found = await self.store.post_again(c, event.hospital, event.subject, event.id, now, to)
        self.quiet_until = None
        return Outcome() if found else Outcome(dead={event.id: "forgotten"})

    async def pass_gaps(self) -> int:
        passed = await super().pass_gaps()
        await self._let_the_rest_go()
        return passed

    async def _let_the_rest_go(self) -> None:
        """What had to wait before it could be forgotten, in whichever replica that was."""
        async with self.database.read() as c:
            self.leaving = await self.store.is_erasing(c)
        if self.leaving:
            self._unscrubbed |= await self.database.transact(lambda c: self._erase(c, []))
            await self._scrub()

    async def take_parked(self, keys: Sequence[Key], gaps: bool, *, one_by_one: bool = False, doomed: str = "") -> None:
        beyond, ready = (keys, ()) if gaps else ((), keys)
        how: dict[str, Any] = {"gaps": beyond, "ready": ready, "doomed": doomed, "one_by_one": one_by_one}
        await self._done(await self.database.transact(lambda c: self._take(c, [], **how)))

    async def _whole(self, events: Sequence[Event], doomed: str = "") -> Outcome:
        try:
            return await self._one_by_one(events, doomed)
        except Partly as partly:
            raise partly.cause from partly

    async def _one_by_one(self, events: Sequence[Event], doomed: str = "") -> Outcome:
        """The whole batch at once; if the database refuses something in it, each message in its own transaction. Raises
        Partly where what will pass comes in between.
        """
        done, left = list[Outcome](), list(events)
        try:
            async for taken, outcome in spared(self._keep, events, doomed):
                done.append(outcome)
                left = left[len(taken) :]
        except Exception as error:
            if not done:
                raise
            raise Partly(in_all(done), left, error) from error
        return in_all(done)

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

        async def work(c: Transaction) -> Outcome:
            outcome = await self._take(c, events, doomed=doomed, one_by_one=one_by_one)
            crashpoint("before_commit")
            return outcome

        outcome = await self.database.transact(work)
        crashpoint("after_commit_before_publish")
        await self._done(outcome)
        return outcome

    async def say(self, outcome: Outcome) -> None:
        """What was just committed goes out."""
        await self._publish(outcome)

    async def _done(self, outcome: Outcome) -> None:
        """What was committed is remembered, and goes out."""
        self._pools |= outcome.pools
        await self._publish(outcome)

    @abstractmethod
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
        """Reads, decides and writes, in the transaction of `c`."""

    @abstractmethod
    async def _publish(self, outcome: Outcome) -> None:
        """What was committed goes out."""

    @abstractmethod
    async def _erase(self, c: Transaction, subjects: list[Subject]) -> bool:
        """Forgets these subjects, and what was left of others. Whether there was anything to forget."""

    @abstractmethod
    async def _scrub(self) -> None:
        """What was erased leaves the files as well."""
