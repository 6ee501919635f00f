"""What a case is after what others say, and what is known of their reports and supporters. Pure."""

from __future__ import annotations

from datetime import datetime

from services.followup.protocol.case import FIND_SUPPORTER, INTERVISIE, NOTICE_FAILED, Case, Waiting, without
from shared.messages import intake, matching, training


def offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    """The first offer is the offer; a later one can only say that an amendment gave cause anew, to an open case."""
    if case.t0 is not None and (case.is_over or offer.t0 <= case.t0):
        return case
    mine = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    codes = {name: getattr(offer, name) for name in ("t0", "event_types", "calamity", "harm", "door")}
    refs = {"colleague": mine.colleague, "profession": mine.profession}
    return case.but(offered_at=case.offered_at or at, **codes, **refs)


def reassessed(case: Case, fact: intake.EventReassessed, _: datetime) -> Case:
    """How grave the event was also counts after the closing; clocks only run in an open case."""
    if case.t0 is None:
        return case
    t0 = case.t0 if case.is_over or fact.t0 is None else max(case.t0, fact.t0)
    return case.but(t0=t0, event_types=fact.event_types, calamity=fact.calamity, harm=fact.harm)


def involved(case: Case, fact: intake.SupporterInvolved, _: datetime) -> Case:
    return case.but(involved=tuple(sorted({*case.involved, *fact.supporters})))


def withdrawn(case: Case, _: intake.SupportWithdrawn, __: datetime) -> Case:
    return case.but(taken_back=case.first_contact_at is not None)


def asked(case: Case, _: matching.SupporterAsked, __: datetime) -> Case:
    return without(case, FIND_SUPPORTER).but(taken_back=False)


def matched(case: Case, match: matching.SupporterMatched, at: datetime) -> Case:
    """Whoever had the case until now is still to be told, and her place to be given back."""
    if match.supporter == case.supporter or _is_settled(case):
        return case
    displaced = (*case.displaced, case.supporter) if case.supporter else case.displaced
    return without(case, FIND_SUPPORTER).but(supporter=match.supporter, matched_at=at, displaced=displaced)


def _is_settled(case: Case) -> bool:
    """Whether it is over and known who had it."""
    return case.is_over and bool(case.supporter)


def has_a_case_more(supporter: Waiting, match: matching.SupporterMatched, _: datetime) -> Waiting:
    return supporter if match.case in supporter.cases else supporter.but(cases=(*supporter.cases, match.case))


def attended(supporter: Waiting, _: training.SupporterReinstated, __: datetime) -> Waiting:
    return without(supporter, INTERVISIE)


def left(supporter: Waiting, _: intake.StaffLeft, __: datetime) -> Waiting:
    return without(supporter, INTERVISIE, NOTICE_FAILED).but(left=True)


def works_here(supporter: Waiting, _: intake.StaffRecorded, __: datetime) -> Waiting:
    return supporter.but(left=False) if supporter.left else supporter
