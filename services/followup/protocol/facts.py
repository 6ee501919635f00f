"""How facts add up: which states a message concerns, and what each is afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.followup.protocol.case import (
    CLOCK_TASKS,
    DANGER,
    ENDS_WITH_CASE,
    EXTENSION,
    FIND_SUPPORTER,
    HELP,
    INTERVISIE,
    NOT_REACHED,
    NOTICE_FAILED,
    Case,
    Tally,
    Task,
    Waiting,
    home_of,
    with_task,
    without,
)
from services.followup.protocol.clocks import is_needless
from services.followup.protocol.ledger import Entry
from services.followup.protocol.timeline import cases_of
from shared.engine.world import State
from shared.messages import Event, Message, intake, matching, training
from shared.messages import followup as said

Kept = Case | Waiting | Tally
#: Notices after which a colleague has heard that it is over.
_FAREWELLS = ("closed", "declined", "not_reached")


def touches(event: Event) -> Iterator[tuple[type[State], str]]:
    """The states that a message concerns."""
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            yield from ((Case, colleague.case) for colleague in colleagues)
        case intake.SupportWithdrawn(cases=cases) | intake.SupporterInvolved(cases=cases):
            yield from ((Case, id) for id in cases)
        case intake.TaskRaised() | intake.TaskDone() | intake.NoticeFailed():
            yield home_of(event.subject), event.subject
        case intake.StaffLeft() | intake.StaffRecorded():
            yield Waiting, event.subject
        case matching.PlanMade(cases=cases):
            yield Waiting, event.subject
            yield from ((Case, id) for id in cases)
        case training.SupporterSuspended() | training.SupporterReinstated():
            yield Waiting, event.subject
        case matching.SupporterAsked() | matching.MatchFailed():
            yield Case, event.subject
        case matching.SupporterMatched(supporter=who) | said.CaseClosed(supporter=who):
            yield from _case_and_supporter(event.subject, who)
        case said.ReplacementNeeded(supporter=who):
            yield from _case_and_supporter(event.subject, who)
        case Message(publisher="followup"):
            yield home_of(event.subject), event.subject
        case _:
            yield from ((Case, id) for id in cases_of(event))  # told in its timeline


def _case_and_supporter(case: str, supporter: str) -> Iterator[tuple[type[State], str]]:
    yield Case, case
    if supporter:
        yield Waiting, supporter


def evolve(state: Kept, event: Event) -> Kept:
    """The state after a message that has happened. What was erased stays as it is."""
    match state:
        case Tally() | Case(erased=True):
            return state
        case Case():
            return _prune(_listed(state, event) or _case(state, event))
        case Waiting():
            return _listed(state, event) or _waiting(state, event)


def after(case: Case, now: datetime, *facts: Message) -> Case:
    """The case as it will be when these are said."""
    for fact in facts:
        evolved = evolve(case, Event("", case.hospital, now, fact))
        assert isinstance(evolved, Case)
        case = evolved
    return case


# -- tasks -------------------------------------------------------------------------------------------------------------


def _listed(state: Case | Waiting, event: Event) -> Case | Waiting | None:
    match event.data:
        case intake.TaskRaised() | said.TaskRaised() as raised:
            return with_task(state, _task(raised, event.time))
        case intake.TaskDone(task=kind) | said.TaskFinished(task=kind):
            return without(state, kind)
    return None


def _task(raised: intake.TaskRaised | said.TaskRaised, at: datetime) -> Task:
    return Task(kind=raised.task, owner=raised.owner, raised_at=at, due_at=raised.due_at, reasons=raised.reasons)


def _task_of_clock(missed: said.ClockMissed, at: datetime) -> Task:
    return Task(kind=missed.clock, owner=missed.owner, raised_at=at, due_at=missed.due_at, reasons=(missed.rule,))


def _prune(state: Case | Waiting) -> Case | Waiting:
    """A clock that is met after all, or that went with a supporter, needs nobody."""
    if isinstance(state, Case) and state.tasks:
        needless = (name for name in CLOCK_TASKS if name in state.tasks and is_needless(state, name))
        return without(state, *needless)
    return state


# -- what is no case ---------------------------------------------------------------------------------------------------


def _waiting(waiting: Waiting, event: Event) -> Waiting:
    after = waiting
    match event.data:
        case training.SupporterReinstated():
            after = without(waiting, INTERVISIE)
        case intake.StaffLeft():
            after = without(waiting, INTERVISIE, NOTICE_FAILED).but(left=True)
        case intake.StaffRecorded() if waiting.left:
            after = waiting.but(left=False)
        case matching.SupporterMatched(case=case) if case not in waiting.cases:
            after = waiting.but(cases=(*waiting.cases, case))
        case said.CaseClosed(case=case) | said.ReplacementNeeded(case=case) if case in waiting.cases:
            after = waiting.but(cases=tuple(id for id in waiting.cases if id != case))
    return after


# -- a case ------------------------------------------------------------------------------------------------------------


def _case(case: Case, event: Event) -> Case:
    after = case
    match event.data:
        case intake.SupportOffered() as offer:
            after = _offered(case, offer, event.time)
        case matching.SupporterAsked():
            after = without(case, FIND_SUPPORTER)
        case matching.SupporterMatched(supporter=supporter) if supporter != case.supporter and not _is_settled(case):
            after = _matched(case, supporter, event.time)
        case intake.SupporterInvolved(supporters=supporters):
            after = case.but(involved=tuple(sorted({*case.involved, *supporters})))
        case said.ReplacementNeeded(supporter=supporter):
            after = _replaced(case, supporter, event.time)
        case said.ClockMissed(clock=clock) as missed:
            told = case.but(missed=case.missed | {clock: event.time})
            after = with_task(told, _task_of_clock(missed, event.time))
        case said.SupportPaused():
            after = without(case, *CLOCK_TASKS).but(paused=True)
        case said.SupportResumed():
            # Every clock starts anew, also one that was missed at this very moment.
            before = {clock: at for clock, at in case.missed.items() if at < event.time}
            after = case.but(paused=False, resumed_at=event.time, missed=before)
        case _:
            after = _talk(case, event) or _end(case, event) or _care(case, event)
    return after


def _offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    """The first offer is the offer; a later one can only say that an amendment gave cause anew, to an open case."""
    if case.t0 is not None and (case.is_over or offer.t0 <= case.t0):
        return case
    mine = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    codes = {name: getattr(offer, name) for name in ("t0", "event_types", "calamity", "harm", "door")}
    refs = {"colleague": mine.colleague, "profession": mine.profession}
    after: Case = case.but(offered_at=case.offered_at or at, **codes, **refs)
    return after


def _is_settled(case: Case) -> bool:
    """Whether it is over and known who had it."""
    return case.is_over and bool(case.supporter)


def _matched(case: Case, supporter: str, at: datetime) -> Case:
    """Whoever had the case until now is still to be told, and her place to be given back."""
    displaced = (*case.displaced, case.supporter) if case.supporter else case.displaced
    found = without(case, FIND_SUPPORTER)
    after: Case = found.but(supporter=supporter, matched_at=at, displaced=displaced)
    return after


def _replaced(case: Case, supporter: str, at: datetime) -> Case:
    displaced = tuple(one for one in case.displaced if one != supporter)
    if supporter != case.supporter:
        return case.but(displaced=displaced)
    after: Case = case.but(supporter="", matched_at=None, replaced_at=at, displaced=displaced)
    return after


def _talk(case: Case, event: Event) -> Case | None:
    match event.data:
        case said.ContactAttempted(channel=channel, at=at):
            return _entered(case, Entry(kind="attempt", channel=channel, at=at or event.time))
        case said.FirstContactMade(channel=channel, at=at):
            spoken = without(case, NOT_REACHED)
            return _entered(spoken, Entry(kind="contact", channel=channel, at=at or event.time))
        case said.ConversationHeld(at=at) as held:
            kept = held.model_dump(include={"kind", "channel", "minutes", "counts", "people"})
            return _entered(case, Entry(at=at or event.time, **kept))
        case said.ExtensionGranted():
            more: Case = without(case, EXTENSION).but(extensions=case.extensions + 1)
            return more
    return None


def _entered(case: Case, entry: Entry) -> Case:
    after: Case = case.but(ledger=case.ledger.plus(entry))
    return after


def _end(case: Case, event: Event) -> Case | None:
    after: Case | None = None
    match event.data:
        case said.SupportDeclined():
            after = case.but(later=False, milestones=False)
        case said.CaseClosed(ending=ending) if not case.is_over:
            agreed = {"later": False, "milestones": False} if ending in ("declined", "withdrawn") else {}
            after = without(case, *ENDS_WITH_CASE).but(closed_at=event.time, ending=ending, **agreed)
        case said.NoticeDue(to="colleague", template=template) if template in _FAREWELLS:
            after = case.but(parted=True)
        case said.CaseErased():
            after = Case(hospital=case.hospital, id=case.id, erased=True)
    return after


def _care(case: Case, event: Event) -> Case:
    after = case
    match event.data:
        case said.HandedOver():
            after = without(case, HELP)
        case said.DangerReported():
            after = case.but(danger="reported")
        case said.DangerConfirmed():
            after = without(case, DANGER).but(danger="confirmed")
        case said.CheckInsAgreed(later=later, milestones=milestones):
            after = case.but(later=later, milestones=milestones)
        case said.EvaluationDue():
            after = case.but(done=(*case.done, "evaluation"))
        case said.CheckInDue(moment=moment):
            after = case.but(done=(*case.done, moment))
        case said.NoticeDue(template="self_check"):
            after = case.but(done=(*case.done, "self_check"))
    return after
