"""Who may be asked for a case, and who is next. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache

from services.matching.protocol.hours import Presence, is_on_call
from services.matching.protocol.rules import RULES, Fit, Standing
from services.matching.protocol.seats import (
    BIT,
    LATE,
    NEVER,
    Crowd,
    Found,
    Group,
    Seat,
    Turn,
    bits_of,
    first_broken,
    ids_of,
)
from services.matching.protocol.states import Case, Supporter
from shared.engine.world import World
from shared.rulebook import InForce


class Pool:
    """The supporters and the rules in force, for one decision, with the places that it gives and frees itself."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._moved: dict[str, int] = {}
        self._known: dict[str, Supporter] = {}
        self._crowds: dict[str, Crowd] = {}
        self._alike: dict[object, int] = {}
        self._views: dict[object, tuple[list[tuple[int, int]], Counter[int]]] = {}

    @cached_property
    def rules(self) -> InForce:
        return RULES.at(self.world.now, self.world.hospital)

    @cached_property
    def presence(self) -> Presence:
        return Presence(self.world.hospital, self.world.now, self.rules.duration("MATCH-14"))

    @cached_property
    def limit(self) -> int:
        return self.rules.number("MATCH-5")

    @cached_property
    def _since(self) -> date:
        return (self.world.now - self.rules.duration("MATCH-11")).date()

    @cached_property
    def _by_profession(self) -> dict[str, list[Supporter]]:
        found: dict[str, list[Supporter]] = {}
        for one in self.world.pool(Supporter):
            one = self._known.get(one.id, one)
            if one.in_pool:
                found.setdefault(one.profession, []).append(one)
        return found

    # -- what this decision changes itself --

    def supporter(self, who: str) -> Supporter:
        return self._known.get(who) or self.world.get(Supporter, who)

    def know(self, one: Supporter) -> None:
        """She is like this now, which the world does not know yet. Said before anybody is looked for."""
        self._known[one.id] = one

    def give(self, who: str) -> None:
        """She is asked for a case of this decision."""
        self._moved[who] = self._moved.get(who, 0) + 1

    def free(self, who: str, case: str) -> None:
        """Her ask for this case ends in this decision; the place may have come back already."""
        self._moved[who] = self._moved.get(who, 0) - (case in self.supporter(who).places)

    # -- one supporter --

    def broken_by(self, who: str, case: Case) -> tuple[str, ...]:
        """The rules that forbid to ask her for this case, in their order."""
        one = self.supporter(who)
        alone = self._seat(one, case).broken if one.in_pool else BIT["MATCH-3"]
        return ids_of(alone | self._fit(one, case, who))

    def refuses(self, case: Case, *, off_duty: bool = False) -> bool:
        """Whether the open ask of a case may no longer stand. Her room is looked at when she is asked; so are her
        hours, and later only where she changed them.
        """
        broken = set(self.broken_by(case.asked, case)) - {*case.overruled, "MATCH-5"}
        return bool(broken if off_duty else broken - {"MATCH-14"})

    def may_have_a_case(self, who: str) -> bool:
        """Whether she breaks no rule by herself."""
        one = self.supporter(who)
        return one.in_pool and not self._seat(one).broken

    def room(self, who: str) -> int:
        """How many more cases she may have."""
        return self.limit - len(self.supporter(who).places) - self._moved.get(who, 0)

    def turn(self, who: str, case: Case) -> Turn:
        """How she stands in the row of a case, whether she may be asked or not."""
        return self._turn(self._seat(self.supporter(who), case), case)

    def _turn(self, seat: Seat, case: Case) -> Turn:
        off_call, misses = self._calls(case) and seat.off_call, self._misses(seat.one, case, seat.who)
        return seat.turn(seat.who in case.passed_by, off_call, misses)

    def on_call_first(self, case: Case, who: str) -> bool:
        """Whether she comes first for this case because she is on call."""
        return self._calls(case) and is_on_call(self.supporter(who), self.world.now)

    # -- all of them --

    def look(self, case: Case, anew: bool = False, most: int = 1) -> Found:
        """The first `most` who may be asked, and how many each rule removed. anew: this is a new search."""
        counted: Counter[int] = Counter()
        mine = [name for name in self._by_profession if case.profession in ("", name)]
        rows = [self._sift(self._crowd(name), case, anew, most, counted) for name in mine]
        eligible, row = sum(n for n, _ in rows), sorted(turn for _, turns in rows for turn in turns)[:most]
        strangers = [name for name in self._by_profession if name not in mine]
        removed = first_broken(counted, sum(len(self._by_profession[name]) for name in strangers))
        if not row:
            for name in strangers:  # only where nobody is left it matters what else is in their way
                self._sift(self._crowd(name), case, anew, most, counted)
        return Found(row, eligible, removed, counted)

    def _sift(self, crowd: Crowd, case: Case, anew: bool, most: int, counted: Counter[int]) -> tuple[int, list[Turn]]:
        """How many may be asked, and the first of them; the others are counted by what they break."""
        fits, usual = self._by_group(crowd, case)
        before = counted[0]
        counted.update(usual)
        named = self._named(case)
        turns = list(self._first(crowd, case, fits, named, most))
        for seat in (crowd.by_id[who] for who in named if who in crowd.by_id):
            turn, bits = self._judge(seat.one, case, anew)
            counted[seat.broken | fits[seat.group][0]] -= 1
            counted[bits] += 1
            if not bits:
                turns.append(turn)
        return counted[0] - before, turns

    def _by_group(self, crowd: Crowd, case: Case) -> tuple[list[tuple[int, int]], Counter[int]]:
        """What each group breaks and misses for this case, and how many break what; colleagues of one department have
        this in common.
        """
        wishes = case.unit, case.independent, case.same_site, case.own_line
        about = (id(crowd), case.profession, case.department, case.site, case.languages, *wishes)
        view = self._views.get(about)
        if view is None:
            fits = [(self._fit(group.one, case), self._misses(group.one, case)) for group in crowd.groups]
            usual: Counter[int] = Counter()
            for group, (fit, _) in zip(crowd.groups, fits, strict=True):
                usual[fit] += group.free
                for bits, n in group.broken.items():
                    usual[bits | fit] += n
            view = self._views[about] = fits, usual
        return view

    def _named(self, case: Case) -> set[str]:
        """Those of whom something more is known for this case than of their group."""
        about = (case.not_by, case.line, case.declined_by, case.excluded, case.passed_by, self._moved)
        return {case.asked or case.supporter, *(who for each in about for who in each)}

    def _first(
        self, crowd: Crowd, case: Case, fits: list[tuple[int, int]], named: set[str], most: int
    ) -> Iterator[Turn]:
        """The first turns of those who are not named. They stand in a row already, unless wishes or calls differ."""
        calls = self._calls(case)
        alike = not calls and len({misses for fit, misses in fits if not fit}) <= 1
        found = 0
        for seat in crowd.row:
            fit, misses = fits[seat.group]
            if not fit and seat.who not in named:
                yield seat.turn(False, calls and seat.off_call, misses)
                found += 1
                if alike and found == most:
                    return

    def _judge(self, one: Supporter, case: Case, anew: bool) -> tuple[Turn, int]:
        """One who is named: her turn, and what she breaks."""
        seat = self._seat(one, case)
        turn = self._turn(seat, case)
        bits = seat.broken | self._fit(one, case, one.id)
        return turn, LATE if turn.late and not anew and not bits else bits

    # -- what a supporter is by herself --

    def _crowd(self, profession: str) -> Crowd:
        if profession not in self._crowds:
            numbers: dict[object, int] = {}
            groups: list[Group] = []
            seats = []
            for one in self._by_profession[profession]:
                common = one.department, one.site, one.languages
                number = numbers.get(common)
                if number is None:
                    number = numbers[common] = len(groups)
                    groups.append(Group(one))
                seats.append(self._seat_as_read(one, len(one.places), number))
            self._crowds[profession] = Crowd(seats, groups)
        return self._crowds[profession]

    def _seat(self, one: Supporter, case: Case | None = None) -> Seat:
        """With what this decision gave and freed, and without the case in question, for which she may be asked."""
        mine = case is not None and case.asked == one.id and case.id in one.places
        return self._seat_as_read(one, len(one.places) + self._moved.get(one.id, 0) - mine)

    def _seat_as_read(self, one: Supporter, taken: int, group: int = 0) -> Seat:
        off_duty = self.presence.off_duty(one)
        alone = one.qualified, not one.suspended, taken, off_duty, one.paused
        broken = self._alike.get(alone)
        if broken is None:
            broken = self._alike[alone] = bits_of(self.rules.broken(Standing(*alone)))
        recent = len(one.matched_on) - bisect_right(one.matched_on, self._since) if one.matched_on else 0
        off_call = not (one.on_call and is_on_call(one, self.world.now))
        return Seat(taken, recent, one.idle_since or NEVER, one.id, broken, off_call, group, one)

    # -- what she is beside a colleague --

    def _fit(self, one: Supporter, case: Case, who: str = "") -> int:
        """What she breaks for this case; without `who`, what everybody of her group does."""
        own_unit = case.unit == "own" and self.rules.option("MATCH-18") == "colleague_chooses"
        return _together(
            self.rules,
            one.profession == case.profession or not case.profession,
            one.department == case.department,
            not (one.languages and case.languages) or not set(one.languages).isdisjoint(case.languages),
            own_unit,
            case.own_line,
            who in case.line,
            who in case.declined_by,
            who in case.not_by,
            who in case.excluded,
        )

    def _misses(self, one: Supporter, case: Case, who: str = "") -> int:
        """How many of the colleague's wishes she does not meet (MATCH-19)."""
        if case.unit != "own" and not case.independent and not case.same_site:
            return 0
        same_unit, same_site = one.department == case.department, one.site == case.site
        near = same_unit or who in case.line or (same_site and bool(one.site))
        wishes = (case.unit == "own" and not same_unit, case.independent and near, case.same_site and not same_site)
        return sum(wishes)

    def _calls(self, case: Case) -> bool:
        """Whether whoever is on call comes first (MATCH-26)."""
        when = self.rules.option("MATCH-26")
        return when == "always" or (when == "urgent" and case.urgent)


# Most stand alike.
@lru_cache(maxsize=4096)
def _together(rules: InForce, *fit: bool) -> int:
    return bits_of(rules.broken(Fit(*fit)))
