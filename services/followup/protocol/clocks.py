"""Which clocks of a case run, since when, and when each runs out. One table; pure.

A clock is never stored: when it began follows from the facts, and how long it lasts from the rules of that day. A pause
stops every clock of a case, and each starts anew when the support is resumed. A clock in working time stands still
outside the hospital's hours; every other one runs day and night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from services.followup.protocol.case import Case
from services.followup.protocol.rules import RULES
from shared.hospital import Hospital
from shared.messages import Role
from shared.messages.followup import Clock
from shared.rulebook import InForce


class ClockRule(NamedTuple):
    """A clock: the rule that says how long it lasts, what starts it, what it waits for, and who must act when it is
    missed. `minimum`: it runs only where a hospital wants at least so many conversations (FOLLOW-24).
    """

    rule: str
    begins: Callable[[Case], datetime | None]
    is_met: Callable[[Case], bool]
    owner: Role = "coordinator"
    working: bool = False
    minimum: int = 0


class Running(NamedTuple):
    """A clock that runs: since when, and when it runs out (UTC)."""

    clock: Clock
    since: datetime
    due_at: datetime


class Reading(NamedTuple):
    """How a clock of a case stands, for whoever wants to know: `held_on` is the day whose rules it has."""

    clock: Clock
    since: datetime
    due_at: datetime
    held_on: InForce
    state: Literal["running", "met", "missed"]


def _searched(case: Case) -> datetime | None:
    return case.replaced_at or case.offered_at


def _tried(times: int) -> Callable[[Case], bool]:
    return lambda case: case.attempts_of_supporter >= times or case.is_reached


def _talked(times: int) -> Callable[[Case], bool]:
    return lambda case: case.conversations >= times


def _talked_again(case: Case) -> bool:
    return case.phone_follow_ups > 0 or case.conversations > 1


def _first_talk(case: Case) -> datetime | None:
    return case.ledger.first_conversation_at


CLOCKS: dict[Clock, ClockRule] = {
    "assignment": ClockRule("FOLLOW-17", _searched, lambda case: bool(case.supporter), working=True),
    "unassigned": ClockRule("FOLLOW-9", _searched, lambda case: bool(case.supporter)),
    "attempt": ClockRule("FOLLOW-3", lambda case: case.matched_at, _tried(1)),
    "second_attempt": ClockRule("FOLLOW-18", lambda case: case.matched_at, _tried(2)),
    "third_attempt": ClockRule("FOLLOW-19", lambda case: case.matched_at, _tried(3)),
    "contact": ClockRule("FOLLOW-4", lambda case: case.t0, lambda case: case.first_contact_at is not None),
    "follow_up": ClockRule("FOLLOW-20", _first_talk, _talked_again, owner="supporter"),
    "second_conversation": ClockRule("FOLLOW-21", _first_talk, _talked(2), owner="supporter", minimum=2),
    "third_conversation": ClockRule("FOLLOW-22", _first_talk, _talked(3), owner="supporter", minimum=3),
    "last_check": ClockRule("FOLLOW-23", lambda case: case.t0, _talked_again),
    "closing": ClockRule("FOLLOW-6", lambda case: case.first_contact_at, lambda case: case.is_over, owner="supporter"),
}


def running(case: Case, hospital: Hospital, *names: Clock) -> list[Running]:
    """The clocks of a case that run and were not yet told as missed, the next one first; of all clocks, or of these."""
    if case.paused or case.is_over:
        return []
    clocks = [
        Running(name, since, _runs_out(hospital, name, since, held_on))
        for name, since, held_on in _begun(case, hospital, names or CLOCKS)
        if _state(case, name, since) == "running"
    ]
    return sorted(clocks, key=lambda clock: clock.due_at)


def readings(case: Case, hospital: Hospital) -> Iterator[Reading]:
    """Every clock of a case that ever began, in the order of the table."""
    for name, since, held_on in _begun(case, hospital, CLOCKS):
        due_at = _runs_out(hospital, name, since, held_on)
        yield Reading(name, since, due_at, held_on, _state(case, name, since))


def _begun(case: Case, hospital: Hospital, names: Iterable[Clock]) -> Iterator[tuple[Clock, datetime, InForce]]:
    for name in names:
        clock = CLOCKS[name]
        begun = clock.begins(case)
        if begun is None:
            continue
        since = max(begun, case.resumed_at or begun)
        # The event may be older than the protocol; what counts is what held when support was offered.
        held_on = RULES.at(max(since, case.offered_at or since), hospital)
        if not clock.minimum or clock.minimum <= held_on.number("FOLLOW-24"):
            yield name, since, held_on


def _runs_out(hospital: Hospital, name: Clock, since: datetime, held_on: InForce) -> datetime:
    """In UTC: added to a local moment, three days over a change of the clock would not be 72 hours."""
    clock, lasts = CLOCKS[name], held_on.duration(CLOCKS[name].rule)
    return hospital.working_deadline(since, lasts) if clock.working else since.astimezone(UTC) + lasts


def _state(case: Case, name: Clock, since: datetime) -> Literal["running", "met", "missed"]:
    if name in case.missed and case.missed[name] >= since:
        return "missed"
    return "met" if CLOCKS[name].is_met(case) else "running"


def is_needless(case: Case, name: Clock) -> bool:
    """Whether nobody need act on this clock any more: what it waits for has happened, or it went with a supporter."""
    return CLOCKS[name].begins(case) is None or CLOCKS[name].is_met(case)
