"""Moments that a case itself keeps: private ones for the colleague, and the erasure. None of them is ever missed. Pure.

A moment is counted from something (`since`); whatever is counted anew gets a timer of its own, and the old one finds
nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from services.followup.protocol.case import LOOK_AGAIN, PAUSE, Case
from services.followup.protocol.clocks import running
from services.followup.protocol.rules import RULES
from services.followup.protocol.saying import rules_of, task, to_colleague, to_coordinator
from services.followup.protocol.tally import tallied
from shared.engine.world import Later, Said, World
from shared.hospital import Hospital
from shared.messages import followup as said
from shared.messages.followup import Moment
from shared.rulebook import InForce


class Due(NamedTuple):
    """A moment that is to come, as the case stands now."""

    moment: Moment
    since: datetime
    at: datetime


class MomentRule(NamedTuple):
    """A moment: the rule that says how long after its start it comes, what it is counted from, and for whom it is."""

    rule: str
    since: Callable[[Case], datetime | None]
    is_for: Callable[[Case, InForce], bool]


def _hears_later(case: Case, _: InForce) -> bool:
    return case.later and case.is_severe and not case.is_let_go


def _may_check_herself(case: Case, rules: InForce) -> bool:
    return rules.option("FOLLOW-43") == "on" and not case.is_let_go


def _evaluates(case: Case, _: InForce) -> bool:
    return case.first_contact_at is not None and not case.is_let_go


#: What the colleague may hear of, apart from what happens in the case.
PRIVATE: dict[Moment, MomentRule] = {
    "self_check": MomentRule("FOLLOW-44", lambda case: case.t0, _may_check_herself),
    "check_in_first": MomentRule("FOLLOW-46", lambda case: case.t0, _hears_later),
    "check_in_second": MomentRule("FOLLOW-48", lambda case: case.t0, _hears_later),
    "evaluation": MomentRule("FOLLOW-45", lambda case: case.closed_at, _evaluates),
}


def to_come(case: Case, hospital: Hospital) -> list[Due]:
    """Every moment of a case that may still come."""
    if case.erased:
        return []
    return [due for name in PRIVATE if (due := _private(case, hospital, name)) is not None] + _erasure(case, hospital)


def _private(case: Case, hospital: Hospital, name: Moment) -> Due | None:
    rule = PRIVATE[name]
    since = rule.since(case)
    if since is None or name in case.done:
        return None
    rules = _held_on(case, hospital)
    return Due(name, since, since.astimezone(UTC) + rules.duration(rule.rule)) if rule.is_for(case, rules) else None


def _erasure(case: Case, hospital: Hospital) -> list[Due]:
    """Counted from the closing, or from the last that she was still to hear; at once from a stop."""
    if case.closed_at is None:
        return []
    rules = _held_on(case, hospital)
    if case.stopped_at is not None:
        return [Due("erasure", case.stopped_at, case.stopped_at + rules.duration("FOLLOW-53"))]
    last = max([case.closed_at, *_still_to_hear(case, hospital, rules)])
    return [Due("erasure", last, last + rules.duration("FOLLOW-51"))]


def _still_to_hear(case: Case, hospital: Hospital, rules: InForce) -> Iterator[datetime]:
    if case.t0 is not None and _hears_later(case, rules):
        yield case.t0.astimezone(UTC) + rules.duration("FOLLOW-48")
    if case.closed_at is not None and case.milestones and not case.is_let_go:
        yield case.closed_at + rules.duration("FOLLOW-50")


def _held_on(case: Case, hospital: Hospital) -> InForce:
    """The rules of the closing, or of the offer while the case is open."""
    day = case.closed_at or case.offered_at or case.matched_at or case.t0
    assert day is not None
    return RULES.at(day, hospital)


# -- timers ------------------------------------------------------------------------------------------------------------


def start(world: World, case: Case, *moments: Moment) -> Iterator[Said]:
    """Lets these moments be told when they come. What has passed is not made up for, but erasure is."""
    for due in to_come(case, world.hospital):
        if due.moment in moments and (due.at > world.now or due.moment == "erasure"):
            yield Later(said.MomentDue(case=case.id, moment=due.moment, since=due.since), max(due.at, world.now))


def at_the_end(world: World, case: Case) -> Iterator[Said]:
    yield from start(world, case, "evaluation", "erasure")


def look_again_later(world: World, case: Case) -> Iterator[Said]:
    """A case is not forgotten because every clock ran out and every task was said to be done (FOLLOW-54)."""
    if _waits_for_nobody(case, world.hospital):
        timer = said.MomentDue(case=case.id, moment="look_again", since=world.now)
        yield Later(timer, world.now + rules_of(world).duration("FOLLOW-54"))


def _waits_for_nobody(case: Case, hospital: Hospital) -> bool:
    return case.is_open and not (case.paused or case.tasks or running(case, hospital))


def ask_about_pause_later(world: World, case: Case) -> Iterator[Said]:
    """A pause has no end of its own, and is not forgotten (FOLLOW-56)."""
    if case.paused_at is not None:
        timer = said.PauseDue(case=case.id, since=case.paused_at)
        yield Later(timer, world.now + rules_of(world).duration("FOLLOW-56"))


def ask_about_pause(world: World, case: Case, timer: said.PauseDue) -> Iterator[Said]:
    """The coordinator is asked, and the colleague gets a link that is good for longer than until the next time."""
    if not case.is_open or case.paused_at != timer.since:
        return
    if PAUSE not in case.tasks:
        yield task(world, case.id, PAUSE, "FOLLOW-56")
        yield to_coordinator(case.id, PAUSE)
    yield from to_colleague(case, "still_paused")
    yield from ask_about_pause_later(world, case)


def come(world: World, case: Case, timer: said.MomentDue) -> Iterator[Said]:
    """A moment came, if it still stands as it did when its timer was set."""
    if timer.moment == "look_again" and _waits_for_nobody(case, world.hospital):
        yield task(world, case.id, LOOK_AGAIN, "FOLLOW-54")
    for due in to_come(case, world.hospital):
        if due[:2] == (timer.moment, timer.since):
            if due.at > world.now:
                yield from start(world, case, timer.moment)
            else:
                yield from _tell(case, world, timer.moment)


def _tell(case: Case, world: World, moment: Moment) -> Iterator[Said]:
    if moment == "erasure":
        yield tallied(world, case)
        yield said.CaseErased(case=case.id)
    elif moment == "evaluation":
        yield said.EvaluationDue(case=case.id)
        yield from to_colleague(case, "evaluation")
    elif case.paused:
        return
    elif moment == "self_check":
        yield from to_colleague(case, "self_check")
    else:
        yield said.CheckInDue(case=case.id, moment=moment)
        yield from to_colleague(case, "check_in")
