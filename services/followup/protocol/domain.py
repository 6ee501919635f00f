"""What followup decides: every message that it hears, says or is told, and which part answers it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.followup.protocol import closing, heard, moments, replacing
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
from services.followup.protocol.commands import COMMANDS, answer, finish
from services.followup.protocol.facts import SAID, case_row, finished, of_case, raised
from services.followup.protocol.saying import start, task, to_coordinator
from shared.engine.registry import On, Registry, protocol, same
from shared.engine.world import Said, World
from shared.messages import followup as said
from shared.messages import intake, matching, training


def _ran_out(world: World, timer: said.ClockDue) -> Iterator[Said]:
    case = world.get(Case, timer.case)
    if any(one.since == timer.since for one in running(case, world.hospital, timer.clock)):
        yield from start(world, case, timer.clock)


def _came(world: World, timer: said.MomentDue) -> Iterator[Said]:
    return moments.come(world, world.get(Case, timer.case), timer)


def _pause_lasts(world: World, timer: said.PauseDue) -> Iterator[Said]:
    return moments.ask_about_pause(world, world.get(Case, timer.case), timer)


# -- about cases -------------------------------------------------------------------------------------------------------


def _begin(world: World, offer: intake.SupportOffered) -> Iterator[Said]:
    for case in world.all(Case, (colleague.case for colleague in offer.colleagues)):
        yield from start(world, case, "assignment", "unassigned", "contact", "last_check")
        yield from moments.start(world, case, "self_check", "check_in_first", "check_in_second")


def _reassess(world: World, fact: intake.EventReassessed) -> Iterator[Said]:
    for case in world.all(Case, fact.cases):
        if fact.t0 is not None:
            yield from start(world, case, "contact", "last_check")
            yield from moments.start(world, case, "self_check")
        if case.later:
            yield from moments.start(world, case, "check_in_first", "check_in_second", "erasure")


def _withdraw(world: World, fact: intake.SupportWithdrawn) -> Iterator[Said]:
    for id in fact.cases:
        yield from closing.withdraw(world, world.get(Case, id), fact.reason)


def _involved(world: World, fact: intake.SupporterInvolved) -> Iterator[Said]:
    return replacing.involved(world, fact.cases, fact.supporters)


def _left(world: World, fact: intake.StaffLeft) -> Iterator[Said]:
    return replacing.left(world, world.get(Waiting, fact.person).cases, fact.person)


def _matched(world: World, match: matching.SupporterMatched) -> Iterator[Said]:
    return replacing.matched(world, world.get(Case, match.case), match.supporter)


# -- what cannot go on without a person becomes a task -----------------------------------------------------------------


def _not_told(world: World, failed: intake.NoticeFailed) -> Iterator[Said]:
    about = world.get(home_of(failed.regarding), failed.regarding)
    known = about.tasks.get(NOTICE_FAILED)
    reasons = dict.fromkeys((*(known.reasons if known else ()), failed.template, failed.reason))
    if not (isinstance(about, Case) and about.erased):
        yield task(world, about.id, NOTICE_FAILED, *reasons)


def _suspended(world: World, fact: training.SupporterSuspended) -> Iterator[Said]:
    if not world.get(Waiting, fact.supporter).left:
        yield task(world, fact.supporter, INTERVISIE, fact.rule)


def _nobody_found(world: World, failed: matching.MatchFailed) -> Iterator[Said]:
    case, removed = world.get(Case, failed.case), failed.removed
    if failed.planned:
        return
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


#: What is told in the timeline of a case and changes nothing.
_TOLD = case_row()

ON: Registry = {
    **SAID,
    # What people ask for
    **dict.fromkeys(COMMANDS, On({Case: same}, answer)),
    said.FinishTask: On({Case: same, Waiting: same}, finish),
    # What the time brings
    said.ClockDue: On(_TOLD.states, _ran_out),
    said.MomentDue: On(_TOLD.states, _came),
    said.PauseDue: On(_TOLD.states, _pause_lasts),
    # What others say about cases
    intake.SupportOffered: On({Case: of_case(heard.offered)}, _begin),
    intake.SupportWithdrawn: On({Case: of_case(heard.withdrawn)}, _withdraw),
    intake.EventReassessed: On({Case: of_case(heard.reassessed)}, _reassess),
    intake.SupporterInvolved: On({Case: of_case(heard.involved)}, _involved),
    matching.SupporterAsked: case_row(heard.asked),
    matching.AskAccepted: _TOLD,
    matching.AskDeclined: _TOLD,
    matching.AskExpired: _TOLD,
    matching.AskWithdrawn: _TOLD,
    matching.SupporterMatched: On({Case: of_case(heard.matched), Waiting: heard.has_a_case_more}, _matched),
    matching.MatchFailed: On(_TOLD.states, _nobody_found),
    matching.PlanMade: On({Waiting: same, Case: of_case(same)}, _large_event),
    matching.PreferencesChosen: _TOLD,
    matching.Refused: _TOLD,
    intake.Refused: _TOLD,
    # What others say about anything
    intake.NoticeSent: _TOLD,
    intake.NoticeFailed: On({Case: of_case(same), Waiting: same}, _not_told),
    intake.TaskRaised: On({Case: of_case(raised), Waiting: raised}),
    intake.TaskDone: On({Case: of_case(finished), Waiting: finished}),
    # What others say about a supporter
    intake.StaffRecorded: On({Waiting: heard.works_here}, replacing.recorded),
    intake.StaffLeft: On({Waiting: heard.left}, _left),
    training.SupporterSuspended: On({Waiting: same}, _suspended),
    training.SupporterReinstated: On({Waiting: heard.attended}),
}
PROTOCOL = protocol("followup", {Case: ("case",), Waiting: ("report", "staff"), Tally: ()}, ON)
