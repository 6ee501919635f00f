"""One message on an overlay of the states, kept only when the whole decision succeeded: it harms only itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from shared.engine.states import States, Utterance
from shared.engine.world import ALL, Key, Later, Said, State, World
from shared.hospital import Hospital
from shared.messages import Command, Event, Fact


class Decision:
    """One message on an overlay of the memory."""

    def __init__(self, memory: States, event: Event, hospital: Hospital) -> None:
        self.memory, self.event, self.hospital = memory, event, hospital
        self.states: dict[Key, State] = {}
        self.counts: dict[Key, Mapping[str, int]] = {}
        self.touched: set[Key] = set()
        self.said: list[Utterance] = []

    @property
    def only_refuses(self) -> bool:
        """Whether it is a command that the rules refuse, of which nothing else comes."""
        told = [one.event.data.refuses for one in self.said]
        return isinstance(self.event.data, Command) and bool(told) and all(told)

    def run(self) -> None:
        """A fact or timer: evolve, then decide. A command: decide, then evolve."""
        event, protocol = self.event, self.memory.protocol
        world = World(self.memory.now, self.hospital, self._read, self._everyone)
        if not isinstance(event.data, Command):
            self._evolve(event)
        for said in list(protocol.decide(world, event)):
            self._say(said)

    def _evolve(self, event: Event) -> None:
        for key in self.memory.touches(event):
            before = self._state(key)
            after = self.memory.protocol.evolve(before, event)
            if after is not before:
                self.states[key] = after
                self.touched.add(key)

    def _say(self, said: Said) -> None:
        if isinstance(said, State):
            self._remember(said)
            return
        message, due_at = said if isinstance(said, Later) else (said, None)
        id, cause = self.memory.mint.event_id(), self.event
        event = Event(id, cause.hospital, self.memory.now, message, None, cause.correlation or cause.id, cause.id)
        if isinstance(message, Fact):
            event = self._numbered(event, message.heard_by)
            self._evolve(event)
        self.said.append(Utterance(event, due_at))

    def _remember(self, state: State) -> None:
        key = Key(type(state).__name__, state.hospital, state.id)
        if self._state(key) != state:
            self.states[key] = state
            self.touched.add(key)

    def _numbered(self, event: Event, hearers: tuple[str, ...]) -> Event:
        """With its place among the facts about its subject, of all and of those that each hearer gets."""
        home = next(self.memory.touches(event), None)
        if home is None:
            raise LookupError("a fact about nothing that is remembered")
        self._state(home)
        before = self.counts.get(home) or self.memory.count(home)
        now = {name: before.get(name, 0) + 1 for name in (ALL, *hearers)}
        self.counts[home] = {**before, **now}
        self.touched.add(home)
        return replace(event, sequence=now.pop(ALL), nth=now)

    def _state(self, key: Key) -> State:
        return self.states.get(key) or self.memory.state(key)

    def _read(self, kind: type[State], id: str) -> State:
        return self._state(Key(kind.__name__, self.event.hospital, id))

    def _everyone(self, kind: type[State]) -> Iterator[State]:
        """A row that was only made to be locked is nobody yet."""
        memory = self.memory
        for key in memory.everyone(kind.__name__, self.event.hospital):
            if not memory.rows[key].blank or key in memory.touched or key in self.touched:
                yield self._state(key)
