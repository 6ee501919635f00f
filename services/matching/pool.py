"""Who may be asked for a case, and who is next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from services.matching.hours import Presence, is_on_call
from services.matching.rules import RULES, Fit, Standing
from services.matching.states import Case, Supporter
from shared.rulebook import InForce
from shared.world import World

_NEVER = datetime.min.replace(tzinfo=UTC)
#: Each rule as a bit, in the order of the rulebook.
_BIT = {rule.id: 1 << n for n, rule in enumerate(RULES.rules)}
_RULE = {bit: id for id, bit in _BIT.items()}
#: Who let an ask pass breaks no rule, but the same search does not ask her again (MATCH-30).
_LATE = 1 << len(_BIT)
_RULE[_LATE] = "MATCH-8"


class Turn(NamedTuple):
    """Somebody who may be asked, as she stands in the row, the smallest first (MATCH-11, MATCH-19, MATCH-26).

    late: she let an ask of this case pass. off_call: whoever is on call comes before her. misses: how many wishes of
    the colleague she does not meet.
    """

    late: bool
    off_call: bool
    misses: int
    open_cases: int
    recent: int
    idle_since: datetime
    who: str


class Seat(NamedTuple):
    """A supporter by herself, for one decision. `broken`: the rules that she breaks, whatever the case."""

    one: Supporter
    broken: int
    open_cases: int
    recent: int
    idle_since: datetime
    off_call: bool


class Found(NamedTuple):
    """What a look at the pool found: who may be asked, how many each rule removed, and the pool by what it breaks."""

    row: list[Turn]
    removed: dict[str, int]
    by_broken: Counter[int]

    @property
    def nearly(self) -> dict[str, int]:
        """Per rule, how many break that one alone."""
        return _in_order({_RULE[bits]: n for bits, n in self.by_broken.items() if bits and not bits & (bits - 1)})


class Pool:
    """The supporters and the rules in force, for one decision, with the places that it gives and frees itself.

    Whoever breaks several rules is counted under the first of them in the rulebook, so that the counts add up to the
    pool.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._moved: dict[str, int] = {}
        self._known: dict[str, Supporter] = {}
        self._seats: dict[str, list[Seat]] = {}
        self._away: dict[timedelta, int] = {}

    @cached_property
    def rules(self) -> InForce:
        return RULES.on(self.world.now.astimezone(self.world.hospital.tz).date(), self.world.hospital.rules)

    @cached_property
    def presence(self) -> Presence:
        return Presence(self.world.hospital, self.world.now, self.rules.duration("MATCH-14"))

    @cached_property
    def _since(self) -> Any:
        return (self.world.now - self.rules.duration("MATCH-11")).date()

    @cached_property
    def _by_profession(self) -> dict[str, list[Supporter]]:
        found: dict[str, list[Supporter]] = {}
        for one in self.world.pool(Supporter):
            one = self._known.get(one.id, one)
            if one.in_pool:
                found.setdefault(one.profession, []).append(one)
        return found

    def supporter(self, who: str) -> Supporter:
        return self._known.get(who) or self.world.get(Supporter, who)

    def know(self, one: Supporter) -> None:
        """She is like this now, which the world does not know yet. Said before anybody is looked for."""
        self._known[one.id] = one

    def give(self, who: str) -> None:
        """She is asked for a case of this decision."""
        self._moved[who] = self._moved.get(who, 0) + 1

    def free(self, who: str) -> None:
        """An ask of hers ends in this decision."""
        self._moved[who] = self._moved.get(who, 0) - 1

    def broken_by(self, who: str, case: Case) -> tuple[str, ...]:
        """The rules that forbid to ask her for this case, in their order."""
        one = self.supporter(who)
        bits = self._bits(self._seat(one), case) | (0 if one.in_pool else _BIT["MATCH-3"])
        return tuple(id for id, bit in _BIT.items() if bits & bit)

    def refuses(self, case: Case, *, off_duty: bool = False) -> bool:
        """Whether the open ask of a case may no longer stand. Her hours are looked at when she is asked, and later
        only where she changed them.
        """
        broken = set(self.broken_by(case.asked, case)) - set(case.overruled)
        return bool(broken if off_duty else broken - {"MATCH-14"})

    def stands(self, who: str) -> int:
        """The rules that she breaks whatever the case, as bits; 0 for somebody who may have a case."""
        one = self.supporter(who)
        return self._fresh(self._seat(one)).broken if one.in_pool else _BIT["MATCH-3"]

    def turn(self, who: str, case: Case) -> Turn:
        """How she stands in the row of a case, whether she may be asked or not."""
        one = self.supporter(who)
        seat = self._fresh(self._seat(one), case)
        late, off_call = who in case.passed_by, self._calls(case) and seat.off_call
        return Turn(late, off_call, self._misses(one, case), seat.open_cases, seat.recent, seat.idle_since, who)

    def on_call_first(self, case: Case, who: str) -> bool:
        """Whether she comes first for this case because she is on call."""
        return self._calls(case) and is_on_call(self.supporter(who), self.world.now)

    def room(self, who: str) -> int:
        """How many more cases she may have."""
        return self.rules.number("MATCH-5") - self._fresh(self._seat(self.supporter(who))).open_cases

    def look(self, case: Case, anew: bool = False) -> Found:
        """Who may be asked, and how many each rule removed. anew: this is a new search."""
        row: list[Turn] = []
        counted: Counter[int] = Counter()
        named = {*case.not_by, *case.line, *case.declined_by, *case.excluded, *case.passed_by, *self._moved}
        peers = case.profession or None
        others = 0
        for profession, supporters in self._by_profession.items():
            if peers is not None and profession != peers:
                others += len(supporters)
                continue
            self._sift(self._seats_of(profession), case, named, anew, row, counted)
        removed = self._removed(counted, others)
        if not row and others:
            for profession in self._by_profession.keys() - {peers}:
                self._sift(self._seats_of(profession), case, named, anew, row, counted)
        return Found(row, removed, counted)

    def _sift(
        self, seats: list[Seat], case: Case, named: set[str], anew: bool, row: list[Turn], counted: Counter[int]
    ) -> None:
        """For hundreds per case, so most are judged by what they share: profession, department, site, languages."""
        alike: dict[Any, tuple[int, int]] = {}
        calls = self._calls(case)
        for seat in seats:
            one, broken, open_cases, recent, idle, off_call = seat
            late = False
            if one.id in named or case.id in one.places:
                seat = self._fresh(seat, case)
                open_cases, late = seat.open_cases, one.id in case.passed_by
                broken, misses = self._bits(seat, case), self._misses(one, case)
            else:
                kind = one.profession, one.department, one.site, one.languages
                shared = alike.get(kind)
                if shared is None:
                    shared = alike[kind] = self._fit(one, case), self._misses(one, case)
                broken, misses = broken | shared[0], shared[1]
            if late and not anew and not broken:
                broken = _LATE
            if broken:
                counted[broken] += 1
            else:
                row.append(Turn(late, calls and off_call, misses, open_cases, recent, idle, one.id))

    def _removed(self, counted: Counter[int], others: int) -> dict[str, int]:
        removed: dict[str, int] = {"MATCH-1": others} if others else {}
        for bits, n in counted.items():
            first = _RULE[bits & -bits]
            removed[first] = removed.get(first, 0) + n
        return _in_order(removed)

    def _seats_of(self, profession: str) -> list[Seat]:
        if profession not in self._seats:
            self._seats[profession] = [self._seat(one) for one in self._by_profession[profession]]
        return self._seats[profession]

    def _seat(self, one: Supporter) -> Seat:
        taken = len(one.places)
        recent = sum(day > self._since for day in one.matched_on) if one.matched_on else 0
        off_call = not (one.on_call and is_on_call(one, self.world.now))
        return Seat(one, self._alone(one, taken), taken, recent, one.idle_since or _NEVER, off_call)

    def _alone(self, one: Supporter, taken: int) -> int:
        off_duty = self.presence.off_duty(one)
        away = self._away.get(off_duty)
        if away is None:
            away = _bits_of(self.rules.broken(Standing(off_duty=off_duty), ["MATCH-14"]))
            self._away[off_duty] = away
        return away | _alone(self.rules, one.qualified, not one.suspended, taken, one.paused)

    def _fresh(self, seat: Seat, case: Case | None = None) -> Seat:
        """Her seat with what this decision gave and freed, and without the case in question."""
        one = seat.one
        taken = len(one.places) + self._moved.get(one.id, 0)
        if case is not None and case.id in one.places and case.asked == one.id:
            taken -= 1
        if taken == seat.open_cases:
            return seat
        return seat._replace(open_cases=taken, broken=self._alone(one, taken))

    def _bits(self, seat: Seat, case: Case) -> int:
        return self._fresh(seat, case).broken | self._fit(seat.one, case)

    def _fit(self, one: Supporter, case: Case) -> int:
        own_unit = case.unit == "own" and self.rules.option("MATCH-18") == "colleague_chooses"
        return _together(
            self.rules,
            one.profession == case.profession or not case.profession,
            one.department == case.department,
            not (one.languages and case.languages) or not set(one.languages).isdisjoint(case.languages),
            own_unit,
            case.own_line,
            one.id in case.line,
            one.id in case.declined_by,
            one.id in case.not_by,
            one.id in case.excluded,
        )

    def _misses(self, one: Supporter, case: Case) -> int:
        """How many of the colleague's wishes she does not meet (MATCH-19)."""
        same_unit, same_site = one.department == case.department, one.site == case.site
        near = same_unit or one.id in case.line or (same_site and bool(one.site))
        wishes = (case.unit == "own" and not same_unit, case.independent and near, case.same_site and not same_site)
        return sum(wishes)

    def _calls(self, case: Case) -> bool:
        """Whether whoever is on call comes first (MATCH-26)."""
        when = self.rules.option("MATCH-26")
        return when == "always" or (when == "urgent" and case.urgent)


def _in_order(counts: dict[str, int]) -> dict[str, int]:
    """Under the rules in the order of their numbers."""
    return {id: counts[id] for id in _RULE.values() if counts.get(id)}


def _bits_of(ids: Iterable[str]) -> int:
    return sum(_BIT[id] for id in ids)


# Most stand alike.
@lru_cache(maxsize=4096)
def _alone(rules: InForce, qualified: bool, in_order: bool, taken: int, paused: bool) -> int:
    return _bits_of(rules.broken(Standing(qualified, in_order, taken, paused=paused)))


@lru_cache(maxsize=4096)
def _together(rules: InForce, *fit: bool) -> int:
    return _bits_of(rules.broken(Fit(*fit)))
