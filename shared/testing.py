"""A service's decisions, told as a story: given what happened, when a message comes, then this is said.

A story runs the memory that the engine runs, one message at a time, so that a test decides what production decides.
No database, no broker.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.clock import SimulatedClock
from shared.engine.states import Utterance
from shared.engine.work import Memory
from shared.engine.world import Key, Later, Missing, Protocol, Row, S, Said
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import SERVICES, Event, Letter, Message, Timer

#: A Wednesday morning in a working week without holidays.
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def a_hospital(**changes: Any) -> Hospital:
    """The settings of a hospital; `changes` replace whole tables of its file, for example `rules={"MATCH-5": 2}`."""
    settings: dict[str, Any] = {
        "id": "example",
        "name": "Example",
        "timezone": "Europe/Amsterdam",
        "languages": ("nl", "en"),
        "country": "NL",
        "working_hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00"),
        "quiet_hours": {"from": "22:00", "to": "07:00"},
        "professions": {"nurse": {"nl": "verpleegkundige", "en": "nurse"}, "doctor": {"nl": "arts", "en": "doctor"}},
        "departments": {"icu": {"nl": "IC", "en": "ICU"}, "surgery": {"nl": "Chirurgie", "en": "Surgery"}},
    }
    return Hospital.model_validate(settings | changes)


def heard(fact: Message, n: int = 1, *, hospital: str = "example", id: str = "", at: datetime = NOW) -> Event:
    """The n-th fact about its subject, as every service hears it."""
    nth = dict.fromkeys(SERVICES, n)
    return Event(id or f"{fact.name}-{fact.subject}-{n}", hospital, at, fact, n, "the-report", nth=nth)


class Story:
    """One hospital of one service, in memory. `now` may be set; `later` is what waits for its moment."""

    def __init__(self, protocol: Protocol, hospital: Hospital | None = None, now: datetime = NOW) -> None:
        self.hospital = hospital or a_hospital()
        self.now = now
        self.later: list[Later] = []
        self._fault: Exception | None = None
        self._rows: dict[Key, Row] = {}
        self._chance = random.Random(1)
        self._protocol = replace(
            protocol, evolve=self._noted(protocol.evolve), decide=self._noted(_all_of(protocol.decide))
        )

    def given(self, *messages: Message) -> Story:
        """These came, or were said, before; what is said in answer is part of the story."""
        for message in messages:
            self.when(message)
        return self

    def when(self, message: Message) -> list[Said]:
        """Everything that is said in answer, in order. Raises what a decision raises."""
        memory = self._decided(message)
        if memory.dead:
            raise self._fault or AssertionError(memory.dead[0][1])
        self._rows |= {key: Row(said, state) for key, (said, state) in memory.changed().items()}
        said = [_as_said(utterance) for utterance in (*memory.said, *memory.answered)]
        self.later += [one for one in said if isinstance(one, Later)]
        return said

    def wait(self, until: datetime) -> list[Said]:
        """Lets time pass: timers fire when they are due, letters leave. Gives everything that is said meanwhile."""
        said: list[Said] = []
        while due := sorted((one for one in self.later if one.at <= until), key=lambda one: one.at)[:1]:
            self.later.remove(due[0])
            self.now = max(self.now, due[0].at)
            if isinstance(due[0].message, Timer):
                said += self.when(due[0].message)
        self.now = max(self.now, until)
        return said

    def state(self, kind: type[S], id: str) -> S:
        """What the service remembers about this thing; a fresh state if nothing."""
        row = self._rows.get(Key(kind.__name__, self.hospital.id, id))
        state = row.state if row else kind(hospital=self.hospital.id, id=id)
        assert isinstance(state, kind)
        return state

    def states(self, kind: type[S]) -> list[S]:
        """Everything of this kind that the service remembers, in order of id."""
        return [self.state(kind, key.id) for key in sorted(self._rows) if key.kind == kind.__name__]

    def _decided(self, message: Message) -> Memory:
        mint = Mint(SimulatedClock(self.now), self._chance)
        memory = Memory(self._protocol, self.now, lambda _: self.hospital, mint)
        memory.free, memory.rows = True, dict(self._rows)
        event = Event(mint.event_id(), self.hospital.id, self.now, message)
        for key in memory.footprint([event]):
            self._make_room(memory, key)
        while True:
            try:
                memory.decide_all([event], again=False, doomed="", gaps=())
                return memory
            except Missing as missing:
                for key in missing.keys:
                    self._make_room(memory, key)
                memory.forget()

    def _make_room(self, memory: Memory, key: Key) -> None:
        kind = next(kind for kind in self._protocol.kinds if kind.__name__ == key.kind)
        memory.rows.setdefault(key, Row({}, kind(hospital=key.hospital, id=key.id), blank=True))

    def _noted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The engine sets a failing message aside without its words; a test wants to see them."""

        def noting(*args: Any) -> Any:
            try:
                return function(*args)
            except Exception as fault:
                self._fault = fault
                raise

        return noting


def _all_of(decide: Callable[..., Iterable[Said]]) -> Callable[..., list[Said]]:
    return lambda *args: list(decide(*args))


def _as_said(utterance: Utterance) -> Said:
    message = utterance.event.data
    if utterance.due_at is None:
        return message
    assert isinstance(message, Timer | Letter)
    return Later(message, utterance.due_at)
