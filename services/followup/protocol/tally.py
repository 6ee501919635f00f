"""What stays of an erased case: one more of its kind, in codes and bands; no day, department, person or case. Pure."""

from __future__ import annotations

from datetime import timedelta

from services.followup.protocol.case import Case, Tally
from shared.engine.world import World

#: Hours to the first contact as statistics tell them apart; the last band is open.
_HOURS = ((timedelta(hours=24), "0-24"), (timedelta(hours=72), "24-72"))
_SAYS = ("month", "profession", "event", "door", "ending", "hours_to_contact", "conversations")
_TALKS = ("0", "1", "2-3", "2-3")


def tallied(world: World, case: Case) -> Tally:
    """The tally of cases like this one, with this one."""
    known = world.get(Tally, kind(world, case))
    return known.but(count=known.count + 1)


def told(id: str, count: int) -> dict[str, str | int]:
    """A tally with names for what its id says."""
    return dict(zip(_SAYS, id.split("|"), strict=True)) | {"count": count}


def kind(world: World, case: Case) -> str:
    """In what cases are alike, in the order of `_SAYS`."""
    assert case.closed_at is not None
    month = f"{case.closed_at.astimezone(world.hospital.tz):%Y-%m}"
    event = next(iter(case.event_types), "unknown")
    return "|".join((month, case.profession or "unknown", event, case.door, case.ending, _hours(case), _talks(case)))


def _hours(case: Case) -> str:
    if case.t0 is None or case.first_contact_at is None:
        return "none"
    took = case.first_contact_at - case.t0
    return next((band for limit, band in _HOURS if took <= limit), "72+")


def _talks(case: Case) -> str:
    return _TALKS[case.conversations] if case.conversations < len(_TALKS) else "4+"
