"""What followup itself says, one row per fact: what a case is afterwards, or whatever else a task is about. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from services.followup.protocol.case import (
    CLOCK_TASKS,
    DANGER,
    ENDS_WITH_CASE,
    EXTENSION,
    HELP,
    NOT_REACHED,
    PAUSE,
    STEPPED_BACK,
    Case,
    Task,
    Waiting,
    with_task,
    without,
)
from services.followup.protocol.clocks import is_needless
from services.followup.protocol.ledger import Entry
from shared.engine.registry import Evolve, On, Registry, becomes, same
from shared.messages import Message, intake
from shared.messages import followup as said

Tasked = TypeVar("Tasked", Case, Waiting)
#: Notices after which a colleague has heard that it is over.
_FAREWELLS = ("closed", "declined", "not_reached")


def of_case(evolve: Evolve) -> Evolve:
    """What was erased stays as it is; a clock that is met after all, or went with a supporter, needs nobody."""

    def after(case: Case, fact: object, at: datetime) -> Case:
        return case if case.erased else _prune(evolve(case, fact, at))

    return after


def _prune(case: Case) -> Case:
    if not case.tasks:
        return case
    return without(case, *(name for name in CLOCK_TASKS if name in case.tasks and is_needless(case, name)))


def after(case: Case, now: datetime, *facts: Message) -> Case:
    """The case as it will be when these are said."""
    for fact in facts:
        case = SAID[type(fact)].states[Case](case, fact, now)
    return case


# -- tasks -------------------------------------------------------------------------------------------------------------


def raised(state: Tasked, fact: intake.TaskRaised | said.TaskRaised, at: datetime) -> Tasked:
    task = Task(kind=fact.task, owner=fact.owner, raised_at=at, due_at=fact.due_at, reasons=fact.reasons)
    return with_task(state, task)


def finished(state: Tasked, fact: intake.TaskDone | said.TaskFinished, _: datetime) -> Tasked:
    return without(state, fact.task)


def _missed(case: Case, fact: said.ClockMissed, at: datetime) -> Case:
    task = Task(kind=fact.clock, owner=fact.owner, raised_at=at, due_at=fact.due_at, reasons=(fact.rule,))
    return with_task(case.but(missed=case.missed | {fact.clock: at}), task)


# -- contacts and conversations ----------------------------------------------------------------------------------------


def _tried(case: Case, fact: said.ContactAttempted, at: datetime) -> Case:
    return _entered(case, Entry(kind="attempt", channel=fact.channel, at=fact.at or at, of=case.supporter))


def _spoken(case: Case, fact: said.FirstContactMade, at: datetime) -> Case:
    return _entered(
        without(case, NOT_REACHED), Entry(kind="contact", channel=fact.channel, at=fact.at or at, of=case.supporter)
    )


def _talked(case: Case, held: said.ConversationHeld, at: datetime) -> Case:
    kept = held.model_dump(include={"kind", "channel", "minutes", "counts", "people"})
    return _entered(case, Entry(at=held.at or at, of=case.supporter, **kept))


def _entered(case: Case, entry: Entry) -> Case:
    return case.but(ledger=case.ledger.plus(entry))


def _extended(case: Case, _: said.ExtensionGranted, __: datetime) -> Case:
    return without(case, EXTENSION).but(extensions=case.extensions + 1)


# -- pauses, replacements and the end ----------------------------------------------------------------------------------


def _paused(case: Case, _: said.SupportPaused, at: datetime) -> Case:
    return without(case, *CLOCK_TASKS).but(paused=True, paused_at=at)


def _resumed(case: Case, _: said.SupportResumed, at: datetime) -> Case:
    """Every clock starts anew, also one that was missed at this very moment."""
    before = {clock: missed for clock, missed in case.missed.items() if missed < at}
    return without(case, PAUSE).but(paused=False, paused_at=None, resumed_at=at, missed=before)


def _replaced(case: Case, fact: said.ReplacementNeeded, at: datetime) -> Case:
    displaced = tuple(one for one in case.displaced if one != fact.supporter)
    if fact.supporter != case.supporter:
        return case.but(displaced=displaced)
    nobody = {"supporter": "", "matched_at": None, "replaced_at": at}
    return without(case, STEPPED_BACK).but(**nobody, displaced=displaced)


def _closed(case: Case, fact: said.CaseClosed, at: datetime) -> Case:
    if case.is_over:
        return case
    agreed = {"later": False, "milestones": False} if fact.ending in ("declined", "withdrawn") else {}
    return without(case, *ENDS_WITH_CASE).but(closed_at=at, ending=fact.ending, **agreed)


def _erased(case: Case, _: said.CaseErased, __: datetime) -> Case:
    return Case(hospital=case.hospital, id=case.id, erased=True)


def _has_a_case_less(waiting: Waiting, fact: said.CaseClosed | said.ReplacementNeeded, _: datetime) -> Waiting:
    if fact.case not in waiting.cases:
        return waiting
    return waiting.but(cases=tuple(id for id in waiting.cases if id != fact.case))


# -- care --------------------------------------------------------------------------------------------------------------


def _handed_over(case: Case, _: said.HandedOver, __: datetime) -> Case:
    return without(case, HELP)


def _danger_confirmed(case: Case, _: said.DangerConfirmed, __: datetime) -> Case:
    return without(case, DANGER).but(danger="confirmed")


def _agreed(case: Case, fact: said.CheckInsAgreed, _: datetime) -> Case:
    return case.but(later=fact.later, milestones=fact.milestones)


def _evaluated(case: Case, _: said.EvaluationDue, __: datetime) -> Case:
    return case.but(done=(*case.done, "evaluation"))


def _checked_in(case: Case, fact: said.CheckInDue, _: datetime) -> Case:
    return case.but(done=(*case.done, fact.moment))


def _written_to(case: Case, notice: said.NoticeDue, _: datetime) -> Case:
    if notice.to == "colleague" and notice.template in _FAREWELLS:
        return case.but(parted=True)
    return case.but(done=(*case.done, "self_check")) if notice.template == "self_check" else case


def case_row(evolve: Evolve = same) -> On:
    return On({Case: of_case(evolve)})


SAID: Registry = {
    said.ContactAttempted: case_row(_tried),
    said.FirstContactMade: case_row(_spoken),
    said.ConversationHeld: case_row(_talked),
    said.ConversationNotAllowed: case_row(),
    said.ExtensionGranted: case_row(_extended),
    said.MoreAsked: case_row(),
    said.ClockMissed: case_row(_missed),
    said.SupportPaused: case_row(_paused),
    said.SupportResumed: case_row(_resumed),
    said.SupportDeclined: case_row(becomes(later=False, milestones=False)),
    said.ReplacementNeeded: On({Case: of_case(_replaced), Waiting: _has_a_case_less}),
    said.CaseClosed: On({Case: of_case(_closed), Waiting: _has_a_case_less}),
    said.CaseErased: case_row(_erased),
    said.HelpRequested: case_row(),
    said.HandedOver: case_row(_handed_over),
    said.DangerReported: case_row(becomes(danger="reported")),
    said.DangerConfirmed: case_row(_danger_confirmed),
    said.DebriefRequested: case_row(),
    said.CheckInsAgreed: case_row(_agreed),
    said.MilestoneReached: case_row(),
    said.CheckInDue: case_row(_checked_in),
    said.EvaluationDue: case_row(_evaluated),
    said.NoticeDue: On({Case: of_case(_written_to), Waiting: same}),
    said.Refused: On({Case: of_case(same), Waiting: same}),
    said.TaskRaised: On({Case: of_case(raised), Waiting: raised}),
    said.TaskFinished: On({Case: of_case(finished), Waiting: finished}),
}
