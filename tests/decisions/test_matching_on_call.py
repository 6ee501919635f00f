"""Until when she may answer, turns on call, and who comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.hours import check_week, span_of
from shared.hospital import Span
from shared.messages import Message
from shared.messages.matching import SupporterAsked
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_turns import at
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    POOL,
    accept,
    asked,
    asked_whom,
    closed,
    decline,
    facts,
    leave,
    offered,
    on_call,
    reinstated,
    silence,
    story,
    supporter,
    suspended,
    week,
)


@pytest.mark.parametrize(
    ("before", "moment", "until"),
    [
        pytest.param([], "2026-03-11T21:00", "2026-03-12T10:00", id="not in the quiet hours"),
        pytest.param(
            [week(wednesday="08:00-12:00", thursday="09:00-12:00")],
            "2026-03-11T10:00",
            "2026-03-12T11:00",
            id="in her own hours",
        ),
        pytest.param([week(thursday="09:00-18:00")], "2026-03-11T10:00", "2026-03-12T13:00", id="from her first hour"),
        pytest.param(
            [week(wednesday="08:00-12:00", monday="08:00-12:00")],
            "2026-03-11T10:00",
            "2026-03-11T12:00",
            id="where her hours stop for days, until then",
        ),
        pytest.param(
            [leave(ANNA, "2026-03-12", "2026-04-01")], "2026-03-11T20:00", "2026-03-11T22:00", id="before her leave"
        ),
        pytest.param(
            [on_call(ANNA, at("2026-03-11T20:00"), 12)],
            "2026-03-11T23:00",
            "2026-03-12T03:00",
            id="on call, by the clock",
        ),
        pytest.param([], "2026-03-28T21:00", "2026-03-29T10:00", id="in the night that is an hour shorter"),
    ],
)
def test_the_time_to_answer_runs_in_her_hours(before: list[Message], moment: str, until: str) -> None:
    told = story(*ALONE, *before)
    told.now = at(moment)
    [ask] = facts(told.when(offered()))
    assert isinstance(ask, SupporterAsked)
    summer = timedelta(hours=1) if until.startswith("2026-03-29") else timedelta(0)
    assert ask.answer_by == at(until) - summer


@pytest.mark.parametrize(
    ("policy", "calamity", "first", "kind"),
    [
        ("urgent", "yes", BRAM, "on_call"),
        ("urgent", "no", ANNA, "normal"),
        ("always", "no", BRAM, "on_call"),
        ("never", "yes", ANNA, "normal"),
    ],
)
def test_who_is_on_call_comes_first_where_the_hospital_wants_it(
    policy: str, calamity: str, first: str, kind: str
) -> None:
    told = story(*POOL, on_call(BRAM, NOW, 8), hospital=a_hospital(rules={"MATCH-26": policy}))
    [ask] = facts(told.when(offered(calamity=calamity)))
    assert isinstance(ask, SupporterAsked)
    assert (ask.supporter, ask.kind) == (first, kind)


def test_at_three_in_the_night_who_is_on_call_is_asked_and_answers_by_the_clock() -> None:
    night = Story(PROTOCOL, now=at("2026-03-11T03:00")).given(*POOL, on_call(BRAM, at("2026-03-10T20:00"), 12))
    [ask] = facts(night.when(offered(calamity="yes")))
    assert isinstance(ask, SupporterAsked)
    assert (ask.supporter, ask.answer_by) == (BRAM, at("2026-03-11T07:00"))


def test_who_is_on_call_and_lets_it_pass_comes_after_the_others() -> None:
    told = story(*POOL, on_call(BRAM, NOW, 48), offered(calamity="yes"))
    assert asked_whom(told.when(silence())) == {CASE: ANNA}


def test_of_equals_who_had_the_fewest_cases_of_late_comes_first() -> None:
    told = story(*ALONE)
    for n in range(2):
        told.given(offered(f"c-a{n}"), accept(ANNA, f"c-a{n}"), closed(ANNA, f"c-a{n}"))
    told.given(*supporter(BRAM), suspended(ANNA), offered("c-b"), accept(BRAM, "c-b"), closed(BRAM, "c-b"))
    told.given(reinstated(ANNA))
    assert told.when(offered()) == asked(BRAM, eligible=2, recent=1)
    told.now = NOW + timedelta(days=90)
    later = asked(ANNA, case="c-9", eligible=2, answer_by=told.now + timedelta(hours=4))
    assert told.given(decline(BRAM), closed()).when(offered("c-9")) == later


@pytest.mark.parametrize("hours", ["8:00-17:00", "08:00", "08:00-08:00", "08:00-25:00", "all day", ""])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=r"time|hours|day"):
        check_week({"monday": hours})


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="day of the week"):
        check_week({"maandag": "08:00-17:00"})


def test_hours_may_pass_midnight() -> None:
    assert (span_of("22:00-06:00"), span_of("00:00-24:00")) == (Span(1320, 1800), Span(0, 1440))
