"""Why this supporter, or why nobody: what matching said about a case, in the words of the rules as they were then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.matching.rules import RULES
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

_ANSWERS = {AskAccepted: "accepted", AskDeclined: "declined", AskExpired: "expired", AskWithdrawn: "withdrawn"}


def explain(journal: Iterable[Event], hospital: Hospital) -> list[dict[str, Any]]:
    """Each search of a case, oldest first, as a dict that JSON can hold.

    outcome: "asked" (with supporter, ask, open_cases, eligible, first_by and answer: accepted, declined, expired,
    withdrawn or null) or "nobody". pool: how many supporters were looked at. removed: [{rule, count, sentence}].
    """
    searches: list[dict[str, Any]] = []
    for event in journal:
        match event.data:
            case SupporterAsked() as asked:
                rules = _rules_at(event.time, hospital)
                why = asked.model_dump(include={"supporter", "ask", "open_cases", "eligible"})
                pool = asked.eligible + sum(asked.removed.values())
                first = {"rule": "MATCH-11", "sentence": _sentence(rules, "MATCH-11")}
                search = {"outcome": "asked", **why, "answer": None, "first_by": first, "pool": pool}
                searches.append(_dated(event.time, search, asked.removed, rules))
            case MatchFailed() as failed:
                search = {"outcome": "nobody", "pool": failed.pool}
                searches.append(_dated(event.time, search, failed.removed, _rules_at(event.time, hospital)))
            case AskAccepted() | AskDeclined() | AskExpired() | AskWithdrawn():
                searches[-1]["answer"] = _ANSWERS[type(event.data)]
    return searches


def _dated(at: datetime, search: dict[str, Any], removed: dict[str, int], rules: InForce) -> dict[str, Any]:
    in_order = [rule.id for rule in RULES.rules if rule.id in removed]
    reasons = [{"rule": id, "count": removed[id], "sentence": _sentence(rules, id)} for id in in_order]
    return {"at": at.isoformat(), **search, "removed": reasons}


def _rules_at(at: datetime, hospital: Hospital) -> InForce:
    return RULES.on(at.astimezone(hospital.tz).date(), hospital.rules)


def _sentence(rules: InForce, id: str) -> dict[str, str]:
    return {"nl": rules.sentence(id, "nl"), "en": rules.sentence(id, "en")}
