"""How each fact changes what matching remembers, in whatever order the facts of different publishers come. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.matching.protocol.states import Case, Plan, Supporter
from shared.engine.registry import Evolve
from shared.messages import followup, intake
from shared.messages.matching import (
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    MatchFailed,
    PlanMade,
    PreferencesChosen,
    SupporterAsked,
    SupporterMatched,
)

#: Days on which she was matched are kept as long as any hospital may count them (MATCH-11).
_KEPT = timedelta(days=400)
_CODES = ("profession", "department", "site", "languages")
_WISHES = ("unit", "independent", "same_site", "own_line")
_NOBODY_ASKED: dict[str, Any] = {"asked": "", "answer_by": None, "overruled": ()}


# -- a case after what matching itself says ----------------------------------------------------------------------------


def asked(case: Case, ask: SupporterAsked, _: datetime) -> Case:
    codes = {"asked": ask.supporter, "ask": ask.ask, "answer_by": ask.answer_by, "overruled": ask.overruled}
    return case.but(**codes, failed=None, passed_by=_row_after(case, ask))


def _row_after(case: Case, asked: SupporterAsked) -> tuple[str, ...]:
    """Who lets asks pass: when the first of them is asked again in turn, the row begins anew."""
    if asked.kind != "by_hand" and asked.supporter in case.passed_by:
        return ()
    return tuple(who for who in case.passed_by if who != asked.supporter)


def ask_ended(case: Case, ended: AskDeclined | AskExpired | AskWithdrawn, _: datetime) -> Case:
    """Nobody is asked any more; it is remembered who said no, and who let the ask pass."""
    no = (ended.supporter,) if isinstance(ended, AskDeclined) else ()
    late = (ended.supporter,) if isinstance(ended, AskExpired) else ()
    return case.but(**_NOBODY_ASKED, declined_by=(*case.declined_by, *no), passed_by=(*case.passed_by, *late))


def matched(case: Case, match: SupporterMatched, _: datetime) -> Case:
    return case.but(**_NOBODY_ASKED, supporter=match.supporter)


def searched_in_vain(case: Case, failed: MatchFailed, _: datetime) -> Case:
    return case.but(failed=failed.removed, search=case.search + 1)


def wished(case: Case, chosen: PreferencesChosen, _: datetime) -> Case:
    return case.but(**{name: getattr(chosen, name) for name in _WISHES})


def held(case: Case, plan: PlanMade, _: datetime) -> Case:
    return case.but(held=not plan.confirmed)


# -- a case after what others say: over is for ever --------------------------------------------------------------------


def unless_over(evolve: Evolve) -> Evolve:
    """What others say changes nothing of a case that is over."""

    def after(case: Case, fact: object, at: datetime) -> Case:
        changed: Case = case if case.over else evolve(case, fact, at)
        return changed

    return after


@unless_over
def offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    one = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    codes = {name: getattr(one, name) for name in (*_CODES, "line")}
    return case.but(
        **codes,
        report=offer.report,
        not_by=_joined(case.not_by, one.not_by),
        urgent=is_urgent(offer),
        team=offer.door == "group",
        offered_at=case.offered_at or at,
    )


def is_urgent(event: intake.SupportOffered | intake.EventReassessed) -> bool:
    """After a death or an established calamity (MATCH-36)."""
    return event.calamity == "yes" or event.harm == "death" or "patient_death" in event.event_types


@unless_over
def involved(case: Case, fact: intake.SupporterInvolved, _: datetime) -> Case:
    return case.but(not_by=_joined(case.not_by, fact.supporters))


@unless_over
def withdrawn(case: Case, _: intake.SupportWithdrawn, __: datetime) -> Case:
    """Whether it is over with that is followup's to say: whoever was spoken to is not dropped (FOLLOW-57)."""
    return case.but(withdrawn=True)


def closed(case: Case, fact: followup.CaseClosed, _: datetime) -> Case:
    return _over(case, holder="" if fact.supporter == case.supporter else case.supporter)


def erased(case: Case, _: followup.CaseErased, __: datetime) -> Case:
    return _over(case, holder=case.supporter)


def given_back(case: Case, fact: followup.ReplacementNeeded, _: datetime) -> Case:
    """Whoever gives a case back is not asked for it again."""
    who = fact.supporter
    if not who or who not in (case.supporter, case.asked):
        return case
    without = case.but(supporter="") if who == case.supporter else case
    return without if case.over else _not_again(without, who, fact.why)


def _not_again(case: Case, who: str, why: followup.Why) -> Case:
    if why == "chosen":
        return case.but(excluded=(*case.excluded, who))
    return case.but(declined_by=(*case.declined_by, who))


def _over(case: Case, holder: str) -> Case:
    """Only followup gives a supporter's place back; an open ask is still to be withdrawn."""
    kept = {name: getattr(case, name) for name in ("hospital", "id", "report", "asked", "ask", "answer_by", "failed")}
    return Case(**kept, supporter=holder, over=True)


def _joined(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


# -- a supporter -------------------------------------------------------------------------------------------------------


def takes_a_place(supporter: Supporter, ask: SupporterAsked, _: datetime) -> Supporter:
    return supporter.but(places=(*supporter.places, ask.case))


def says_yes(supporter: Supporter, _: SupporterMatched, at: datetime) -> Supporter:
    days = (*(day for day in supporter.matched_on if day > at.date() - _KEPT), at.date())
    return supporter.but(idle_since=at, matched_on=days)


def gives_her_place_back(supporter: Supporter, fact: Any, _: datetime) -> Supporter:
    """After any fact about a case that she has no longer."""
    return freed(supporter, fact.case)


def freed(supporter: Supporter, case: str) -> Supporter:
    """She has this case no longer."""
    kept = tuple(place for place in supporter.places if place != case)
    after: Supporter = supporter if kept == supporter.places else supporter.but(places=kept)
    return after


def recorded(supporter: Supporter, row: intake.StaffRecorded, _: datetime) -> Supporter:
    codes = {name: getattr(row, name) for name in _CODES}
    return supporter.but(**codes, listed=row.supporter, stepped_back=row.stepped_back, left=False)


# -- a plan ------------------------------------------------------------------------------------------------------------


def grown(plan: Plan, offer: intake.SupportOffered, _: datetime) -> Plan:
    """An event is all who were ever offered support after it, in however many offers."""
    known = dict(plan.event)
    now = known | {one.case: one.department for one in offer.colleagues}
    return plan if now == known else plan.but(event=tuple(now.items()))


def without_case(plan: Plan, case: str) -> Plan:
    """The plan without a case that is erased."""
    event = tuple(each for each in plan.event if each[0] != case)
    after: Plan = plan.but(event=event, cases=tuple(id for id in plan.cases if id != case))
    return after


def planned(plan: Plan, told: PlanMade, at: datetime) -> Plan:
    kept = told.model_dump(include={"cases", "departments", "asked", "left", "confirmed"})
    return plan.but(**kept, made_at=plan.made_at or at)
