"""What matching remembers, and how each fact changes it, in whatever order the facts of different publishers come.

Pure. A place is the case's id in its supporter's `places`: giving or freeing it twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, get_args

from shared.messages import Event, followup, intake, training
from shared.messages.matching import (
    AcceptAsk,
    AnswerDue,
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    DeclineAsk,
    MatchFailed,
    NoticeDue,
    Refused,
    SearchAgain,
    SearchDue,
    SupporterAsked,
    SupporterMatched,
)
from shared.world import State

Status = Literal["new", "asked", "matched", "failed", "resting", "over"]
#: "none": no supporter.
Standing = Literal["ready", "suspended", "unqualified", "left", "none"]
STATUSES: tuple[Status, ...] = get_args(Status)
STANDINGS: tuple[Standing, ...] = get_args(Standing)


class Case(State):
    """What a supporter for this case must be like, who is asked, and who is not asked again.

    `passed_by`: who let an ask of this case pass. `failed`: what the last search removed, if it was in vain.
    `resting`: the colleague wants no support for now. A case that is over forgets all but whose place it still takes.
    """

    offered_at: datetime | None = None
    profession: str = ""
    department: str = ""
    site: str = ""
    languages: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    urgent: bool = False
    asked: str = ""
    ask: int = 0
    answer_by: datetime | None = None
    supporter: str = ""
    declined_by: tuple[str, ...] = ()
    passed_by: tuple[str, ...] = ()
    failed: dict[str, int] | None = None
    search: int = 0
    resting: bool = False
    over: bool = False

    @property
    def needs_somebody(self) -> bool:
        return self.offered_at is not None and not (self.asked or self.supporter or self.resting or self.over)

    @property
    def status(self) -> Status:
        if self.over:
            return "over"
        if self.supporter:
            return "matched"
        if self.resting:
            return "resting"
        return "asked" if self.asked else "new" if self.failed is None else "failed"


class Supporter(State):
    """Somebody who is, or may become, a supporter. `places` are the cases in which she is asked or matched.

    `idle_since`: when she last said yes to a case. Facts of intake and of training fill different fields.
    """

    profession: str = ""
    department: str = ""
    site: str = ""
    languages: tuple[str, ...] = ()
    listed: bool = False
    left: bool = False
    qualified: bool = False
    suspended: bool = False
    places: tuple[str, ...] = ()
    idle_since: datetime | None = None

    @property
    def in_pool(self) -> bool:
        return (self.qualified or self.listed) and not self.left

    @property
    def standing(self) -> Standing:
        if not self.in_pool:
            return "left" if self.left else "none"
        return "unqualified" if not self.qualified else "suspended" if self.suspended else "ready"


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
        case intake.SupportWithdrawn(cases=ids):
            return [(Case, id) for id in ids]
        case AcceptAsk() | DeclineAsk() | SearchAgain() | AnswerDue() | SearchDue():
            return [(Case, event.subject)]
        case AskAccepted() | MatchFailed() | NoticeDue() | Refused():
            return [(Case, event.subject)]
        case followup.SupportDeclined() | followup.SupportPaused() | followup.SupportResumed():
            return [(Case, event.subject)]
        case intake.StaffRecorded() | intake.StaffLeft():
            return [(Supporter, event.subject)]
        case training.SupporterQualified() | training.SupporterSuspended() | training.SupporterReinstated():
            return [(Supporter, event.subject)]
    return []


def evolve(state: Any, event: Event) -> State:
    if isinstance(state, Supporter):
        return _supporter_after(state, event)
    return case_after_own(state, event) if event.publisher == "matching" else _case_after(state, event)


def case_after_own(case: Case, event: Event) -> Case:
    """A case after what matching itself says."""
    after = case
    match event.data:
        case SupporterAsked(supporter=who, ask=ask, answer_by=answer_by):
            row = () if who in case.passed_by else case.passed_by
            after = case.but(asked=who, ask=ask, answer_by=answer_by, failed=None, passed_by=row)
        case SupporterMatched(supporter=who):
            after = case.but(asked="", answer_by=None, supporter=who)
        case AskDeclined(supporter=who):
            after = case.but(asked="", answer_by=None, declined_by=(*case.declined_by, who))
        case AskExpired(supporter=who):
            after = case.but(asked="", answer_by=None, passed_by=(*case.passed_by, who))
        case AskWithdrawn():
            after = case.but(asked="", answer_by=None)
        case MatchFailed(removed=removed):
            after = case.but(failed=removed, search=case.search + 1)
    return after


def _case_after(case: Case, event: Event) -> Case:
    """A case after what others say. Whoever gives a case back is not asked for it again. Over is for ever."""
    after = case
    match event.data:
        case followup.ReplacementNeeded(supporter=who) if who and who == case.supporter:
            after = case.but(supporter="", declined_by=() if case.over else (*case.declined_by, who))
        case followup.CaseClosed(supporter=who):
            after = _over(case, holder="" if who == case.supporter else case.supporter)
        case _ if case.over:
            return case
        case intake.SupportWithdrawn():
            after = _over(case, holder=case.supporter)
        case intake.SupportOffered() as offer:
            after = _offered(case, offer, event.time)
        case followup.SupportDeclined() | followup.SupportPaused():
            after = case.but(resting=True)
        case followup.SupportResumed():
            after = case.but(resting=False, failed=None)
    return after


def _over(case: Case, holder: str) -> Case:
    """Only followup's CaseClosed gives a supporter's place back; an open ask is still to be withdrawn."""
    kept = {name: getattr(case, name) for name in ("hospital", "id", "asked", "ask", "answer_by")}
    return Case(**kept, supporter=holder, over=True)


def _offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    one = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    urgent = offer.calamity == "yes" or offer.harm == "death" or "patient_death" in offer.event_types
    codes = {name: getattr(one, name) for name in ("profession", "department", "site", "languages", "not_by")}
    after: Case = case.but(**codes, urgent=urgent, offered_at=case.offered_at or at)
    return after


def _supporter_after(supporter: Supporter, event: Event) -> Supporter:
    after = supporter
    match event.data:
        case SupporterAsked(case=id):
            after = supporter.but(places=(*supporter.places, id))
        case SupporterMatched():
            after = supporter.but(idle_since=event.time)
        case AskDeclined(case=id) | AskExpired(case=id) | AskWithdrawn(case=id):
            after = _freed(supporter, id)
        case followup.CaseClosed(case=id) | followup.ReplacementNeeded(case=id):
            after = _freed(supporter, id)
        case intake.StaffRecorded() as row:
            codes = {name: getattr(row, name) for name in ("profession", "department", "site", "languages")}
            after = supporter.but(**codes, listed=row.supporter, left=False)
        case intake.StaffLeft():
            after = supporter.but(left=True)
        case training.SupporterQualified():
            after = supporter.but(qualified=True)
        case training.SupporterSuspended():
            after = supporter.but(suspended=True)
        case training.SupporterReinstated():
            after = supporter.but(suspended=False)
    return after


def _freed(supporter: Supporter, case: str) -> Supporter:
    kept = tuple(place for place in supporter.places if place != case)
    after: Supporter = supporter if kept == supporter.places else supporter.but(places=kept)
    return after
