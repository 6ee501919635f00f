"""The states of one transaction: as they were read, and as they were decided so far. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.engine.world import Key, Missing, Protocol, Row, State
from shared.ids import Mint
from shared.messages import Event, Sealed


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said: an event, and when it is due if that is not now."""

    event: Event
    due_at: datetime | None


class States:
    """rows: what was read. states, counts, touched: what was decided, how much was said, and what must be saved."""

    def __init__(self, protocol: Protocol, now: datetime, mint: Mint) -> None:
        self.protocol, self.now, self.mint = protocol, now, mint
        self.rows: dict[Key, Row] = {}
        self._undo()

    def _undo(self) -> None:
        """Forgets what was decided, but not what was read."""
        self._order: dict[tuple[str, str], list[Key]] = {}
        self.states: dict[Key, State] = {}
        self.counts: dict[Key, Mapping[str, int]] = {}
        self.touched: set[Key] = set()

    def touches(self, event: Event) -> Iterator[Key]:
        """The addresses of the states that a message concerns."""
        if isinstance(event.data, Sealed):
            return
        for kind, id in self.protocol.touches(event):
            yield Key(kind.__name__, event.hospital, id)

    def state(self, key: Key) -> State:
        """The state as decided so far. Raises `Missing` when it was not read."""
        state = self.states.get(key)
        if state is not None:
            return state
        if key not in self.rows:
            raise Missing(key)
        return self.rows[key].state

    def count(self, key: Key) -> Mapping[str, int]:
        return self.counts.get(key, self.rows[key].said)

    def everyone(self, kind: str, hospital: str) -> list[Key]:
        """Every state of a pooled kind that was read, in order of id."""
        wanted = (kind, hospital)
        if wanted not in self._order:
            self._order[wanted] = sorted(key for key in self.rows if key[:2] == wanted)
        return self._order[wanted]
