"""What followup decides: every message that it hears, says or is told, and which part answers it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.followup.protocol import closing, moments, replacing
from services.followup.protocol.case import (
    FIND_SUPPORTER,
    INTERVISIE,
    LARGE_EVENT,
    NOTICE_FAILED,
    Case,
    Tally,
    Waiting,
    home_of,
)
from services.followup.protocol.clocks import running
from services.followup.protocol.commands import answer, finish
from services.followup.protocol.facts import evolve, touches
from services.followup.protocol.saying import start, task, to_coordinator
from shared.engine.world import Protocol, Said, World
from shared.messages import Command, Event, intake, matching, training
from shared.messages import followup as said


def decide(world: World, event: Event) -> Iterator[Said]:
    """What is said in answer to a message."""
    match event.data:
        case said.ClockDue(case=id, clock=clock, since=since):
            case = world.get(Case, id)
            if any(one.clock == clock and one.since == since for one in running(case, world.hospital)):
                yield from start(world, case, clock)
        case said.MomentDue(case=id) as timer:
            yield from moments.come(world, world.get(Case, id), timer)
        case said.FinishTask() as command:
            yield from finish(world, command)
        case Command() as command:
            yield from answer(world, command)
        case _:
            yield from _about_cases(world, event)
            yield from _put_on_the_list(world, event)


def _about_cases(world: World, event: Event) -> Iterator[Said]:
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            for case in (world.get(Case, colleague.case) for colleague in colleagues):
                yield from start(world, case, "assignment", "unassigned", "contact", "last_check")
                yield from moments.start(world, case, "self_check", "check_in_first", "check_in_second")
        case intake.SupportWithdrawn(cases=cases, reason=reason):
            for id in cases:
                yield from closing.withdraw(world, world.get(Case, id), reason)
        case intake.SupporterInvolved(cases=cases, supporters=supporters):
            yield from replacing.involved(world, cases, supporters)
        case intake.StaffLeft(person=person):
            yield from replacing.left(world, world.get(Waiting, person).cases, person)
        case matching.SupporterMatched(case=id, supporter=supporter):
            yield from replacing.matched(world, world.get(Case, id), supporter)


def _put_on_the_list(world: World, event: Event) -> Iterator[Said]:
    """What cannot go on without a person becomes a task."""
    match event.data:
        case matching.MatchFailed(planned=False) as failed:
            yield from _nobody_found(world, failed)
        case matching.PlanMade() as plan:
            yield from _large_event(world, plan)
        case intake.NoticeFailed(regarding=id, template=template, reason=reason):
            about = world.get(home_of(id), id)
            known = about.tasks.get(NOTICE_FAILED)
            reasons = dict.fromkeys((*(known.reasons if known else ()), template, reason))
            if not (isinstance(about, Case) and about.erased):
                yield task(world, id, NOTICE_FAILED, *reasons)
        case training.SupporterSuspended(supporter=id, rule=rule):
            if not world.get(Waiting, id).left:
                yield task(world, id, INTERVISIE, rule)


def _nobody_found(world: World, failed: matching.MatchFailed) -> Iterator[Said]:
    case, removed = world.get(Case, failed.case), failed.removed
    if not case.is_over and not case.supporter:
        most_first = sorted(removed, key=lambda rule: (-removed[rule], rule))
        yield task(world, case.id, FIND_SUPPORTER, *most_first)
        if FIND_SUPPORTER not in case.tasks:
            yield to_coordinator(case.id, FIND_SUPPORTER)


def _large_event(world: World, plan: matching.PlanMade) -> Iterator[Said]:
    """One task about the report covers all its cases; a plan that only waited for a word, and serves all, ends it."""
    waited = LARGE_EVENT in world.get(Waiting, plan.report).tasks
    if plan.confirmed and waited and not plan.left:
        yield said.TaskFinished(regarding=plan.report, task=LARGE_EVENT)
    else:
        reasons = ("to_confirm",) if not plan.confirmed else ("nobody_left",) if plan.left else ()
        yield task(world, plan.report, LARGE_EVENT, *reasons)


PROTOCOL = Protocol(name="followup", kinds=(Case, Waiting, Tally), touches=touches, evolve=evolve, decide=decide)
