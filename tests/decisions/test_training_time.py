"""Who may record what, a year that runs out, and what holds whatever happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.protocol.domain import PROTOCOL
from services.training.protocol.rules import RULES, Coverage
from services.training.protocol.states import Supporter
from shared.messages import Message, Role
from shared.messages.training import (
    AttendIntervisie,
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    NoticeDue,
    SupporterSuspended,
)
from shared.testing import NOW, Story, a_hospital
from tests.decisions.training_words import (
    ANNA,
    BRAM,
    JUNE,
    KNOWN,
    LAST_WEEK,
    MAY,
    TODAY,
    YEAR,
    attends,
    completes,
    coverage,
    headcount,
    left,
    midnight,
    nominate,
    refused,
    staff,
    story,
)

ROLES: tuple[Role, ...] = get_args(Role)


@pytest.mark.parametrize("role", ROLES)
def test_only_a_trainer_or_the_coordinator_records_training_and_intervisie(role: Role) -> None:
    may = role in ("trainer", "coordinator")
    assert (story(nominate()).when(completes(role=role)) == refused("complete_training", "TRAIN-7")) == (not may)
    assert (story(KNOWN).when(attends(role=role)) == refused("attend_intervisie", "TRAIN-7")) == (not may)


def test_a_year_without_intervisie_ends_in_suspension_and_attendance_ends_that() -> None:
    year = story(headcount(), KNOWN)
    due_on = JUNE + YEAR
    warned = year.wait(midnight(due_on - timedelta(days=60)))
    assert warned == [NoticeDue(regarding=ANNA, to="supporter", template="intervisie_near", person=ANNA)]
    assert year.wait(midnight(due_on) - timedelta(seconds=1)) == []
    assert year.wait(midnight(due_on)) == [
        SupporterSuspended(supporter=ANNA, rule="TRAIN-3"),
        coverage(0).model_copy(update={"on": due_on}),
    ]
    assert year.when(attends(due_on))[0] == IntervisieAttended(supporter=ANNA, on=due_on)
    assert year.state(Supporter, ANNA).standing == "ready"


def test_who_comes_back_after_the_year_is_over_is_suspended_then() -> None:
    years = story(KNOWN, left())
    years.wait(NOW + YEAR)
    assert years.when(KNOWN) == [SupporterSuspended(supporter=ANNA, rule="TRAIN-3")]


def test_a_day_counts_in_local_time() -> None:
    late = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)  # half past midnight on the 12th in Amsterdam
    assert Story(PROTOCOL, now=late).given(KNOWN).when(attends(date(2026, 3, 12)))[0] == IntervisieAttended(
        supporter=ANNA, on=date(2026, 3, 12)
    )


def test_a_hospital_may_set_its_own_numbers() -> None:
    strict = Story(PROTOCOL, a_hospital(rules={"TRAIN-3": "100 days", "TRAIN-5": 12}))
    strict.given(headcount())
    said = strict.when(staff(trained_on=MAY, intervisie_on=LAST_WEEK))
    due_on = LAST_WEEK + timedelta(days=100)
    assert [one for one in said if isinstance(one, IntervisieDue)] == [IntervisieDue(supporter=ANNA, due_on=due_on)]
    assert said[-1] == coverage(1, wanted=0.12)


days = st.integers(-500, 3).map(lambda n: TODAY + timedelta(days=n))

unknown_or_day = st.none() | days

happenings = st.one_of(
    st.builds(lambda trained, seen: staff(trained_on=trained, intervisie_on=seen), unknown_or_day, unknown_or_day),
    st.builds(staff, profession=st.sampled_from(("nurse", "doctor")), supporter=st.booleans()),
    st.just(left()),
    st.just(nominate()),
    st.builds(completes, days),
    st.builds(attends, days),
    st.builds(headcount, st.integers(1, 40)),
    st.integers(1, 200),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(happenings, max_size=15))
def test_whoever_is_ready_has_a_year_that_runs_and_the_coverage_is_told(steps: list[Message | int]) -> None:
    told = story(headcount(), headcount(5, "doctor"), staff(BRAM))
    last = {"nurse": coverage(1), "doctor": coverage(0, 5, "doctor")}
    for step in steps:
        said = told.wait(told.now + timedelta(days=step)) if isinstance(step, int) else told.when(step)
        last |= {one.profession: one for one in said if isinstance(one, CoverageMeasured)}
        pool = told.states(Supporter)
        for one in pool:
            if one.standing in ("ready", "suspended"):
                assert one.due_on is not None
                assert (one.standing == "ready") == (told.now < midnight_of(one.due_on))
        for profession, figures in last.items():
            ready = [one for one in pool if one.profession == profession and one.standing == "ready"]
            assert figures.supporters == len(ready)


def midnight_of(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), a_hospital().tz).astimezone(UTC)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(attends, days), max_size=5), st.randoms())
def test_the_order_in_which_attendance_is_told_does_not_matter(told: list[AttendIntervisie], chance: Any) -> None:
    mixed = list(told)
    chance.shuffle(mixed)
    assert story(KNOWN, *told).state(Supporter, ANNA) == story(KNOWN, *mixed).state(Supporter, ANNA)


def test_a_profession_that_works_many_shifts_needs_a_larger_share() -> None:
    """TRAIN-6"""
    told = Story(PROTOCOL, a_hospital(shifts=("nurse",)))
    assert told.when(headcount()) == [coverage(0, wanted=0.15)]
    assert told.when(headcount(5, "doctor")) == [coverage(0, 5, "doctor")]


@pytest.mark.parametrize(("rule", "enough", "shifts"), [("TRAIN-5", 100, False), ("TRAIN-6", 150, True)])
def test_a_share_is_enough_from_exactly_its_number_on(rule: str, enough: int, shifts: bool) -> None:
    rules = RULES.on(TODAY)
    assert rules.broken(Coverage(enough, 1000, shifts)) == ()
    assert rules.broken(Coverage(enough, 1001, shifts)) == (rule,)
