"""When a supporter is there: what is said of it, and who is asked then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.matching.protocol.hours import Presence
from services.matching.protocol.states import Case, Leave, Supporter, Turn
from shared.engine.world import Said
from shared.messages import Message
from shared.messages.matching import AvailabilityChanged, SupporterPaused, SupporterReturned
from shared.testing import NOW, a_hospital
from tests.decisions.matching_turns import at
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    POOL,
    ROLES,
    accept,
    asked_whom,
    facts,
    leave,
    left,
    names,
    no_leave,
    not_on_call,
    offered,
    on_call,
    paused,
    returned,
    staff,
    story,
    taken_back,
    week,
)

CHANGED: list[Said] = [AvailabilityChanged(supporter=ANNA)]

TOMORROW_ON_CALL = NOW + timedelta(days=1)

THIS_WEEK = leave(ANNA, "2026-03-09", "2026-03-20")

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


EVE = {"closed": [{"day": "Kerstavond", "from": "13:00"}]}


@pytest.mark.parametrize(
    ("settled", "holidays", "moment", "hours"),
    [
        pytest.param({}, False, "2027-03-26T10:00", 0, id="Good Friday is no holiday"),
        pytest.param({"closed": ["Goede Vrijdag"]}, False, "2027-03-26T10:00", 21, id="where it is one she is away"),
        pytest.param({"closed": ["Goede Vrijdag"]}, True, "2027-03-26T10:00", 0, id="unless she is there on holidays"),
        pytest.param(EVE, False, "2026-12-24T12:00", 0, id="a half day until its hour"),
        pytest.param(EVE, False, "2026-12-24T13:00", 66, id="and no longer"),
        pytest.param(EVE, True, "2026-12-24T13:00", 0, id="who is there on holidays stays"),
        pytest.param({"open": ["Eerste Kerstdag"]}, False, "2026-12-25T10:00", 0, id="a holiday that is worked"),
    ],
)
def test_her_holidays_are_the_days_on_which_her_hospital_is_closed(
    settled: dict[str, Any], holidays: bool, moment: str, hours: int
) -> None:
    one = story(*ALONE, week(holidays=holidays)).state(Supporter, ANNA)
    now = at(moment)
    wait = Presence(a_hospital(**settled), now, timedelta(days=30)).off_duty(one)
    assert wait.total_seconds() / 3600 == hours


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
