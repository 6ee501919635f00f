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
        return self._sift(self.supporters, case, anew)

    def refuses(self, one: Supporter, case: Case) -> bool:
        """Whether a rule forbids to ask her for this case, or she is no supporter any more."""
        return not one.in_pool or not self._sift([one], case, anew=True)[0]

    def give(self, who: str) -> None:
        """She is asked for a case of this decision, which the world does not know yet."""
        self._given[who] = self._given.get(who, 0) + 1

    def _sift(self, supporters: list[Supporter], case: Case, anew: bool) -> tuple[list[Turn], dict[str, int]]:
        """For hundreds per case, so without a call for each; an open ask counts, the case in question does not."""
        rules, given, profession, department = self.rules, self._given, case.profession, case.department
        peers = [one for one in supporters if one.profession == profession]
        others = len(supporters) - len(peers)
        removed = {_first_broken(rules, False): others} if others else {}
        eligible: list[Turn] = []
        for one in peers:
            who, places = one.id, one.places
            taken = len(places) - (case.id in places) + given.get(who, 0)
            late = who in case.passed_by
            rule = _first_broken(
                rules,
                True,
                one.department == department,
                one.qualified,
                not one.suspended,
                taken,
                who in case.not_by,
                who in case.declined_by,
            )
            if not rule and (anew or not late):
                eligible.append((late, taken, one.idle_since or _NEVER, who))
            else:
                removed[rule or "MATCH-8"] = removed.get(rule or "MATCH-8", 0) + 1
        return eligible, removed


# Most stand alike.
@lru_cache(maxsize=4096)
def _first_broken(rules: InForce, *candidate: Any) -> str:
    return next(iter(rules.broken(Candidate(*candidate))), "")
