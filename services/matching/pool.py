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

#: Somebody who may be asked, as she stands in the row (MATCH-11), the smallest first: whether she let an ask of this
#: case pass, how many cases she has, since when she has been idle, and who she is.
Turn = tuple[bool, int, datetime, str]


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

    def look(self, case: Case, anew: bool = False) -> tuple[list[Turn], dict[str, int]]:
        """Who may be asked, and how many each rule removed. anew: this is a new search."""
        peers = [one for one in self.supporters if one.profession == case.profession]
        others = len(self.supporters) - len(peers)
        removed = {_first_broken(self.rules, False): others} if others else {}
        eligible: list[Turn] = []
        for one in peers:
            taken, late = self.open_cases(one, case), one.id in case.passed_by
            rule = self._judge(one, case, taken) or ("MATCH-8" if late and not anew else "")
            if rule:
                removed[rule] = removed.get(rule, 0) + 1
            else:
                eligible.append((late, taken, one.idle_since or _NEVER, one.id))
        return eligible, removed

    def give(self, who: str) -> None:
        """She is asked for a case of this decision, which the world does not know yet."""
        self._given[who] = self._given.get(who, 0) + 1

    def open_cases(self, one: Supporter, case: Case) -> int:
        """Open asks count; the case in question does not."""
        return len(one.places) - (case.id in one.places) + self._given.get(one.id, 0)

    def broken(self, one: Supporter, case: Case) -> str:
        """The first rule that forbids to ask her for this case; empty if none does."""
        return self._judge(one, case, self.open_cases(one, case))

    def _judge(self, one: Supporter, case: Case, open_cases: int) -> str:
        return _first_broken(
            self.rules,
            one.profession == case.profession,
            one.department == case.department,
            one.qualified,
            not one.suspended,
            open_cases,
            one.id in case.not_by,
            one.id in case.declined_by,
        )


# Hundreds are looked at for one case, and most stand alike.
@lru_cache(maxsize=4096)
def _first_broken(rules: InForce, *candidate: Any) -> str:
    return next(iter(rules.broken(Candidate(*candidate))), "")
