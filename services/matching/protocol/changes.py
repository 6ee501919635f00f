"""How each fact changes what matching remembers, in whatever order the facts of different publishers come. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.matching.protocol.states import Case, Plan, Supporter
from shared.engine.world import State
from shared.messages import Event, Message, followup, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    AvailabilityChanged,
    CancelLeave,
    CancelOnCall,
    ChoosePreferences,
    ConfirmPlan,
    DeclineAsk,
    MatchFailed,
    NoticeDue,
    PauseSupporter,
    PickSupporter,
    PlanLeave,
    PlanMade,
    PlanOnCall,
    PreferencesChosen,
    Refused,
    ReturnSupporter,
    SearchAgain,
    SearchDue,
    SetWeek,
    SupporterAsked,
    SupporterMatched,
    SupporterPaused,
    SupporterReturned,
)

#: What is said by and about a supporter herself.
ABOUT_HERSELF = (SetWeek, PlanLeave, CancelLeave, PauseSupporter, ReturnSupporter, PlanOnCall, CancelOnCall)
#: Days on which she was matched are kept as long as any hospital may count them (MATCH-11).
_KEPT = timedelta(days=400)
_OF_SUPPORTERS = frozenset(command.name for command in ABOUT_HERSELF)
_CODES = ("profession", "department", "site", "languages")
_WISHES = ("unit", "independent", "same_site", "own_line")


def touches(event: Event) -> Iterable[tuple[type[State], str]]:
    match event.data:
        case (
            SupporterAsked(case=id, supporter=who)
            | SupporterMatched(case=id, supporter=who)
            | AskDeclined(case=id, supporter=who)
            | AskExpired(case=id, supporter=who)
            | AskWithdrawn(case=id, supporter=who)
            | followup.CaseClosed(case=id, supporter=who)
            | followup.ReplacementNeeded(case=id, supporter=who)
        ):
            return [(Case, id), (Supporter, who)] if who else [(Case, id)]
        case intake.SupportOffered(colleagues=colleagues):
            return [(Case, colleague.case) for colleague in colleagues]
        case intake.SupportWithdrawn(cases=ids) | intake.SupporterInvolved(cases=ids):
            return [(Case, id) for id in ids]
        case PlanMade(report=report, cases=ids):
            return [(Plan, report), *((Case, id) for id in ids)]
        case Refused() | NoticeDue() as said:
            return [(_home(said), said.regarding)]
        case _ if isinstance(event.data, _OF_ONE_CASE):
            return [(Case, event.subject)]
        case _ if isinstance(event.data, _OF_ONE_SUPPORTER):
            return [(Supporter, event.subject)]
        case ConfirmPlan(report=report):
            return [(Plan, report)]
    return []


def _home(said: Refused | NoticeDue) -> type[State]:
    if isinstance(said, Refused):
        return Plan if said.command == ConfirmPlan.name else Supporter if said.command in _OF_SUPPORTERS else Case
    return Plan if said.template == "large_event" else Case


def evolve(state: Any, event: Event) -> State:
    if isinstance(state, Supporter):
        return _supporter_after(state, event)
    if isinstance(state, Plan):
        return _plan_after(state, event)
    return case_after_own(state, event.data) if event.publisher == "matching" else _case_after(state, event)


def case_after_own(case: Case, said: Message) -> Case:
    """A case after what matching itself says."""
    after = case
    match said:
        case SupporterAsked(supporter=who, ask=ask, answer_by=at, overruled=rules):
            row = _row_after(case, said)
            after = case.but(asked=who, ask=ask, answer_by=at, overruled=rules, failed=None, passed_by=row)
        case SupporterMatched(supporter=who):
            after = case.but(**_NOBODY_ASKED, supporter=who)
        case AskDeclined(supporter=who):
            after = case.but(**_NOBODY_ASKED, declined_by=(*case.declined_by, who))
        case AskExpired(supporter=who):
            after = case.but(**_NOBODY_ASKED, passed_by=(*case.passed_by, who))
        case AskWithdrawn():
            after = case.but(**_NOBODY_ASKED)
        case MatchFailed(removed=removed):
            after = case.but(failed=removed, search=case.search + 1)
        case PreferencesChosen():
            after = case.but(**{name: getattr(said, name) for name in _WISHES})
        case PlanMade(confirmed=confirmed):
            after = case.but(held=not confirmed)
    return after


def _row_after(case: Case, asked: SupporterAsked) -> tuple[str, ...]:
    """Who lets asks pass: when the first of them is asked again in turn, the row begins anew."""
    if asked.kind != "by_hand" and asked.supporter in case.passed_by:
        return ()
    return tuple(who for who in case.passed_by if who != asked.supporter)


_NOBODY_ASKED: dict[str, Any] = {"asked": "", "answer_by": None, "overruled": ()}


def _case_after(case: Case, event: Event) -> Case:
    """A case after what others say. Whoever gives a case back is not asked for it again. Over is for ever."""
    after = case
    match event.data:
        case followup.ReplacementNeeded(supporter=who, why=why) if who and who in (case.supporter, case.asked):
            without = case.but(supporter="") if who == case.supporter else case
            after = without if case.over else _not_again(without, who, why)
        case followup.CaseClosed(supporter=who):
            after = _over(case, holder="" if who == case.supporter else case.supporter)
        case followup.CaseErased():
            after = _over(case, holder=case.supporter)
        case _ if case.over:
            return case
        case intake.SupportWithdrawn():
            after = _over(case, holder=case.supporter)
        case intake.SupportOffered() as offer:
            after = _offered(case, offer, event.time)
        case intake.SupporterInvolved(supporters=who):
            after = case.but(not_by=_joined(case.not_by, who))
        case followup.SupportDeclined() | followup.SupportPaused():
            after = case.but(resting=True)
        case followup.SupportResumed():
            after = case.but(resting=False, failed=None)
    return after


def _not_again(case: Case, who: str, why: followup.Why) -> Case:
    if why == "chosen":
        after: Case = case.but(excluded=(*case.excluded, who))
        return after
    return case.but(declined_by=(*case.declined_by, who))


def _over(case: Case, holder: str) -> Case:
    """Only followup gives a supporter's place back; an open ask is still to be withdrawn."""
    kept = {name: getattr(case, name) for name in ("hospital", "id", "asked", "ask", "answer_by", "failed")}
    return Case(**kept, supporter=holder, over=True)


def _offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    one = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    urgent = offer.calamity == "yes" or offer.harm == "death" or "patient_death" in offer.event_types
    codes = {name: getattr(one, name) for name in (*_CODES, "line")}
    after: Case = case.but(
        **codes,
        not_by=_joined(case.not_by, one.not_by),
        urgent=urgent,
        team=offer.door == "group",
        offered_at=case.offered_at or at,
    )
    return after


def _joined(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _supporter_after(supporter: Supporter, event: Event) -> Supporter:
    after = supporter
    match event.data:
        case SupporterAsked(case=id):
            after = supporter.but(places=(*supporter.places, id))
        case SupporterMatched():
            since = event.time.date() - _KEPT
            days = (*(day for day in supporter.matched_on if day > since), event.time.date())
            after = supporter.but(idle_since=event.time, matched_on=days)
        case AskDeclined(case=id) | AskExpired(case=id) | AskWithdrawn(case=id):
            after = freed(supporter, id)
        case followup.CaseClosed(case=id) | followup.ReplacementNeeded(case=id):
            after = freed(supporter, id)
        case intake.StaffRecorded() as row:
            codes = {name: getattr(row, name) for name in _CODES}
            after = supporter.but(**codes, listed=row.supporter, left=False)
        case intake.StaffLeft():
            after = supporter.but(left=True)
        case training.SupporterQualified():
            after = supporter.but(qualified=True)
        case training.SupporterSuspended():
            after = supporter.but(suspended=True)
        case training.SupporterReinstated():
            after = supporter.but(suspended=False)
        case SupporterPaused() | SupporterReturned():
            after = supporter.but(paused=isinstance(event.data, SupporterPaused))
    return after


def freed(supporter: Supporter, case: str) -> Supporter:
    """She has this case no longer."""
    kept = tuple(place for place in supporter.places if place != case)
    after: Supporter = supporter if kept == supporter.places else supporter.but(places=kept)
    return after


def _plan_after(plan: Plan, event: Event) -> Plan:
    if not isinstance(event.data, PlanMade):
        return plan
    told = event.data.model_dump(include={"cases", "departments", "asked", "left", "confirmed"})
    after: Plan = plan.but(**told, made_at=plan.made_at or event.time)
    return after


_OF_ONE_CASE = (
    AcceptAsk,
    DeclineAsk,
    SearchAgain,
    PickSupporter,
    ChoosePreferences,
    AnswerDue,
    SearchDue,
    AskAccepted,
    MatchFailed,
    PreferencesChosen,
    followup.SupportDeclined,
    followup.SupportPaused,
    followup.SupportResumed,
    followup.CaseErased,
)
_OF_ONE_SUPPORTER = (
    *ABOUT_HERSELF,
    SupporterPaused,
    SupporterReturned,
    AvailabilityChanged,
    intake.StaffRecorded,
    intake.StaffLeft,
    training.SupporterQualified,
    training.SupporterSuspended,
    training.SupporterReinstated,
)
