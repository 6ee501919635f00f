"""What one transaction did, and what of it is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.engine.world import Key, Row
from shared.messages import Event

#: pending row: (due_at, seq, destination)
PendingRow = tuple[datetime, int, str]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way to one destination: its pending row and its bytes."""

    row: PendingRow
    event: Event
    body: bytes


class SetAside(Exception):
    """A message was set aside: nothing came of it, and whoever sent it must know. `reason`: a code without content."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(reason)
        self.id = id
        self.reason = reason


class OtherWords(Exception):
    """A command came under the key of another one that said something else; nothing was done."""


@dataclass
class Outcome:
    """What one transaction did. `answers`: what was said in answer to each message, by its id; `fresh`: the ids of
    those that were taken; `dead`: why others were set aside.
    """

    parcels: list[Parcel] = field(default_factory=list)
    answers: dict[str, list[Event]] = field(default_factory=dict)
    taken: int = 0
    fresh: set[str] = field(default_factory=set)
    duplicates: set[str] = field(default_factory=set)
    parked: int = 0
    dead: dict[str, str] = field(default_factory=dict)
    erased: bool = False
    pools: dict[str, tuple[int, dict[Key, Row]]] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        self.parcels += other.parcels
        self.answers |= other.answers
        self.taken += other.taken
        self.fresh |= other.fresh
        self.duplicates |= other.duplicates
        self.parked += other.parked
        # What died and was taken when it came again is taken.
        self.dead = {id: reason for id, reason in (self.dead | other.dead).items() if id not in self.fresh}
        self.erased |= other.erased

    def of(self, events: Sequence[Event]) -> Outcome:
        """What became of these messages, which came from outside, among others."""
        ids = {event.id for event in events}
        return Outcome(
            answers={id: said for id, said in self.answers.items() if id in ids},
            taken=len(self.fresh & ids),
            fresh=self.fresh & ids,
            duplicates=self.duplicates & ids,
            dead={id: reason for id, reason in self.dead.items() if id in ids},
        )


def in_all(outcomes: Sequence[Outcome]) -> Outcome:
    """What several transactions did, one after the other."""
    first, *others = outcomes or [Outcome()]
    for outcome in others:
        first.add(outcome)
    return first
