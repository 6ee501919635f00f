"""Which clocks of a case run, since when, and when each runs out. One table; pure.

A clock is never stored: when it began follows from the facts, and how long it lasts from the rules of that day. A pause
stops every clock of a case, and each starts anew when the support is resumed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from services.followup.case import Case
from services.followup.rules import RULES
from shared.hospital import Hospital
from shared.messages import followup as said


class ClockRule(NamedTuple):
    """A clock: the rule that says how long it lasts, what starts it, and what it waits for."""

    rule: str
    begins: Callable[[Case], datetime | None]
    is_met: Callable[[Case], bool]


CLOCKS: dict[said.Clock, ClockRule] = {
    "assignment": ClockRule("FOLLOW-9", lambda case: case.offered_at, lambda case: bool(case.supporter)),
    "attempt": ClockRule("FOLLOW-3", lambda case: case.matched_at, lambda case: case.attempts > 0 or _reached(case)),
    "contact": ClockRule("FOLLOW-4", lambda case: case.t0, lambda case: _reached(case)),
    "closing": ClockRule("FOLLOW-6", lambda case: case.first_contact_at, lambda case: case.closed_at is not None),
}


class Running(NamedTuple):
    """A clock that runs: since when, and when it runs out (UTC)."""

    clock: said.Clock
    since: datetime
    due_at: datetime


def running(case: Case, hospital: Hospital) -> list[Running]:
    """The clocks of a case that run and were not yet told as missed, the next one first."""
    clocks = [_run(case, name, hospital) for name in CLOCKS]
    return sorted((clock for clock in clocks if clock is not None), key=lambda clock: clock.due_at)


def _run(case: Case, name: said.Clock, hospital: Hospital) -> Running | None:
    clock = CLOCKS[name]
    since = _since(case, clock)
    if since is None or (name in case.missed and case.missed[name] >= since):
        return None
    # The event may be older than the protocol; what counts is what held when support was offered.
    held_on = max(since, case.offered_at or since).astimezone(hospital.tz).date()
    return Running(name, since, since + RULES.on(held_on, hospital.rules).duration(clock.rule))


def _since(case: Case, clock: ClockRule) -> datetime | None:
    begun = clock.begins(case)
    if begun is None or case.paused or case.closed_at is not None or clock.is_met(case):
        return None
    return max(begun, case.resumed_at or begun)


def _reached(case: Case) -> bool:
    return case.first_contact_at is not None
