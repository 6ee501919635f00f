"""Who may be asked for a case, and who is next. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

from services.matching.rules import RULES, Candidate
from services.matching.states import Case, Supporter
from shared.rulebook import InForce
from shared.world import World

_NEVER = datetime.min.replace(tzinfo=UTC)


class Pool:
    """The supporters and the rules in force, for one decision, with the places that it gives away itself.

    Whoever breaks several rules is counted under the first of them in the rulebook, so that the counts add up to the
    pool. Who let an ask of this case pass breaks no rule; she goes to the back of the row: the same search does not ask
    her again and counts her under MATCH-8, the next search (MATCH-10) asks her after everybody else.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._given: dict[str, int] = {}

    @cached_property
    def rules(self) -> InForce:
        return RULES.on(self.world.now.astimezone(self.world.hospital.tz).date(), self.world.hospital.rules)

    @cached_property
    def supporters(self) -> list[Supporter]:
        return [one for one in self.world.pool(Supporter) if (one.qualified or one.listed) and not one.left]

    def look(self, case: Case, anew: bool = False) -> tuple[list[Supporter], dict[str, int]]:
        """Who may be asked, in order of id, and how many each rule removed. anew: this is a new search."""
        rules, waiting = self.rules, () if anew else case.passed_by
        removed: dict[str, int] = {}
        eligible: list[Supporter] = []
        for one in self.supporters:
            rule = _first_broken(rules, *self._facts(one, case)) or ("MATCH-8" if one.id in waiting else "")
            if rule:
                removed[rule] = removed.get(rule, 0) + 1
            else:
                eligible.append(one)
        return eligible, removed

    def next(self, eligible: list[Supporter], case: Case) -> Supporter:
        """The first of the row (MATCH-11)."""

        def turn(one: Supporter) -> tuple[bool, int, datetime, str]:
            return one.id in case.passed_by, self.open_cases(one, case), one.idle_since or _NEVER, one.id

        return min(eligible, key=turn)

    def give(self, one: Supporter) -> None:
        """She is asked for a case of this decision, which the world does not know yet."""
        self._given[one.id] = self._given.get(one.id, 0) + 1

    def open_cases(self, one: Supporter, case: Case) -> int:
        """Open asks count; the case in question does not."""
        return len(one.places) - (case.id in one.places) + self._given.get(one.id, 0)

    def broken(self, one: Supporter, case: Case) -> str:
        """The first rule that forbids to ask her for this case; empty if none does."""
        return _first_broken(self.rules, *self._facts(one, case))

    def _facts(self, one: Supporter, case: Case) -> tuple[bool | int, ...]:
        """A `Candidate`, field by field: hundreds are looked at for one case, and most stand alike."""
        if one.profession != case.profession:
            return (False,)
        return (
            True,
            one.department == case.department,
            one.qualified,
            not one.suspended,
            self.open_cases(one, case),
            one.id in case.not_by,
            one.id in case.declined_by,
        )


@lru_cache(maxsize=4096)
def _first_broken(rules: InForce, *candidate: Any) -> str:
    return next(iter(rules.broken(Candidate(*candidate))), "")
