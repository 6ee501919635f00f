"""Why a case stands as it does: each of its clocks in the words and numbers that held, and the talks that are left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.followup.protocol.case import Case
from services.followup.protocol.clocks import CLOCKS, Reading, readings
from services.followup.protocol.rules import RULES
from services.followup.protocol.saying import conversations_allowed
from shared.hospital import Hospital
from shared.rulebook import InForce


def explain(case: Case, hospital: Hospital, now: datetime) -> dict[str, Any]:
    """clocks: every clock that began and still matters, the first to run out first; conversations: how many may be."""
    rules = RULES.at(now, hospital)
    quiet = case.paused or case.is_over
    found = [one for one in readings(case, hospital) if not (quiet and one.state == "running")]
    clocks = [_clock(one, hospital) for one in sorted(found, key=lambda one: one.due_at)]
    allowed = conversations_allowed(rules, case)
    talks = {
        "rule": "FOLLOW-1",
        "sentence": sentence(rules, "FOLLOW-1"),
        "held": case.counted,
        "extensions": case.extensions,
        "allowed": allowed,
        "left": max(allowed - case.counted, 0),
        "minimum": rules.number("FOLLOW-24"),
    }
    return {"case": case.id, "state": case.status, "clocks": clocks, "conversations": talks}


def sentence(rules: InForce, id: str) -> dict[str, str]:
    return {"nl": rules.sentence(id, "nl"), "en": rules.sentence(id, "en")}


def hours(lasts: timedelta) -> float:
    return round(lasts.total_seconds() / 3600, 1)


def _clock(reading: Reading, hospital: Hospital) -> dict[str, Any]:
    clock = CLOCKS[reading.clock]
    return {
        "clock": reading.clock,
        "rule": clock.rule,
        "sentence": sentence(reading.held_on, clock.rule),
        "limit_hours": hours(reading.held_on.duration(clock.rule)),
        "working_time": clock.working,
        "owner": clock.owner,
        "since": reading.since.astimezone(hospital.tz).isoformat(),
        "due_at": reading.due_at.astimezone(hospital.tz).isoformat(),
        "state": reading.state,
    }
