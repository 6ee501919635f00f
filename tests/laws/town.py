"""A hospital with all four services in memory, and a bus between them that keeps no promise but one: nothing is lost.

Facts wait per publisher and subscriber and come in any order, late, more than once and in any cut; a restart reads
everything again as it was stored; the clock jumps. A dead letter is a broken law: nothing here is undecidable.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from services.followup.protocol.domain import PROTOCOL as FOLLOWUP
from services.intake.doors.mail.notices import NOT_WANTED
from services.intake.protocol.domain import PROTOCOL as INTAKE
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.states import Link
from services.intake.protocol.wanted import is_wanted
from services.matching.protocol.domain import PROTOCOL as MATCHING
from services.training.protocol.domain import PROTOCOL as TRAINING
from shared.engine.work import Memory
from shared.engine.world import Key, S
from shared.hospital import Hospital
from shared.messages import Command, Event, Letter, Message, Timer, intake, opened, write
from shared.testing import NOW
from tests.laws.history import Entry, LawBroken, Way
from tests.laws.service import Service, Waits

PROTOCOLS = (INTAKE, MATCHING, FOLLOWUP, TRAINING)


class Town:
    """The services, what is on its way between them, and what happened so far."""

    def __init__(self, hospital: Hospital, now: datetime = NOW) -> None:
        self.hospital, self.now = hospital, now
        self.services = {protocol.name: Service(protocol, hospital) for protocol in PROTOCOLS}
        self.on_the_way: dict[str, list[Event]] = {name: [] for name in self.services}
        self.delivered: dict[str, list[Event]] = {name: [] for name in self.services}
        self.history: list[Entry] = []
        self.mail_works = True
        self._number = 0

    def choose(self, hospital: Hospital) -> None:
        """These are the settings from now on."""
        self.hospital = hospital
        for service in self.services.values():
            service.hospital = hospital

    # -- what outsiders do --

    def tell(self, command: Command, *, along: int = 0) -> list[Message]:
        """Gives a command to the service that owns it, in one batch with some that were on the way. What it says."""
        name = command.publisher
        event = self._outside(command)
        batch = [*self._pick(name, range(along)), event]
        return [said.event.data for said in self._take(name, batch) if said.event.cause == event.id]

    def tell_again(self, entry: Entry) -> None:
        """The same command once more, with the same idempotency key: nothing may come of it."""
        self._expect_silence(entry.service, entry.event)

    # -- the bus --

    def deliver(self, name: str, places: Sequence[int]) -> None:
        """Gives a service these of the facts on their way to it, in this order, in one batch."""
        if batch := self._pick(name, places):
            self._take(name, batch)

    def repeat(self, name: str, place: int) -> None:
        """A fact that came before comes again: nothing may come of it."""
        if before := self.delivered[name]:
            self._expect_silence(name, before[place % len(before)])

    def settle(self, chance: random.Random | None = None) -> None:
        """Delivers until nothing is on its way; with `chance` in a random order, in random cuts, some of it twice."""
        while waiting := [name for name in self.services if self.on_the_way[name]]:
            name = chance.choice(waiting) if chance else waiting[0]
            there = len(self.on_the_way[name])
            order = chance.sample(range(there), chance.randint(1, there)) if chance else range(min(there, 200))
            self.deliver(name, list(order))
            if chance and chance.random() < 0.2:
                self.repeat(name, chance.randrange(1000))

    # -- time, and the end of a process --

    def jump(self, until: datetime) -> None:
        """The clock moves; nothing is woken by that alone."""
        self.now = max(self.now, until)

    def tick(self, names: Sequence[str] = ()) -> None:
        """Wakes what is due, service by service, until nothing is due any more."""
        order = [*names, *(name for name in self.services if name not in names)]
        while due := [name for name in order if self.services[name].waits and self.next_due(name) <= self.now]:
            for name in due:
                timers = [self._arrived(event) for event in self.services[name].take_due(self.now)]
                self._take(name, timers, timers=True)

    def next_due(self, *names: str) -> datetime:
        """When the next timer or letter of these services, or of any, is due; a day from now if none waits."""
        waits = [one.due_at for name in names or self.services for one in self.services[name].waits]
        return min(waits, default=self.now + timedelta(days=1))

    def restart(self, name: str, again: int) -> None:
        """A service ends and begins again: states as they were stored, the last facts once more, then the rest."""
        changed = self.services[name].restart()
        if changed:
            raise LawBroken(changed, self.history)
        self.on_the_way[name] = self.delivered[name][len(self.delivered[name]) - again :] + self.on_the_way[name]
        self.deliver(name, range(len(self.on_the_way[name])))

    # -- what may be looked at --

    def state(self, name: str, kind: type[S], id: str) -> S:
        states = {state.id: state for state in self.states(name, kind)}
        return states.get(id) or kind(hospital=self.hospital.id, id=id)

    def states(self, name: str, kind: type[S]) -> list[S]:
        return [row.state for row in self.services[name].rows.values() if isinstance(row.state, kind)]

    @property
    def quiet(self) -> bool:
        return not any(self.on_the_way.values())

    # -- inside --

    def _outside(self, message: Message) -> Event:
        self._number += 1
        return Event(f"told-{self._number}", self.hospital.id, self.now, message)

    def _arrived(self, event: Event) -> Event:
        """A letter that leaves becomes what intake hears of it; a timer is itself."""
        notice = event.data
        if not isinstance(notice, intake.Notice):
            return event
        outcome, reason = ("sent", "") if self.mail_works else ("failed", "smtp_550")
        link = self.services["intake"].rows.get(Key("Link", self.hospital.id, notice.regarding))
        if not is_wanted(notice, cast(Link, link.state) if link else None, rules_of(self.hospital, self.now)):
            outcome, reason = "failed", NOT_WANTED
        gone = intake.NoticeGone.model_validate(
            {"regarding": notice.regarding, "to": notice.to, "template": notice.template}
            | {"outcome": outcome, "reason": reason}
        )
        return Event(f"{event.id}-gone", event.hospital, self.now, gone, None, event.correlation, event.id)

    def _pick(self, name: str, places: Sequence[int]) -> list[Event]:
        waiting = self.on_the_way[name]
        chosen = [n for n in dict.fromkeys(places) if n < len(waiting)]
        batch = [waiting[n] for n in chosen]
        self.on_the_way[name] = [event for n, event in enumerate(waiting) if n not in chosen]
        self.delivered[name] += batch
        return batch

    def _expect_silence(self, name: str, event: Event) -> None:
        before = len(self.history)
        self._take(name, [event])
        if len(self.history) > before:
            raise LawBroken([f"{name} acts again on a message that it took before"], self.history)

    def _take(self, name: str, batch: list[Event], *, timers: bool = False) -> list[Entry]:
        memory = self.services[name].take(batch, self.now, timers=timers)
        said = self._note(name, memory)
        if memory.dead:
            broken = [f"{name} sets {event.data.name} aside: {reason}" for event, reason in memory.dead]
            raise LawBroken(broken, [*self.history, *(self._entry(name, event) for event, _ in memory.dead)])
        for entry in said:
            self._send(name, entry)
        return said

    def _note(self, name: str, memory: Memory) -> list[Entry]:
        """Writes down what was taken and, behind each message, what it led to, as it reads on paper."""
        said = []
        for event in memory.taken:
            self.history.append(self._entry(name, event))
            for utterance in memory.said:
                if utterance.event.cause == event.id:
                    paper = opened(write(utterance.event))
                    way: Way = "sets" if isinstance(paper.data, Timer | Letter) else "says"
                    said.append(Entry(self.now, name, way, paper, utterance.due_at))
                    self.history.append(said[-1])
        return said

    def _entry(self, name: str, event: Event) -> Entry:
        ways: dict[bool, Way] = {isinstance(event.data, Command): "is told", isinstance(event.data, Timer): "wakes"}
        return Entry(self.now, name, ways.get(True, "hears"), event)

    def _send(self, name: str, entry: Entry) -> None:
        if entry.way == "sets":
            self._number += 1
            self.services[name].waits.append(Waits(entry.due_at or self.now, self._number, entry.event))
            return
        for hearer in entry.event.nth:
            self.on_the_way[hearer].append(entry.event)
