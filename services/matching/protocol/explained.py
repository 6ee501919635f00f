"""Why this supporter, or why nobody and what would help: in the words of the rules as they were then. Pure.

An ask that led to nothing is told without whom it went to and how it ended (MATCH-34).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.matching.protocol.helps import helps
from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Case
from shared.hospital import Hospital
from shared.messages import Event
from shared.messages.matching import (
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    MatchFailed,
    SupporterAsked,
)
from shared.rulebook import InForce

_WHY = {"ask", "kind", "open_cases", "recent", "misses", "eligible", "reason"}


def explain(journal: Iterable[Event], case: Case, hospital: Hospital) -> list[dict[str, Any]]:
    """Each search of a case, oldest first, as a dict that JSON can hold.

    outcome: "asked" (why this one, and answer: accepted, ended or null while it is open) or "nobody" (with what would
    help). pool: how many supporters were looked at. removed: [{rule, count, sentence}].
    """
    searches: list[dict[str, Any]] = []
    for event in journal:
        match event.data:
            case SupporterAsked() as asked:
                searches.append(_asked(event.time, asked, case, _rules_at(event.time, hospital)))
            case MatchFailed() as failed:
                searches.append(_nobody(event.time, failed, hospital))
            case AskAccepted(ask=ask) | AskDeclined(ask=ask) | AskExpired(ask=ask) | AskWithdrawn(ask=ask):
                answer = "accepted" if isinstance(event.data, AskAccepted) else "ended"
                _answered(searches, ask, answer, case)
    return searches


def _asked(at: datetime, asked: SupporterAsked, case: Case, rules: InForce) -> dict[str, Any]:
    first = "MATCH-21" if asked.kind == "by_hand" else "MATCH-26" if asked.kind == "on_call" else "MATCH-11"
    return {
        "at": at.isoformat(),
        "outcome": "asked",
        "supporter": asked.supporter,
        **asked.model_dump(include=_WHY),
        "answer": None,
        "first_by": {"rule": first, "sentence": _sentence(rules, first)},
        "overruled": [{"rule": id, "sentence": _sentence(rules, id)} for id in asked.overruled],
        "pool": asked.eligible + sum(asked.removed.values()),
        "removed": _reasons(asked.removed, rules),
    }


def _nobody(at: datetime, failed: MatchFailed, hospital: Hospital) -> dict[str, Any]:
    rules = _rules_at(at, hospital)
    return {
        "at": at.isoformat(),
        "outcome": "nobody",
        "pool": failed.pool,
        "planned": failed.planned,
        "removed": _reasons(failed.removed, rules, failed.nearly),
        "helps": helps(failed.nearly, failed.profession, failed.department, hospital),
    }


def _answered(searches: list[dict[str, Any]], ask: int, answer: str, case: Case) -> None:
    """Who was asked is told only of somebody who has the case now."""
    for search in searches:
        if search.get("ask") == ask:
            search["answer"] = answer
            if answer != "accepted" or search["supporter"] != case.supporter:
                search["supporter"] = None


def _reasons(removed: dict[str, int], rules: InForce, nearly: dict[str, int] | None = None) -> list[dict[str, Any]]:
    in_order = [rule.id for rule in RULES.rules if rule.id in removed]
    reasons = [{"rule": id, "count": removed[id], "sentence": _sentence(rules, id)} for id in in_order]
    return reasons if nearly is None else [{**one, "alone": nearly.get(str(one["rule"]), 0)} for one in reasons]


def _rules_at(at: datetime, hospital: Hospital) -> InForce:
    return RULES.at(at, hospital)


def _sentence(rules: InForce, id: str) -> dict[str, str]:
    return {"nl": rules.sentence(id, "nl"), "en": rules.sentence(id, "en")}
