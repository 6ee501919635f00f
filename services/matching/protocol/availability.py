"""What a supporter or the coordinator says about her hours, leave, pause and turns on call. Pure.

What exactly changed stays here: the state is remembered, and only that something changed is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.matching.protocol.search import Desk, settle, wake
from services.matching.protocol.states import Case, Leave, Supporter, Turn
from shared.engine.world import Said, World
from shared.hospital import DAYS
from shared.messages import Command
from shared.messages.matching import (
    AvailabilityChanged,
    CancelLeave,
    CancelOnCall,
    PauseSupporter,
    PlanLeave,
    PlanOnCall,
    Refused,
    ReturnSupporter,
    SetWeek,
    SupporterPaused,
    SupporterReturned,
)


def change(desk: Desk, command: Command) -> Iterator[Said]:
    """Her open asks that may no longer stand are withdrawn; where she can be asked again, cases that wait ask."""
    rule = "MATCH-24" if isinstance(command, PlanOnCall | CancelOnCall) else "MATCH-23"
    who = command.subject
    if not desk.rules.may(rule, command.by_role, own=command.by == who):
        yield Refused(regarding=who, command=command.name, rule=rule)
        return
    before = _without_what_is_over(desk.world.get(Supporter, who), desk.world)
    after = _without_what_is_over(_after(before, command), desk.world)
    if after == before:
        return
    desk.know(after)
    yield after
    yield _told(command, who)
    yield from unsettled(desk, after, off_duty=True)


def unsettled(desk: Desk, one: Supporter, *, off_duty: bool = False) -> Iterator[Said]:
    """What follows when a supporter is not what she was."""
    for case in desk.world.all(Case, one.places):
        yield from settle(case, desk, off_duty=off_duty)
    yield from wake(one.id, desk)


def _after(one: Supporter, command: Command) -> Supporter:
    after = one
    match command:
        case SetWeek(week=week, holidays=holidays):
            after = one.but(week=tuple((day, week[day]) for day in DAYS if day in week), holidays=holidays)
        case PlanLeave(first=first, last=last):
            others = tuple(each for each in one.leave if each.first != first)
            after = one.but(leave=tuple(sorted((*others, Leave(first, last)))))
        case CancelLeave(first=first):
            after = one.but(leave=tuple(each for each in one.leave if each.first != first))
        case PlanOnCall(begin=begin, end=end):
            turns = tuple(turn for turn in one.on_call if turn.begin != begin)
            after = one.but(on_call=tuple(sorted((*turns, Turn(begin, end)))))
        case CancelOnCall(begin=begin):
            after = one.but(on_call=tuple(turn for turn in one.on_call if turn.begin != begin))
        case PauseSupporter() | ReturnSupporter():
            after = one.but(paused=isinstance(command, PauseSupporter))
    return after


def _without_what_is_over(one: Supporter, world: World) -> Supporter:
    today = world.now.astimezone(world.hospital.tz).date()
    leave = tuple(each for each in one.leave if each.last >= today)
    after: Supporter = one.but(leave=leave, on_call=tuple(turn for turn in one.on_call if turn.end > world.now))
    return after


def _told(command: Command, who: str) -> Said:
    match command:
        case PauseSupporter():
            return SupporterPaused(supporter=who)
        case ReturnSupporter():
            return SupporterReturned(supporter=who)
    return AvailabilityChanged(supporter=who)
