"""What a decision may see and say: states, the world of one message, and messages for later. Pure.

A service describes itself by `touches`, `evolve` and `decide`; the engine does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.hospital import Hospital
from shared.messages import Event, Message


class State(BaseModel):
    """What a service remembers about one thing of one hospital. Something never mentioned has only its keys."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hospital: str
    id: str

    def but(self, **changes: Any) -> Self:
        """The same state with these fields changed (unchecked: the values come from validated messages)."""
        return self.model_copy(update=changes)


S = TypeVar("S", bound=State)


#: Under which the facts about a subject are counted whoever hears them.
ALL = "all"


class Key(NamedTuple):
    """The address of one state."""

    kind: str
    hospital: str
    id: str


class Row(NamedTuple):
    """A state as it was read, and how many facts were said about it so far, to each hearer and in all (`ALL`); blank if
    it was never written.
    """

    said: Mapping[str, int]
    state: State
    blank: bool = False


class Later(NamedTuple):
    """A message that is said now and delivered at `at` (UTC): a timer, or a letter that waits for the morning."""

    message: Message
    at: datetime


#: What a decision says. A state is remembered as it is and told to nobody: for what must not travel.
Said = Message | Later | State


class Missing(Exception):
    """Decisions need states that were not read with them; the engine reads them and decides again."""

    def __init__(self, *keys: Key) -> None:
        super().__init__(*keys)
        self.keys = frozenset(keys)


@dataclass(frozen=True, slots=True)
class World:
    """All that one decision may look at. It holds no clock, database, broker, chance or identity of its own.

    now: the moment of the decision, UTC. hospital: the settings of the hospital that the message belongs to.
    """

    now: datetime
    hospital: Hospital
    reader: Callable[[type[State], str], State]
    everyone: Callable[[type[State]], Iterator[State]]

    def get(self, kind: type[S], id: str) -> S:
        """The state of one thing of this hospital; a fresh one if it was never mentioned before."""
        state = self.reader(kind, id)
        assert isinstance(state, kind)
        return state

    def all(self, kind: type[S], ids: Iterable[str]) -> list[S]:
        """These states, in this order. What was not read is asked for together."""
        found: list[S] = []
        missing: set[Key] = set()
        for id in ids:
            try:
                found.append(self.get(kind, id))
            except Missing as one:
                missing |= one.keys
        if missing:
            raise Missing(*missing)
        return found

    def pool(self, kind: type[S]) -> Iterator[S]:
        """Every state of the service's pooled kind in this hospital, in order of id."""
        for state in self.everyone(kind):
            assert isinstance(state, kind)
            yield state


@dataclass(frozen=True, slots=True)
class Protocol:
    """A service as the engine sees it.

    touches: the states that a message concerns, as (kind, id); of a fact that the service says itself, the first is its
    subject's. evolve: a state after a message. decide: what is said in answer. pooled: the kind whose states of one
    hospital are always read together under that hospital's lock, because cases compete for them.
    """

    name: str
    kinds: tuple[type[State], ...]
    touches: Callable[[Event], Iterable[tuple[type[State], str]]]
    evolve: Callable[[Any, Event], State]
    decide: Callable[[World, Event], Iterable[Said]]
    pooled: type[State] | None = None
    gap_limit: timedelta = timedelta(minutes=15)
