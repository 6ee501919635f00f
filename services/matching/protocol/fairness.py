"""How cases are divided within a profession: never per person, and not where few would give a person away. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.matching.protocol.rules import Figures
from services.matching.protocol.states import Supporter
from shared.rulebook import InForce

#: What is shown of a profession with enough supporters (MATCH-35).
_HIDDEN: dict[str, int | None] = dict.fromkeys(("cases", "fewest", "most", "spread"))


def fairness(supporters: Iterable[Supporter], rules: InForce, today: date) -> list[dict[str, Any]]:
    """Per profession: how many can be asked, and of their cases in the days of MATCH-11 the total, the fewest, the most
    and the spread between these.
    """
    since = today - rules.duration("MATCH-11")
    counts: dict[str, list[int]] = {}
    for one in supporters:
        if one.standing == "ready" and not one.paused:
            counts.setdefault(one.profession, []).append(sum(day > since for day in one.matched_on))
    return [
        {"profession": profession, "supporters": len(each), **_figures(each, rules)}
        for profession, each in sorted(counts.items())
    ]


def _figures(cases: list[int], rules: InForce) -> dict[str, int | None]:
    if rules.broken(Figures(len(cases))):
        return _HIDDEN
    return {"cases": sum(cases), "fewest": min(cases), "most": max(cases), "spread": max(cases) - min(cases)}
