"""Whoever can be asked again is asked at once for a case that waits; nothing is said where nothing changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.states import ALL, Case, Waiting
from shared.messages import Message, followup
from shared.messages.matching import SearchDue
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    NO_THANKS,
    OTHER,
    PAUSED,
    RESUMED,
    accept,
    asked_whom,
    closed,
    decline,
    erased,
    involved,
    leave,
    left,
    no_leave,
    offered,
    on_call,
    paused,
    qualified,
    reinstated,
    replaced,
    returned,
    search,
    silence,
    staff,
    story,
    supporter,
    suspended,
    week,
    withdrawn,
)

ONE_PLACE = a_hospital(rules={"MATCH-5": 1})


def full(*then: Message) -> Story:
    """Anna has the one case that she has room for; another waits."""
    return story(*ALONE, offered(OTHER), offered(), *then, hospital=ONE_PLACE)


def waiting(told: Story) -> list[str]:
    return [each.case for each in told.state(Waiting, ALL).cases]


@pytest.mark.parametrize(
    ("before", "frees"),
    [
        pytest.param([], decline(ANNA, OTHER), id="a no"),
        pytest.param([], silence(case=OTHER), id="silence"),
        pytest.param([], closed(case=OTHER), id="a case that ends while she is asked"),
        pytest.param([accept(ANNA, OTHER)], closed(ANNA, OTHER), id="a case that ends"),
        pytest.param([accept(ANNA, OTHER)], replaced(ANNA, case=OTHER), id="a case that she gives back"),
        pytest.param([], involved(ANNA, case=OTHER), id="an ask that is withdrawn"),
        pytest.param([accept(ANNA, OTHER)], erased(OTHER), id="a case that is erased"),
    ],
)
def test_a_place_that_comes_back_serves_the_case_that_waits(before: list[Message], frees: Message) -> None:
    told = full(*before)
    assert waiting(told) == [CASE]
    assert asked_whom(told.when(frees)) == {CASE: ANNA}
    assert CASE not in waiting(told)


@pytest.mark.parametrize(
    ("before", "comes"),
    [
        pytest.param([staff(ANNA)], qualified(ANNA), id="qualified"),
        pytest.param([*ALONE, suspended(ANNA)], reinstated(ANNA), id="reinstated"),
        pytest.param([*ALONE, paused(ANNA)], returned(ANNA), id="back from a pause"),
        pytest.param([*ALONE, left(ANNA)], staff(ANNA), id="back in the hospital"),
        pytest.param(supporter(ANNA, department="icu"), staff(ANNA), id="moved to another department"),
        pytest.param(
            [*ALONE, leave(ANNA, "2026-03-09", "2026-03-20")], no_leave(ANNA, "2026-03-09"), id="back from leave"
        ),
        pytest.param([*ALONE, week(saturday="08:00-12:00")], week(), id="other hours"),
        pytest.param([*ALONE, week(saturday="08:00-12:00")], on_call(ANNA, NOW, 8), id="on call"),
    ],
)
def test_whoever_can_be_asked_again_is_asked_at_once(before: list[Message], comes: Message) -> None:
    told = story(*before, offered())
    assert told.state(Case, CASE).status == "failed"
    assert asked_whom(told.when(comes)) == {CASE: ANNA}


def test_the_longest_waiting_comes_first_and_she_takes_no_more_than_she_has_room_for() -> None:
    told = Story(PROTOCOL, ONE_PLACE)
    for n, case in enumerate(("c-b", "c-a", "c-c")):
        told.now = NOW + timedelta(minutes=n)
        told.given(offered(case))
    assert waiting(told) == ["c-b", "c-a", "c-c"]
    assert asked_whom(told.given(staff(ANNA)).when(qualified(ANNA))) == {"c-b": ANNA}
    assert waiting(told) == ["c-a", "c-c"]


def test_she_takes_as_many_as_she_has_room_for() -> None:
    told = story(offered("c-a"), offered("c-b"), offered("c-c"), staff(ANNA), hospital=a_hospital(rules={"MATCH-5": 2}))
    assert asked_whom(told.when(qualified(ANNA))) == {"c-a": ANNA, "c-b": ANNA}
    assert waiting(told) == ["c-c"]


def test_who_is_offered_support_once_more_and_rests_keeps_her_place_in_the_row() -> None:
    told = Story(PROTOCOL, ONE_PLACE)
    for n, case in enumerate(("c-b", "c-a", "c-b")):
        told.now = NOW + timedelta(minutes=n)
        told.given(offered(case))
    told.given(followup.SupportPaused(case="c-b"), followup.SupportResumed(case="c-b"))
    assert asked_whom(told.given(staff(ANNA)).when(qualified(ANNA))) == {"c-b": ANNA}


def test_a_case_that_cannot_be_hers_keeps_waiting_and_nothing_is_said() -> None:
    told = full(offered("c-3", not_by=(ANNA,)))
    assert asked_whom(told.when(closed(case=CASE))) == {}
    assert asked_whom(told.when(decline(ANNA, OTHER))) == {}
    assert waiting(told) == [OTHER, "c-3"]


@pytest.mark.parametrize(
    "message",
    [staff(ANNA), staff(BRAM), qualified(ANNA), reinstated(ANNA), closed(ANNA, "c-9")],
)
def test_nothing_is_said_again_where_nothing_changed(message: Message) -> None:
    told = full()
    timers = list(told.later)
    assert told.when(message) == []
    assert told.later == timers


def test_of_each_case_one_search_is_planned_at_a_time() -> None:
    told = full()
    for _ in range(3):
        told.given(decline(ANNA, OTHER), offered(OTHER), PAUSED, RESUMED, search())
    assert [(one.case, one.search) for one in live(told, told.states(Case))] == [(OTHER, 1)]


def live(told: Story, cases: Iterable[Case]) -> list[Any]:
    """The planned searches that would still do something."""
    numbers = {case.id: case.search for case in cases if case.needs_somebody and case.failed is not None}
    due = [one.message for one in told.later if isinstance(one.message, SearchDue)]
    return [one for one in due if numbers.get(one.case) == one.search]


@pytest.mark.parametrize("ends", [closed(), withdrawn(), NO_THANKS, PAUSED, erased()])
def test_a_case_that_wants_nobody_waits_no_more(ends: Message) -> None:
    told = full(ends)
    assert (waiting(told), told.state(Case, CASE).failed) == ([], None)
    assert asked_whom(told.when(decline(ANNA, OTHER))) == {}


def test_who_let_a_case_pass_is_not_asked_for_it_again_at_once() -> None:
    told = story(*ALONE, offered(), silence())
    assert told.when(reinstated(ANNA)) == []
    told.wait(NOW + timedelta(hours=24))
    assert told.state(Case, CASE).asked == ANNA
