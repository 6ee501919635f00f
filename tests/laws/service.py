"""One service as its engine runs it, with dictionaries for tables: states, positions, what is parked and received.

It drives the memory of the engine exactly as the engine does: what the messages touch is read, decisions that need more
are decided again from the start, and the pooled kind is always read as a whole.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.clock import SimulatedClock
from shared.engine.position import Position
from shared.engine.work import Memory
from shared.engine.world import Key, Missing, Protocol, Row
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event


class Waits(NamedTuple):
    """A timer or letter, and when it is due; `number` is its place in the journal."""

    due_at: datetime
    number: int
    event: Event


@dataclass
class Service:
    """One protocol with all that it remembers."""

    protocol: Protocol
    hospital: Hospital
    rows: dict[Key, Row] = field(default_factory=dict)
    positions: dict[Key, Position] = field(default_factory=dict)
    parked: dict[Key, dict[int, Event]] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    erased: set[tuple[str, str]] = field(default_factory=set)
    waits: list[Waits] = field(default_factory=list)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.name)

    @property
    def name(self) -> str:
        return self.protocol.name

    def take(self, events: Sequence[Event], now: datetime, *, timers: bool = False) -> Memory:
        """Decides on these messages in one transaction and remembers what follows."""
        memory = self._read(events, now, timers)
        extra: set[Key] = set()
        while True:
            self._read_states(memory, memory.footprint(events) | extra)
            try:
                memory.decide_all(events, again=False, doomed="", gaps=())
                break
            except Missing as missing:
                extra |= missing.keys
                memory.forget()
        self._write(memory)
        return memory

    def restart(self) -> list[str]:
        """Everything is read again as it was stored. Tells what did not come back as it was."""
        changed = []
        for key, row in self.rows.items():
            again = type(row.state).model_validate_json(row.state.model_dump_json(exclude_defaults=True))
            changed += [f"{self.name} stored {row.state!r} and read {again!r}"] if again != row.state else []
            self.rows[key] = Row(row.said, again)
        return changed

    def take_due(self, now: datetime) -> list[Event]:
        """The timers and letters that are due, the oldest first; they wait no more."""
        due = sorted((one for one in self.waits if one.due_at <= now), key=lambda one: one[:2])
        self.waits = [one for one in self.waits if one.due_at > now]
        return [one.event.at(now) for one in due]

    def _read(self, events: Sequence[Event], now: datetime, timers: bool) -> Memory:
        mint = Mint(SimulatedClock(now), self.chance)
        memory = Memory(self.protocol, now, lambda _: self.hospital, mint)
        memory.free, memory.erased = timers, set(self.erased)
        if not timers:
            memory.new_keys = {event.id for event in events if event.sequence is None} - self.received
            self.received |= memory.new_keys
        for event in events:
            if event.sequence is not None:
                key = Key(event.publisher, event.hospital, event.subject)
                memory.positions[key] = self.positions.get(key, Position())
                if key in self.parked:
                    memory.waiting[key] = dict(self.parked[key])
        memory.remember_positions()
        return memory

    def _read_states(self, memory: Memory, wanted: set[Key]) -> None:
        pooled = self.protocol.pooled.__name__ if self.protocol.pooled else None
        found = {key for key in self.rows if key.kind == pooled} | {key for key in wanted if key in self.rows}
        memory.rows |= {key: self.rows[key] for key in found}
        kinds = {kind.__name__: kind for kind in self.protocol.kinds}
        for key in wanted - self.rows.keys():
            memory.rows.setdefault(key, Row({}, kinds[key.kind](hospital=key.hospital, id=key.id), blank=True))

    def _write(self, memory: Memory) -> None:
        self.rows |= {key: Row(said, state) for key, (said, state) in memory.changed().items()}
        self.positions |= memory.moved_positions()
        self.erased |= {(event.hospital, event.subject) for event in memory.erasing()}
        for (key, number), event in memory.parked.items():
            self.parked.setdefault(key, {})[number] = event
        for key, number in memory.unparked:
            del self.parked[key][number]
            if not self.parked[key]:
                del self.parked[key]
