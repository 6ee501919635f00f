"""The memory of one transaction: what was read, what is decided on it, what must be written. Pure: no database, no
clock.

Every message is decided on an overlay that is kept only when the whole decision succeeded, so one bad message harms
only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shared.engine.decision import Decision
from shared.engine.position import Position
from shared.engine.states import States, Utterance
from shared.engine.world import Key, Missing, Protocol, Row, State
from shared.hospital import Hospital, Known
from shared.ids import Mint
from shared.messages import Event, Sealed


def clean(text: str) -> str:
    """A key without the characters that a database refuses."""
    return text if text.isprintable() else "".join(ch if ch.isprintable() else "?" for ch in text)


def place_of(event: Event) -> Key:
    """The publisher, hospital and subject within which a fact has its number."""
    return Key(event.publisher, clean(event.hospital), clean(event.subject))


class Memory(States):
    """States, positions and what was said, for one transaction.

    rows: what was read. positions: how far each (publisher, hospital, subject) was heard. new_keys: of what came from
    outside, the keys that were noted now. died: those of them under which something was set aside before. gone: what
    was to be replayed and is no dead letter any more. free: these come neither from outside nor in order. one_by_one:
    one message, and not what is parked behind it.
    """

    def __init__(
        self,
        protocol: Protocol,
        now: datetime,
        hospital: Callable[[str], Hospital],
        mint: Mint,
    ) -> None:
        super().__init__(protocol, now, mint)
        self.hospitals = Known(hospital)
        self.pools: dict[str, int] = {}
        self.positions: dict[Key, Position] = {}
        self.waiting: dict[Key, dict[int, Event]] = {}
        self.new_keys: set[str] = set()
        self.died: set[str] = set()
        self.gone: set[str] = set()
        self.free = False
        self.one_by_one = False
        self._read_positions: dict[Key, Position] = {}
        self.forget()

    def forget(self) -> None:
        """Undoes every decision, but not what was read."""
        self._undo()
        self.taken: list[Event] = []
        self.duplicates: list[Event] = []
        self.parked: dict[tuple[Key, int], Event] = {}
        self.unparked: list[tuple[Key, int]] = []
        self.dead: list[tuple[Event, str]] = []
        self.said: list[Utterance] = []
        self.decided: set[str] = set()
        self.missing: set[Key] = set()
        self.positions = dict(self._read_positions)

    def remember_positions(self) -> None:
        self._read_positions = dict(self.positions)

    def footprint(self, events: Sequence[Event]) -> set[Key]:
        """The states that these messages, and the parked ones behind them, concern."""
        early = [event for waiting in self.waiting.values() for event in waiting.values()]
        return {key for event in (*events, *early) for key in self.touches(event)}

    def decide_all(
        self, events: Sequence[Event], *, again: bool, doomed: str, gaps: Sequence[Key], ready: Sequence[Key] = ()
    ) -> None:
        """Decides on the messages one after the other. Raises `Missing` when decisions ask for states that were not
        read: all that are known so far at once, so that a batch is seldom decided more than two or three times.
        """
        for key in gaps:
            self._pass_gap(key, doomed)
        for key in ready:
            self._take_up(key, doomed)
        for event in events:
            if event.sequence is None or again:
                self._from_outside(event, doomed)
            elif self.protocol.name in event.nth:
                self._in_order(event, event.nth[self.protocol.name], doomed)
            else:
                self.duplicates.append(event)  # it was said to others
        if self.missing:
            raise Missing(*self.missing)

    # -- order --

    def _from_outside(self, event: Event, doomed: str) -> None:
        """Known by its key alone. What died is no duplicate when it comes again; it is decided afresh."""
        key = clean(event.id)
        if key in self.gone:
            return
        counted = self.free or event.sequence is not None
        if not counted and (key not in self.new_keys or key in self.decided):
            self.duplicates.append(event)
            return
        self.dead = [(one, reason) for one, reason in self.dead if clean(one.id) != key]
        if self._apply(event, doomed):
            self.decided.add(key)

    def _in_order(self, event: Event, n: int, doomed: str) -> None:
        key = place_of(event)
        if key in self.waiting and not self.one_by_one:
            self._take_up(key)  # what waited for settings that are in force by now
        position = self.positions[key]
        if not position.is_new(n) or n in self.waiting.get(key, {}) or (key, n) in self.parked:
            self.duplicates.append(event)
        elif n > position.last + 1 or (self.hospitals.waits(event.hospital) and not doomed):
            self.parked[key, n] = event
        else:
            self.positions[key] = position.having(n)
            self._apply(event, doomed)
            if not self.one_by_one:
                self._take_up(key)

    def _take_up(self, key: Key, doomed: str = "") -> None:
        """What was parked behind a gap that has closed now, or for settings that are in force by now."""
        while not self.hospitals.waits(key.hospital):
            n = self._next(key)
            event = self.parked.pop((key, n), None)
            if event is None:
                event = self.waiting.get(key, {}).get(n)
                if event is None:
                    return
                self.unparked.append((key, n))
            self.positions[key] = self.positions[key].having(n)
            self._apply(event, doomed)
            if self.one_by_one:
                return

    def _next(self, key: Key) -> int:
        """The number that is next, or one that was passed and waits now."""
        position = self.positions[key]
        late = (n for n in self.waiting.get(key, {}) if position.passed and position.lacks(n))
        return min(late, default=position.last + 1)

    def _pass_gap(self, key: Key, doomed: str) -> None:
        position = self.positions[key]
        beyond = [n for n in self.waiting.get(key, {}) if n > position.last]
        if beyond:
            self.positions[key] = position.up_to(min(beyond) - 1)
            self._take_up(key, doomed)

    # -- one decision --

    def _apply(self, event: Event, doomed: str) -> bool:
        """Whether it was taken; a refusal is taken too."""
        if isinstance(event.data, Sealed):
            doomed = event.data.reason
        settings = self.hospitals.get(event.hospital)
        if doomed or isinstance(settings, str):
            self.dead.append((event, doomed or str(settings)))
            return False
        try:
            decision = Decision(self, event, settings)
            decision.run()
        except Missing as missing:
            self.missing |= missing.keys
            return False
        except Exception as error:
            self.dead.append((event, f"undecidable_{type(error).__name__}"))
            return False
        self.states |= decision.states
        self.counts |= decision.counts
        self.touched |= decision.touched
        self.said += decision.said
        self.taken.append(event)
        return True

    # -- what must be written --

    def undecided(self) -> set[str]:
        """Keys that were noted for what was set aside: they are free for it to come again."""
        return self.new_keys - self.decided

    def risen(self) -> set[str]:
        """Keys under which something was set aside before and is taken now: it must not be replayed as well."""
        return self.died & self.decided

    def told(self) -> list[Event]:
        """What was taken, and what was said that does not wait for its moment."""
        return [*self.taken, *(utterance.event for utterance in self.said if utterance.due_at is None)]

    def erasing(self) -> list[Event]:
        """What was taken or said that lets its subject be forgotten."""
        return [event for event in (*self.taken, *(one.event for one in self.said)) if event.data.erases]

    def changed(self) -> dict[Key, tuple[Mapping[str, int], State]]:
        """States to be written, with how much was said about each."""
        return {key: (self.count(key), self.state(key)) for key in sorted(self.touched)}

    def pool_after(self, hospital: str) -> dict[Key, Row]:
        """A pool as it will be once this transaction has committed, so that the next batch need not read it."""
        assert self.protocol.pooled is not None
        keys = self.everyone(self.protocol.pooled.__name__, hospital)
        there = (key for key in keys if key in self.touched or not self.rows[key].blank)
        return {key: Row(self.count(key), self.state(key)) for key in there}

    def empty(self) -> list[Key]:
        """Placeholders that stayed empty."""
        return [key for key, row in self.rows.items() if row.blank and key not in self.touched]

    def moved_positions(self) -> dict[Key, Position]:
        return {key: now for key, now in self.positions.items() if now != self._read_positions.get(key)}
