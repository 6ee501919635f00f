"""The supporters of one profession as a row, and by what they have in common: hundreds are judged at once. Pure.

What a supporter breaks is kept as bits, one for each rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple

from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Supporter

NEVER = datetime.min.replace(tzinfo=UTC)
#: Each rule as a bit, in the order of the rulebook.
BIT = {rule.id: 1 << n for n, rule in enumerate(RULES.rules)}
#: Who let an ask pass breaks no rule, but the same search does not ask her again (MATCH-30).
LATE = 1 << len(BIT)
_RULE = {bit: id for id, bit in BIT.items()} | {LATE: "MATCH-8"}


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
    """A supporter by herself, for one decision; without the rest she stands in the row by the first four.

    `broken`: the rules that she breaks whatever the case. `group`: those with whom she shares where she works and what
    she speaks.
    """

    open_cases: int
    recent: int
    idle_since: datetime
    who: str
    broken: int
    off_call: bool
    group: int
    one: Supporter

    def turn(self, late: bool, off_call: bool, misses: int) -> Turn:
        return Turn(late, off_call, misses, self.open_cases, self.recent, self.idle_since, self.who)


class Group:
    """Supporters who work in one department and site and speak the same: how many break what, by themselves."""

    __slots__ = ("broken", "free", "one")

    def __init__(self, one: Supporter) -> None:
        self.one, self.free, self.broken = one, 0, Counter[int]()


class Crowd:
    """The supporters of one profession. `row`: who breaks nothing by herself, in the order of MATCH-11."""

    def __init__(self, seats: Iterable[Seat], groups: Sequence[Group]) -> None:
        self.groups = groups
        self.by_id = {seat.who: seat for seat in seats}
        for seat in self.by_id.values():
            if seat.broken:
                groups[seat.group].broken[seat.broken] += 1
            else:
                groups[seat.group].free += 1
        self.row = sorted((seat for seat in self.by_id.values() if not seat.broken), key=itemgetter(0, 1, 2, 3))


class Found(NamedTuple):
    """What a look at the pool found. row: the first of those who may be asked, in order. eligible: how many may be.
    by_broken: how many break what; nothing, of those who may be asked.
    """

    row: list[Turn]
    eligible: int
    removed: dict[str, int]
    by_broken: Counter[int]

    @property
    def nearly(self) -> dict[str, int]:
        """Per rule, how many break that one alone."""
        return in_order({_RULE[bits]: n for bits, n in self.by_broken.items() if bits and not bits & (bits - 1)})


def bits_of(ids: Iterable[str]) -> int:
    return sum(BIT[id] for id in ids)


def ids_of(bits: int) -> tuple[str, ...]:
    """The rules of these bits, in their order."""
    return tuple(id for id, bit in BIT.items() if bits & bit)


def first_broken(counted: Counter[int], others: int) -> dict[str, int]:
    """How many each rule removed: whoever breaks several is counted under the first of them, so that the counts add up.
    others: those of another profession.
    """
    removed: dict[str, int] = {"MATCH-1": others}
    for bits, n in counted.items():
        if not bits:
            continue
        first = _RULE[bits & -bits]
        removed[first] = removed.get(first, 0) + n
    return in_order(removed)


def in_order(counts: dict[str, int]) -> dict[str, int]:
    """Under the rules in the order of their numbers, without those that count nobody."""
    return {id: counts[id] for id in BIT if counts.get(id)}
