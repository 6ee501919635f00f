"""A large event: one plan, one notice to the coordinator, and asks that go out together, at once or once confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from services.matching.protocol.states import Case, Plan
from shared.engine.world import Later
from shared.hospital import Hospital
from shared.messages import Message, intake
from shared.messages.matching import MatchFailed, NoticeDue, PlanMade, SearchDue, SupporterAsked
from shared.testing import Story, a_hospital
from tests.decisions.matching_words import (
    ANNA,
    CASE,
    PAUSED,
    RESUMED,
    ROLES,
    asked_whom,
    closed,
    colleague,
    confirmed,
    decline,
    erased,
    facts,
    failed,
    names,
    offered,
    paused,
    picked,
    qualified,
    refused,
    reinstated,
    search,
    staff,
    story,
    supporter,
    suspended,
    together,
    withdrawn,
)

SIX = [f"c-{n}" for n in range(1, 7)]
REPORT = "r-big"
CONFIRMED = a_hospital(rules={"MATCH-29": "confirmed"})
TOLD = NoticeDue(regarding=REPORT, to="coordinator", template="large_event", urgent=True)


def event(*cases: str, departments: int = 1, report: str = REPORT) -> intake.SupportOffered:
    people = [colleague(case, department=f"d-{n % departments}") for n, case in enumerate(cases)]
    return together(*people, report=report)


def pool(size: int) -> list[Message]:
    return [message for n in range(size) for message in supporter(f"s-{n}")]


def plan(cases: Any = SIX, *, departments: int = 1, asked: int = 6, left: int = 0, go: bool = True) -> PlanMade:
    return PlanMade(report=REPORT, cases=tuple(cases), departments=departments, asked=asked, left=left, confirmed=go)


def big(hospital: Hospital | None = None, size: int = 6, *then: Message) -> Story:
    return story(*pool(size), event(*SIX), *then, hospital=hospital)


@pytest.mark.parametrize(
    ("cases", "departments", "large"),
    [(5, 1, False), (6, 1, True), (2, 2, False), (3, 3, True), (5, 2, False)],
)
def test_more_than_five_colleagues_or_two_departments_are_a_large_event(
    cases: int, departments: int, large: bool
) -> None:
    said = story(*pool(6)).when(event(*SIX[:cases], departments=departments))
    assert [one for one in said if isinstance(one, PlanMade)] == (
        [plan(SIX[:cases], departments=departments, asked=cases)] if large else []
    )
    assert said.count(TOLD) == int(large)
    assert len(asked_whom(said)) == cases


def test_the_asks_of_a_plan_go_out_together_and_those_left_are_part_of_it() -> None:
    told = story(*pool(4), hospital=a_hospital(rules={"MATCH-5": 1}))
    said = told.when(event(*SIX))
    assert said[:2] == [plan(asked=4, left=2), TOLD]
    asks, fails = said[2:14], said[14:]
    assert [one.kind for one in asks if isinstance(one, SupporterAsked)] == ["large_event"] * 4
    over = [case for case in SIX if case not in asked_whom(said)]
    assert facts(fails) == [failed(case, department="d-0", planned=True, MATCH_5=4) for case in over]


def test_an_event_that_is_told_again_makes_no_second_plan() -> None:
    assert big().when(event(*SIX)) == []


def test_somebody_who_is_named_later_is_matched_like_any() -> None:
    said = big(None, 7).when(event(*SIX, "c-7"))
    assert names(said) == ["SupporterAsked"]
    assert asked_whom(said) == {"c-7": "s-6"}


def test_after_a_no_the_next_is_asked_as_usual() -> None:
    told = big(None, 7)
    who = told.state(Case, "c-1").asked
    said = facts(told.when(decline(who, "c-1")))
    assert [one.kind for one in said if isinstance(one, SupporterAsked)] == ["normal"]


def test_a_later_search_in_vain_is_no_part_of_the_plan() -> None:
    told = big(None, 0)
    told.given(staff(ANNA, department="d-0"))
    said = told.when(SearchDue(case="c-1", search=1))
    assert [one.planned for one in said if isinstance(one, MatchFailed)] == [False]


# -- where the coordinator confirms ------------------------------------------------------------------------------------


def test_nobody_is_asked_before_the_coordinator_confirms() -> None:
    told = story(*pool(6), hospital=CONFIRMED)
    assert told.when(event(*SIX)) == [plan(go=False), TOLD]
    quiet: list[Message] = [qualified("s-1"), RESUMED, reinstated("s-2"), *supporter(ANNA)]
    assert [one for message in quiet for one in told.when(message)] == []
    assert told.when(search()) == refused("search_again", "MATCH-37")


def test_once_confirmed_the_asks_go_out_to_those_who_can_be_asked_then() -> None:
    told = big(CONFIRMED, 6, suspended("s-0"), closed("", "c-6"), paused("s-1"))
    said = told.when(confirmed(REPORT))
    assert said[0] == plan(asked=5, left=0)
    assert set(asked_whom(said)) == set(SIX[:5])
    assert set(asked_whom(said).values()) == {"s-2", "s-3", "s-4", "s-5"}


def test_confirmed_with_too_few_says_for_whom_nobody_is_left() -> None:
    hospital = a_hospital(rules={"MATCH-29": "confirmed", "MATCH-5": 1})
    said = big(hospital, 4).when(confirmed(REPORT))
    assert said[0] == plan(asked=4, left=2)
    assert [one.planned for one in said if isinstance(one, MatchFailed)] == [True, True]
    assert len([one for one in said if isinstance(one, Later) and isinstance(one.message, SearchDue)]) == 2


@pytest.mark.parametrize(
    ("told", "message"),
    [
        pytest.param(big(CONFIRMED, 6, confirmed(REPORT)), confirmed(REPORT), id="confirmed twice"),
        pytest.param(big(), confirmed(REPORT), id="nothing to confirm where the asks go out at once"),
        pytest.param(story(*pool(6)), confirmed(REPORT), id="confirmed before there is a plan"),
        pytest.param(story(offered()), confirmed("r-c-1"), id="an event that is not large has no plan"),
    ],
)
def test_a_late_repeated_or_early_confirmation_changes_nothing(told: Story, message: Message) -> None:
    assert told.when(message) == []


def test_a_confirmation_after_all_is_over_asks_nobody() -> None:
    told = big(CONFIRMED, 6, withdrawn(*SIX))
    assert told.when(confirmed(REPORT)) == [plan(asked=0, left=0)]


def test_whoever_rests_while_the_plan_waits_is_asked_for_when_she_wants() -> None:
    told = big(CONFIRMED, 6, PAUSED)
    assert CASE not in asked_whom(told.when(confirmed(REPORT)))
    assert CASE in asked_whom(told.when(RESUMED))


def test_somebody_who_is_named_while_the_plan_waits_joins_it() -> None:
    told = big(CONFIRMED, 7)
    assert told.when(event(*SIX, "c-7")) == [plan([*SIX, "c-7"], asked=7, go=False)]
    assert len(asked_whom(told.when(confirmed(REPORT)))) == 7


def test_a_pick_does_not_wait_for_the_plan() -> None:
    told = big(CONFIRMED)
    assert asked_whom(told.when(picked("s-3"))) == {CASE: "s-3"}
    assert names(told.when(decline("s-3"))) == ["AskDeclined"]
    assert asked_whom(told.when(confirmed(REPORT)))[CASE] != "s-3"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "coordinator"])
def test_only_the_coordinator_confirms(role: Any) -> None:
    told = big(CONFIRMED)
    said = told.when(confirmed(REPORT, role))
    assert [(one.regarding, one.rule) for one in said] == [(REPORT, "MATCH-25")]  # type: ignore[union-attr]


def test_what_is_remembered_of_a_plan() -> None:
    known = big().state(Plan, REPORT)
    assert (known.cases, known.asked, known.left, known.confirmed) == (tuple(SIX), 6, 0, True)


# -- an event that grows -----------------------------------------------------------------------------------------------


def test_a_seventh_who_is_named_later_alone_joins_the_plan_that_waits() -> None:
    told = big(CONFIRMED, 7)
    assert told.when(event("c-7")) == [plan([*SIX, "c-7"], asked=7, go=False)]
    assert len(asked_whom(told.when(confirmed(REPORT)))) == 7


def test_two_offers_of_five_are_one_large_event() -> None:
    later = [f"c-{n}" for n in range(6, 11)]
    told = story(*pool(10), event(*SIX[:5]), hospital=CONFIRMED)
    assert told.when(event(*later)) == [plan(later, asked=5, go=False), TOLD]
    assert set(asked_whom(told.when(confirmed(REPORT)))) == set(later)


def test_departments_add_up_over_the_offers_of_an_event() -> None:
    told = story(
        *pool(3), together(colleague("c-1", department="d-0"), colleague("c-2", department="d-1"), report=REPORT)
    )
    said = told.when(together(colleague("c-3", department="d-2"), report=REPORT))
    assert [one.departments for one in said if isinstance(one, PlanMade)] == [3]


def test_those_whose_case_is_over_make_no_event_large() -> None:
    told = story(*pool(7), event(*SIX[:5]), withdrawn("c-1"), closed("", "c-2"), hospital=CONFIRMED)
    assert names(told.when(event("c-6", "c-7"))) == ["SupporterAsked", "SupporterAsked"]


def test_a_plan_forgets_whose_case_is_erased() -> None:
    told = big(CONFIRMED, 6, closed("", "c-2"), erased("c-2"))
    left = tuple(case for case in SIX if case != "c-2")
    known = told.state(Plan, REPORT)
    assert (known.cases, tuple(case for case, _ in known.event)) == (left, left)
    assert "c-2" not in known.model_dump_json()
    assert told.when(confirmed(REPORT))[0] == plan(left, asked=5)
