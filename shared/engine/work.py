"""The memory of one transaction: what was read, what is decided on it, what must be written. Pure: no database, no
clock.

Every message is decided on an overlay that is kept only when the whole decision succeeded, so one bad message harms
only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.engine.decision import Decision
from shared.engine.position import Position, clean, place_of
from shared.engine.states import States, Utterance
from shared.engine.world import Key, Missing, Protocol, Row, State
from shared.hospital import Hospital, Known
from shared.ids import Mint
from shared.messages import Command, Event, Message, Sealed


def _erases(event: Event) -> bool:
    return not isinstance(event.data, Sealed) and event.data.erases


def _named(event: Event, ref: str) -> tuple[str, str]:
    return clean(event.hospital), clean(ref)


def _mentioned(event: Event) -> tuple[str, ...]:
    return () if isinstance(event.data, Sealed) else event.data.mentions


class Memory(States):
    """States, positions and what was said, for one transaction.

    rows: what was read. positions: how far each (publisher, hospital, subject) was heard. new_keys: of what came from
    outside, the keys that were noted now. died: those of them under which something was set aside before. gone: what
    was to be replayed and is no dead letter any more. free: these come neither from outside nor in order. one_by_one:
    one message, and not what is parked behind it. erased: the subjects (hospital, subject) among those that it
    concerns that were erased before; asked_about: of which that is known.
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
        self.erased: set[tuple[str, str]] = set()
        self.asked_about: set[tuple[str, str]] = set()
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
        self.answered: list[Utterance] = []
        self._erased_now: set[tuple[str, str]] = set()
        self.decided: set[str] = set()
        self.missing: set[Key] = set()
        self.positions = dict(self._read_positions)

    def remember_positions(self) -> None:
        self._read_positions = dict(self.positions)

    def footprint(self, events: Sequence[Event]) -> set[Key]:
        """The states that these messages, and the parked ones behind them, concern."""
        return {key for event in self._all(events) for key in self.touches(event)}

    def concerned(self, events: Sequence[Event]) -> set[tuple[str, str]]:
        """The subjects (hospital, subject) that these messages, and the parked ones behind them, are about or name."""
        return {_named(event, one) for event in self._all(events) for one in (event.subject, *_mentioned(event))}

    def _all(self, events: Sequence[Event]) -> list[Event]:
        return [*events, *(event for waiting in self.waiting.values() for event in waiting.values())]

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
        for whole in events:
            event = self._without_the_erased(whole)
            if event is None:
                self._let_go(whole, again, doomed)
            elif event.sequence is None or again:
                self._from_outside(event, doomed)
            elif self.protocol.name in event.nth:
                self._in_order(event, event.nth[self.protocol.name], doomed)
            else:
                self.duplicates.append(event)  # it was said to others
        if self.missing:
            raise Missing(*self.missing)

    # -- what was erased --

    def _is_erased(self, event: Event) -> bool:
        subject = _named(event, event.subject)
        return subject in self._erased_now or (subject in self.erased and not _erases(event))

    def _without_the_erased(self, event: Event) -> Event | None:
        """The message as if it had never named who was erased; None when it is about her, or then says nothing."""
        if self._is_erased(event):
            return None
        data: Message | None = event.data
        for one in _mentioned(event):
            if data is not None and _named(event, one) in self.erased | self._erased_now:
                # Who else was involved still matters to who is asked; in what is kept it goes with her.
                data = Message.without(data, one)
        if data is None or data is event.data:
            return None if data is None else event
        return replace(event, data=data)

    def _let_go(self, event: Event, again: bool, doomed: str) -> None:
        """It counts as heard and nothing of it is kept. Whoever asks is told what the rules say all the same."""
        if isinstance(event.data, Command) and not doomed:
            self._answer(event)
            return
        n = None if again else event.nth.get(self.protocol.name)
        if n is not None:
            key = place_of(event)
            position = self.positions[key]
            if position.is_new(n):
                # What comes before it may be about others; it is still taken when it comes.
                before = position.up_to(n - 1) if n > position.last + 1 else position
                self.positions[key] = before.having(n)
        self.duplicates.append(event)

    def _answer(self, command: Event) -> None:
        decision = self._decided(command, "")
        if isinstance(decision, Decision):
            self.answered += decision.said
        elif decision:
            self.duplicates.append(command)

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
            left = self._without_the_erased(event)
            if left is None:
                self._let_go(event, False, doomed)
            else:
                self._apply(left, doomed)
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
        decision = self._decided(event, doomed)
        if not isinstance(decision, Decision):
            self.dead += [(event, decision)] if decision else []
            return False
        if decision.only_refuses and self._knows_nothing_of(event):
            # Whoever asks about what nobody ever mentioned is told what the rules say; nothing of it is kept.
            self.answered += decision.said
            return False
        self.states |= decision.states
        self.counts |= decision.counts
        self.touched |= decision.touched
        self.said += [one for one in decision.said if not self._is_erased(one.event)]
        self.taken.append(event)
        said = (one.event for one in decision.said)
        self._erased_now |= {_named(one, one.subject) for one in (event, *said) if _erases(one)}
        return True

    def _knows_nothing_of(self, event: Event) -> bool:
        return all(self.rows[key].blank and key not in self.touched for key in self.touches(event))

    def _decided(self, event: Event, doomed: str) -> Decision | str:
        """What was decided, or why nothing can be; no reason where states are missing."""
        if isinstance(event.data, Sealed):
            doomed = event.data.reason
        settings = self.hospitals.get(event.hospital)
        if doomed or isinstance(settings, str):
            return doomed or str(settings)
        try:
            decision = Decision(self, event, settings)
            decision.run()
        except Missing as missing:
            self.missing |= missing.keys
            return ""
        except Exception as error:
            return f"undecidable_{type(error).__name__}"
        return decision

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
        return [event for event in (*self.taken, *(one.event for one in self.said)) if _erases(event)]

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
