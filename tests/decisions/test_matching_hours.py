"""When a supporter is there: her week, leave, holidays, pause and turns on call, and until when she may answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.hours import check_week, span_of
from services.matching.protocol.states import Case, Leave, Supporter, Turn
from shared.engine.world import Said
from shared.hospital import Span
from shared.messages import Message
from shared.messages.matching import AvailabilityChanged, SupporterAsked, SupporterPaused, SupporterReturned
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    POOL,
    ROLES,
    accept,
    asked,
    asked_whom,
    closed,
    decline,
    facts,
    leave,
    left,
    names,
    no_leave,
    not_on_call,
    offered,
    on_call,
    paused,
    reinstated,
    returned,
    silence,
    staff,
    story,
    supporter,
    suspended,
    taken_back,
    week,
)

CHANGED: list[Said] = [AvailabilityChanged(supporter=ANNA)]
TOMORROW_ON_CALL = NOW + timedelta(days=1)
THIS_WEEK = leave(ANNA, "2026-03-09", "2026-03-20")


def at(text: str) -> datetime:
    """A moment in Amsterdam, in winter."""
    return datetime.fromisoformat(text + "+01:00").astimezone(UTC)


# -- what is said ------------------------------------------------------------------------------------------------------

COMMANDS: list[Any] = [
    pytest.param([*ALONE], week(monday="08:00-17:00"), CHANGED, id="hours"),
    pytest.param([*ALONE, week(monday="08:00-17:00")], week(monday="08:00-17:00"), [], id="the same hours again"),
    pytest.param([], week(monday="08:00-17:00"), CHANGED, id="hours before she is known"),
    pytest.param([*ALONE, left(ANNA)], week(monday="08:00-17:00"), CHANGED, id="hours after she left"),
    pytest.param([*ALONE], leave(ANNA, "2026-04-01", "2026-04-02"), CHANGED, id="leave"),
    pytest.param(
        [*ALONE, leave(ANNA, "2026-04-01", "2026-04-02")],
        leave(ANNA, "2026-04-01", "2026-04-02"),
        [],
        id="the same leave again",
    ),
    pytest.param(
        [*ALONE, leave(ANNA, "2026-04-01", "2026-04-02")], leave(ANNA, "2026-04-01", "2026-04-09"), CHANGED, id="longer"
    ),
    pytest.param([*ALONE], leave(ANNA, "2026-01-01", "2026-01-02"), [], id="leave that is over changes nothing"),
    pytest.param([*ALONE], no_leave(ANNA, "2026-04-01"), [], id="no such leave"),
    pytest.param(
        [*ALONE, leave(ANNA, "2026-04-01", "2026-04-02")], no_leave(ANNA, "2026-04-01"), CHANGED, id="no leave"
    ),
    pytest.param([*ALONE], on_call(ANNA, TOMORROW_ON_CALL, 8), CHANGED, id="on call"),
    pytest.param(
        [*ALONE, on_call(ANNA, TOMORROW_ON_CALL, 8)], on_call(ANNA, TOMORROW_ON_CALL, 8), [], id="the same turn again"
    ),
    pytest.param([*ALONE], on_call(ANNA, NOW - timedelta(days=1), 8), [], id="a turn that is over changes nothing"),
    pytest.param([*ALONE], not_on_call(ANNA, TOMORROW_ON_CALL), [], id="no such turn"),
    pytest.param(
        [*ALONE, on_call(ANNA, TOMORROW_ON_CALL, 8)], not_on_call(ANNA, TOMORROW_ON_CALL), CHANGED, id="not on call"
    ),
    pytest.param([*ALONE], paused(ANNA), [SupporterPaused(supporter=ANNA)], id="a pause"),
    pytest.param([*ALONE, paused(ANNA)], paused(ANNA), [], id="paused twice"),
    pytest.param([], paused(ANNA), [SupporterPaused(supporter=ANNA)], id="paused before she is known"),
    pytest.param([*ALONE, paused(ANNA)], returned(ANNA), [SupporterReturned(supporter=ANNA)], id="back"),
    pytest.param([*ALONE], returned(ANNA), [], id="back and never paused"),
]


@pytest.mark.parametrize(("before", "message", "then"), COMMANDS)
def test_what_is_said_of_when_she_is_there(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then


def test_what_exactly_changed_is_remembered_and_what_is_over_is_forgotten() -> None:
    told = story(*ALONE, leave(ANNA, "2026-03-12", "2026-03-13"), on_call(ANNA, NOW, 8))
    told.now = NOW + timedelta(days=7)
    told.given(week(friday="09:00-12:00", monday="22:00-06:00"), leave(ANNA, "2026-05-01", "2026-05-02"))
    known = told.state(Supporter, ANNA)
    assert known.week == (("monday", "22:00-06:00"), ("friday", "09:00-12:00"))
    assert (known.leave, known.on_call) == ((Leave(date(2026, 5, 1), date(2026, 5, 2)),), ())


def test_turns_stand_in_order_and_overlap_where_two_take_over() -> None:
    told = story(*ALONE, on_call(ANNA, TOMORROW_ON_CALL, 8), on_call(ANNA, NOW, 4))
    turns = (Turn(NOW, NOW + timedelta(hours=4)), Turn(TOMORROW_ON_CALL, TOMORROW_ON_CALL + timedelta(hours=8)))
    assert told.state(Supporter, ANNA).on_call == turns


SELF: list[Message] = [week(), THIS_WEEK, no_leave(ANNA, "2026-03-09"), paused(ANNA), returned(ANNA)]
ROTA: list[Message] = [on_call(ANNA, NOW, 8), not_on_call(ANNA, NOW)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("command", [*SELF, *ROTA], ids=lambda command: command.name)
def test_only_she_or_the_coordinator_says_when_she_is_there_and_only_the_latter_who_is_on_call(
    command: Any, role: Any
) -> None:
    rule = "MATCH-24" if command in ROTA else "MATCH-23"
    for by in (ANNA, BRAM):
        said = story(*ALONE).when(command.model_copy(update={"by_role": role, "by": by}))
        may = role == "coordinator" or (role == "supporter" and by == ANNA and command in SELF)
        assert any(type(one).__name__ == "Refused" for one in said) == (not may)
        assert may or [(one.regarding, one.rule) for one in said] == [(ANNA, rule)]  # type: ignore[union-attr]


# -- who is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "moment", "there"),
    [
        pytest.param([], "2026-03-11T10:00", True, id="without a week she is there while the hospital is awake"),
        pytest.param([], "2026-03-11T03:00", True, id="and in the night soon enough"),
        pytest.param([week(thursday="09:00-17:00")], "2026-03-11T10:00", True, id="tomorrow is soon enough"),
        pytest.param([week(thursday="11:00-17:00")], "2026-03-11T10:00", False, id="an hour later is not"),
        pytest.param([week(monday="09:00-17:00")], "2026-03-11T10:00", False, id="days off"),
        pytest.param([week(tuesday="20:00-08:00")], "2026-03-11T07:30", True, id="a night that is not over"),
        pytest.param(
            [leave(ANNA, "2026-03-09", "2026-03-11")], "2026-03-11T10:00", True, id="the last day of her leave"
        ),
        pytest.param([leave(ANNA, "2026-03-09", "2026-03-12")], "2026-03-11T10:00", False, id="a day more"),
        pytest.param([leave(ANNA, "2026-03-12", "2026-03-19")], "2026-03-11T10:00", True, id="leave that is to come"),
        pytest.param([week(holidays=False)], "2026-12-25T10:00", False, id="two holidays"),
        pytest.param([week(holidays=False)], "2026-12-26T10:00", True, id="the last of them"),
        pytest.param([week()], "2026-12-25T10:00", True, id="who is there on holidays"),
        pytest.param(
            [leave(ANNA, "2026-03-09", "2026-03-20"), on_call(ANNA, at("2026-03-11T08:00"), 12)],
            "2026-03-11T10:00",
            True,
            id="on call she is there",
        ),
        pytest.param(
            [week(monday="09:00-17:00"), on_call(ANNA, at("2026-03-12T08:00"), 12)],
            "2026-03-11T10:00",
            True,
            id="and where her turn begins soon",
        ),
        pytest.param(
            [week(monday="09:00-17:00"), on_call(ANNA, at("2026-03-11T08:00"), 2)],
            "2026-03-11T10:00",
            False,
            id="a turn that is just over",
        ),
    ],
)
def test_she_is_asked_where_she_is_there_soon_enough(before: list[Message], moment: str, there: bool) -> None:
    told = story(*ALONE, *before)
    told.now = at(moment)
    assert names(told.when(offered())) == (["SupporterAsked"] if there else ["MatchFailed"])


@pytest.mark.parametrize("away", [THIS_WEEK, week(monday="09:00-17:00"), paused(ANNA)])
def test_an_open_ask_to_somebody_who_goes_away_is_withdrawn_and_the_next_is_asked(away: Message) -> None:
    said = facts(story(*POOL, offered()).when(away))
    assert said[1] == taken_back(ANNA)
    assert asked_whom(said) == {CASE: BRAM}


def test_a_supporter_who_pauses_keeps_her_cases() -> None:
    told = story(*POOL, offered(), accept(ANNA), paused(ANNA))
    assert told.state(Case, CASE).supporter == ANNA


def test_an_open_ask_outlives_her_hours() -> None:
    told = story(*ALONE, week(wednesday="08:00-20:00", monday="08:00-20:00"), offered())
    told.now = at("2026-03-11T13:00")
    assert told.when(staff(ANNA)) == []


# -- until when she may answer -----------------------------------------------------------------------------------------


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


# -- on call -----------------------------------------------------------------------------------------------------------


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


# -- fairness ----------------------------------------------------------------------------------------------------------


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
