"""More than the protocol holds: help, danger, a supporter's own debrief, and what the colleague agrees to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from services.followup.protocol import moments
from services.followup.protocol.case import DANGER, DEBRIEF, HELP, Case
from services.followup.protocol.facts import after
from services.followup.protocol.rules import LaterWord, MilestoneWord, TwoPersons
from services.followup.protocol.saying import rules_of, task, to_colleague, to_coordinator, urgent_task
from shared.engine.world import Said, World
from shared.messages import Command, Role
from shared.messages import followup as said


def ask_help(world: World, case: Case, command: said.RequestHelp) -> Iterator[Said]:
    if HELP not in case.tasks:
        yield said.HelpRequested(case=case.id, by_role=cast(Role, command.by_role))
        yield task(world, case.id, HELP)
        yield to_coordinator(case.id, HELP, urgent=True)


def debrief(world: World, case: Case, _: said.AskDebrief) -> Iterator[Said]:
    if DEBRIEF not in case.tasks:
        yield said.DebriefRequested(case=case.id)
        yield task(world, case.id, DEBRIEF)
        yield to_coordinator(case.id, DEBRIEF)


# -- danger ------------------------------------------------------------------------------------------------------------


def report_danger(world: World, case: Case, command: said.ReportDanger) -> Iterator[Said]:
    """Who reported it is remembered and not told, so that the second person can be told from the first."""
    if case.danger != "reported":
        yield case.but(danger_by=command.by)
        yield said.DangerReported(case=case.id, by_role=cast(Role, command.by_role))
        yield urgent_task(world, case.id, DANGER, "FOLLOW-37")
        yield to_coordinator(case.id, DANGER, urgent=True)
    elif not case.danger_by and command.by:
        # A key of nobody reported it; whoever says so too is the first person.
        yield case.but(danger_by=command.by)


def confirm_danger(world: World, case: Case, command: said.ConfirmDanger) -> Iterator[Said]:
    if case.danger != "reported":
        return
    if broken := rules_of(world).broken(TwoPersons(case.danger_by, command.by)):
        yield _refused(case, command, broken[0])
    else:
        yield said.DangerConfirmed(case=case.id)


# -- what the colleague agrees to --------------------------------------------------------------------------------------


def agree(world: World, case: Case, command: said.AgreeToCheckIns) -> Iterator[Said]:
    """Her word counts anew from now: what is to come starts, and the erasure is counted from the last of it."""
    if case.is_let_go:
        yield _refused(case, command, "FOLLOW-52")
    elif command.later and (broken := rules_of(world).broken(LaterWord(case.is_severe))):
        yield _refused(case, command, broken[0])
    elif (case.later, case.milestones) != (command.later, command.milestones):
        agreed = said.CheckInsAgreed(case=case.id, later=command.later, milestones=command.milestones)
        yield agreed
        yield from _begin_anew(world, case, after(case, world.now, agreed))


def _begin_anew(world: World, before: Case, now: Case) -> Iterator[Said]:
    known = moments.to_come(before, world.hospital)
    fresh = (due.moment for due in moments.to_come(now, world.hospital) if due not in known)
    yield from moments.start(world, now, *fresh)


def milestone(world: World, case: Case, command: said.ReportMilestone) -> Iterator[Said]:
    if broken := rules_of(world).broken(MilestoneWord(case.milestones)):
        yield _refused(case, command, broken[0])
    else:
        yield said.MilestoneReached(case=case.id, milestone=command.milestone)
        yield from to_colleague(case, "milestone")


def _refused(case: Case, command: Command, rule: str) -> said.Refused:
    return said.Refused(regarding=case.id, command=command.name, rule=rule)
