"""One word each: what happens to matching and what it says, for stories that read as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, get_args

from services.matching.protocol.domain import PROTOCOL
from shared.engine.world import Later, Said
from shared.hospital import Hospital
from shared.messages import Message, Role, followup, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
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
    PlanOnCall,
    Refused,
    ReturnSupporter,
    SearchAgain,
    SearchDue,
    SetWeek,
    SupporterAsked,
    SupporterMatched,
)
from shared.testing import NOW, Story

ANNA, BRAM, CLARA = "s-anna", "s-bram", "s-clara"
CASE, OTHER = "c-1", "c-2"
ROLES: tuple[Role, ...] = get_args(Role)
ANSWER_BY = NOW + timedelta(hours=4)
TOMORROW = NOW + timedelta(hours=24)


def staff(who: str, **changes: Any) -> intake.StaffRecorded:
    fields: dict[str, Any] = {"profession": "nurse", "department": "surgery", "supporter": True}
    return intake.StaffRecorded(person=who, **(fields | changes))


def supporter(who: str, **changes: Any) -> list[Message]:
    return [staff(who, **changes), qualified(who)]


def qualified(who: str) -> training.SupporterQualified:
    return training.SupporterQualified(supporter=who, on=NOW.date())


def suspended(who: str) -> training.SupporterSuspended:
    return training.SupporterSuspended(supporter=who, rule="TRAIN-3")


def reinstated(who: str) -> training.SupporterReinstated:
    return training.SupporterReinstated(supporter=who)


def left(who: str) -> intake.StaffLeft:
    return intake.StaffLeft(person=who)


def colleague(case: str = CASE, **changes: Any) -> intake.Colleague:
    fields: dict[str, Any] = {"case": case, "colleague": f"p-{case}", "profession": "nurse", "department": "icu"}
    return intake.Colleague(**(fields | changes))


def offered(*cases: str, calamity: str = "no", door: intake.Door = "report", **changes: Any) -> intake.SupportOffered:
    return together(*(colleague(case, **changes) for case in cases or (CASE,)), calamity=calamity, door=door)


def together(*colleagues: intake.Colleague, report: str = "", **changes: Any) -> intake.SupportOffered:
    """The colleagues of one event."""
    report = report or "r-" + "-".join(one.case for one in colleagues)
    return intake.SupportOffered(report=report, t0=NOW, event_types=("fall",), colleagues=colleagues, **changes)


def withdrawn(*cases: str) -> intake.SupportWithdrawn:
    return intake.SupportWithdrawn(report="r-1", cases=cases or (CASE,), reason="amended")


def closed(who: str = "", case: str = CASE) -> followup.CaseClosed:
    return followup.CaseClosed(case=case, ending="completed", supporter=who)


def replaced(who: str, why: followup.Why = "handed_back", case: str = CASE) -> followup.ReplacementNeeded:
    return followup.ReplacementNeeded(case=case, supporter=who, why=why)


def reassessed(*, case: str = CASE, harm: str = "death") -> intake.EventReassessed:
    return intake.EventReassessed(report="r-1", event_types=("fall",), calamity="no", harm=harm, cases=(case,))


def involved(*who: str, case: str = CASE) -> intake.SupporterInvolved:
    return intake.SupporterInvolved(report="r-1", cases=(case,), supporters=who)


def erased(case: str = CASE) -> followup.CaseErased:
    return followup.CaseErased(case=case)


def paused(who: str, by: str | None = None, role: Role = "supporter") -> PauseSupporter:
    return PauseSupporter(supporter=who, by_role=role, by=who if by is None else by)


def returned(who: str) -> ReturnSupporter:
    return ReturnSupporter(supporter=who, by_role="supporter", by=who)


def wishes(case: str = CASE, role: Role = "coordinator", **what: Any) -> ChoosePreferences:
    return ChoosePreferences(case=case, by_role=role, by="x", **what)


def picked(who: str, reason: Any = "continuity", role: Role = "coordinator", case: str = CASE) -> PickSupporter:
    return PickSupporter(case=case, supporter=who, reason=reason, by_role=role, by="x")


def accept(who: str, case: str = CASE, role: Role = "supporter") -> AcceptAsk:
    return AcceptAsk(case=case, by_role=role, by=who)


def decline(who: str, case: str = CASE, role: Role = "supporter") -> DeclineAsk:
    return DeclineAsk(case=case, by_role=role, by=who)


def search(role: Role = "coordinator") -> SearchAgain:
    return SearchAgain(case=CASE, by_role=role, by="s-coordinator")


PAUSED, RESUMED = followup.SupportPaused(case=CASE), followup.SupportResumed(case=CASE)
NO_THANKS = followup.SupportDeclined(case=CASE)


def silence(ask: int = 1, case: str = CASE) -> AnswerDue:
    return AnswerDue(case=case, ask=ask)


def asked(who: str, ask: int = 1, case: str = CASE, *, urgent: bool = False, **why: Any) -> list[Said]:
    """The ask, its notice and its timer."""
    by = why.pop("answer_by", ANSWER_BY)
    return [
        SupporterAsked(case=case, supporter=who, ask=ask, answer_by=by, **why),
        NoticeDue(regarding=case, to="supporter", template="ask", person=who, urgent=urgent),
        Later(AnswerDue(case=case, ask=ask), by),
    ]


def matched(who: str, ask: int = 1, *, urgent: bool = False) -> list[Said]:
    return [
        AskAccepted(case=CASE, supporter=who, ask=ask),
        SupporterMatched(case=CASE, supporter=who),
        NoticeDue(regarding=CASE, to="colleague", template="matched"),
        NoticeDue(regarding=CASE, to="supporter", template="contact_card", person=who, urgent=urgent),
    ]


def nobody(search: int = 1, *, nearly: dict[str, int] | None = None, **removed: Any) -> list[Said]:
    """`nearly`: of whom one rule alone is in the way; all of them if it is not said."""
    return [failed(nearly=nearly, **removed), Later(SearchDue(case=CASE, search=search), TOMORROW)]


def failed(case: str = CASE, *, nearly: dict[str, int] | None = None, **removed: Any) -> MatchFailed:
    about = {name: removed.pop(name, usual) for name, usual in _ABOUT.items()}
    rules = {name.replace("_", "-"): count for name, count in removed.items()}
    alone = rules if nearly is None else nearly
    return MatchFailed(case=case, pool=sum(rules.values()), removed=rules, nearly=alone, **about)


_ABOUT: dict[str, Any] = {"profession": "nurse", "department": "icu", "planned": False}


def said_no(who: str, ask: int = 1) -> AskDeclined:
    return AskDeclined(case=CASE, supporter=who, ask=ask)


def passed(who: str, ask: int = 1) -> AskExpired:
    return AskExpired(case=CASE, supporter=who, ask=ask)


def taken_back(who: str, ask: int = 1) -> AskWithdrawn:
    return AskWithdrawn(case=CASE, supporter=who, ask=ask)


def refused(command: str, rule: str) -> list[Said]:
    return [Refused(regarding=CASE, command=command, rule=rule)]


POOL = [*supporter(ANNA), *supporter(BRAM)]
ALONE = supporter(ANNA)


def story(*messages: Message, hospital: Hospital | None = None) -> Story:
    return Story(PROTOCOL, hospital).given(*messages)


def week(who: str = ANNA, role: Role = "supporter", *, holidays: bool = True, **days: str) -> SetWeek:
    return SetWeek(supporter=who, week=days, holidays=holidays, by_role=role, by=who)


def leave(who: str, first: str, last: str, role: Role = "supporter") -> PlanLeave:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return PlanLeave(supporter=who, first=days[0], last=days[1], by_role=role, by=who)


def no_leave(who: str, first: str) -> CancelLeave:
    return CancelLeave(supporter=who, first=date.fromisoformat(first), by_role="supporter", by=who)


def on_call(who: str, begin: datetime, hours: float, role: Role = "coordinator") -> PlanOnCall:
    return PlanOnCall(supporter=who, begin=begin, end=begin + timedelta(hours=hours), by_role=role, by="x")


def not_on_call(who: str, begin: datetime) -> CancelOnCall:
    return CancelOnCall(supporter=who, begin=begin, by_role="coordinator", by="x")


def confirmed(report: str, role: Role = "coordinator") -> ConfirmPlan:
    return ConfirmPlan(report=report, by_role=role, by="x")


def facts(said: Iterable[Said]) -> list[Said]:
    """What was said, without the notices and the timers."""
    return [one for one in said if not isinstance(one, NoticeDue | Later)]


def names(said: Iterable[Said]) -> list[str]:
    return [type(one).__name__ for one in facts(said)]


def asked_whom(said: Iterable[Said]) -> dict[str, str]:
    """Of each case that is asked for, whom."""
    return {one.case: one.supporter for one in said if isinstance(one, SupporterAsked)}
