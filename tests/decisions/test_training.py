"""Training says who is qualified, suspends who goes a year without intervisie, and measures whether they are enough."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.protocol.domain import PROTOCOL
from services.training.protocol.rules import RULES, Coverage
from services.training.protocol.states import Supporter
from shared.engine.world import Later, Said
from shared.messages import Message, Role, followup, intake
from shared.messages.training import (
    AttendIntervisie,
    CompleteTraining,
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    IntervisieLapsed,
    IntervisieNear,
    Nominate,
    NoticeDue,
    Refused,
    SupporterNominated,
    SupporterQualified,
    SupporterReinstated,
    SupporterSuspended,
)
from shared.testing import NOW, Story, a_hospital

ANNA, BRAM = "s-anna", "s-bram"
ROLES: tuple[Role, ...] = get_args(Role)
TODAY = NOW.date()
YEAR = timedelta(days=365)
IN_A_YEAR = TODAY + YEAR
MAY, JUNE, LAST_WEEK = date(2025, 5, 1), date(2025, 6, 1), TODAY - timedelta(days=7)


# -- one word each -----------------------------------------------------------------------------------------------------


def staff(who: str = ANNA, **changes: Any) -> intake.StaffRecorded:
    fields: dict[str, Any] = {"profession": "nurse", "department": "icu", "supporter": True}
    return intake.StaffRecorded(person=who, **(fields | changes))


def left(who: str = ANNA) -> intake.StaffLeft:
    return intake.StaffLeft(person=who)


def headcount(number: int = 20, profession: str = "nurse") -> intake.HeadcountMeasured:
    return intake.HeadcountMeasured(profession=profession, headcount=number, on=TODAY)


def nominate(nominator: str = "", *, who: str = ANNA, role: Role = "supporter", by: str = BRAM) -> Nominate:
    return Nominate(supporter=who, nominator=nominator, by_role=role, by=by)


def completes(on: date = TODAY, role: Role = "trainer") -> CompleteTraining:
    return CompleteTraining(supporter=ANNA, on=on, by_role=role, by="s-trainer")


def attends(on: date = TODAY, role: Role = "trainer") -> AttendIntervisie:
    return AttendIntervisie(supporter=ANNA, on=on, by_role=role, by="s-trainer")


def lapsed(due_on: date) -> IntervisieLapsed:
    return IntervisieLapsed(supporter=ANNA, due_on=due_on)


def near(due_on: date) -> IntervisieNear:
    return IntervisieNear(supporter=ANNA, due_on=due_on)


def qualified(on: date = TODAY, *, assumed: bool = False) -> list[Said]:
    return [SupporterQualified(supporter=ANNA, on=on, assumed=assumed)]


def midnight(day: date) -> datetime:
    """The beginning of a day in Amsterdam, in UTC; winter time from November to March."""
    summer = 4 <= day.month <= 10
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2 if summer else 1)


def due(on: date, *, assumed: bool = False) -> list[Said]:
    """The end of the year, with its warning and its timer."""
    return [
        IntervisieDue(supporter=ANNA, due_on=on, assumed=assumed),
        Later(near(on), max(NOW, midnight(on - timedelta(days=60)))),
        Later(lapsed(on), midnight(on)),
    ]


def overdue(on: date) -> list[Said]:
    return [IntervisieDue(supporter=ANNA, due_on=on), SupporterSuspended(supporter=ANNA, rule="TRAIN-3")]


def attended(on: date) -> list[Said]:
    return [IntervisieAttended(supporter=ANNA, on=on)]


def coverage(supporters: int, count: int = 20, profession: str = "nurse", wanted: float = 0.1) -> CoverageMeasured:
    return CoverageMeasured(profession=profession, supporters=supporters, headcount=count, wanted=wanted, on=TODAY)


def refused(command: str, rule: str) -> list[Said]:
    return [Refused(regarding=ANNA, command=command, rule=rule)]


NOMINATED: list[Said] = [SupporterNominated(supporter=ANNA)]
REINSTATED: list[Said] = [SupporterReinstated(supporter=ANNA)]
KNOWN = staff(trained_on=MAY, intervisie_on=JUNE)
OVERDUE = staff(trained_on=MAY, intervisie_on=date(2025, 3, 1))


def story(*messages: Message) -> Story:
    return Story(PROTOCOL).given(*messages)


# -- given, when, then -------------------------------------------------------------------------------------------------

IMPORTS: list[Any] = [
    pytest.param(
        [],
        staff(),
        [*qualified(assumed=True), *due(IN_A_YEAR, assumed=True)],
        id="with unknown dates the year begins with the import, and both are assumed",
    ),
    pytest.param(
        [],
        KNOWN,
        [*qualified(MAY), *attended(JUNE), *due(JUNE + YEAR)],
        id="with known dates the year runs from the last intervisie",
    ),
    pytest.param(
        [],
        OVERDUE,
        [*qualified(MAY), *attended(date(2025, 3, 1)), *overdue(date(2026, 3, 1))],
        id="whose year is over at the import is suspended at once",
    ),
    pytest.param(
        [],
        staff(trained_on=MAY, intervisie_on=TODAY - YEAR),
        [*qualified(MAY), *attended(TODAY - YEAR), *overdue(TODAY)],
        id="whose year ends today is suspended today, and no clock is set",
    ),
    pytest.param(
        [],
        staff(trained_on=MAY, intervisie_on=TODAY),
        [*qualified(MAY), *attended(TODAY), *due(IN_A_YEAR)],
        id="an intervisie of today is known",
    ),
    pytest.param(
        [],
        staff(trained_on=MAY, intervisie_on=TODAY + timedelta(days=1)),
        [*qualified(MAY), *due(IN_A_YEAR, assumed=True)],
        id="an intervisie still to come is unknown",
    ),
    pytest.param([], staff(trained_on=TODAY + timedelta(days=1)), [], id="a training still to come does not count"),
    pytest.param([], staff(supporter=False), [], id="who is no supporter is only remembered"),
    pytest.param([KNOWN], KNOWN, [], id="the same row again changes nothing"),
    pytest.param([staff()], staff(), [], id="the same row with unknown dates changes nothing"),
    pytest.param([KNOWN], staff(), [], id="a row that knows less takes nothing back"),
    pytest.param(
        [staff()],
        KNOWN,
        [*qualified(MAY), *attended(JUNE), *due(JUNE + YEAR)],
        id="what the list knows later replaces what was assumed",
    ),
    pytest.param([KNOWN, attends(LAST_WEEK)], KNOWN, [], id="an old row does not undo attendance"),
    pytest.param([OVERDUE, attends(LAST_WEEK)], OVERDUE, [], id="an old row does not suspend again"),
    pytest.param(
        [OVERDUE],
        staff(trained_on=MAY, intervisie_on=LAST_WEEK),
        [*attended(LAST_WEEK), *due(LAST_WEEK + YEAR), *REINSTATED],
        id="a newer row brings a supporter back",
    ),
    pytest.param([staff(), left()], left(), [], id="left twice"),
    pytest.param([], left(), [], id="left before known"),
    pytest.param([left()], staff(), [*qualified(assumed=True), *due(IN_A_YEAR, assumed=True)], id="and came after all"),
]

NOMINATIONS: list[Any] = [
    pytest.param([], nominate(), NOMINATED, id="a colleague nominates"),
    pytest.param([], nominate(who=ANNA, by=ANNA), refused("nominate", "TRAIN-1"), id="never oneself"),
    pytest.param(
        [],
        nominate(BRAM, by=ANNA),
        refused("nominate", "TRAIN-1"),
        id="a supporter's key speaks for herself, whatever she writes",
    ),
    pytest.param([], nominate(BRAM, role="coordinator", by=""), NOMINATED, id="the coordinator passes it on"),
    pytest.param([], nominate("", role="coordinator", by=BRAM), NOMINATED, id="or nominates in her own name"),
    pytest.param(
        [],
        nominate(ANNA, role="coordinator"),
        refused("nominate", "TRAIN-1"),
        id="the coordinator does not pass on one's own",
    ),
    pytest.param([], nominate("", role="coordinator", by=""), refused("nominate", "TRAIN-1"), id="never nobody"),
    pytest.param([], nominate(BRAM, role="colleague"), refused("nominate", "TRAIN-1"), id="a link names no colleague"),
    pytest.param([nominate()], nominate(by="s-clara"), [], id="nominated twice"),
    pytest.param([KNOWN], nominate(), [], id="nominated when she is a supporter already"),
]

TRAININGS: list[Any] = [
    pytest.param([nominate()], completes(), [*qualified(), *due(IN_A_YEAR)], id="a training qualifies"),
    pytest.param(
        [nominate()],
        completes(LAST_WEEK),
        [*qualified(LAST_WEEK), *due(LAST_WEEK + YEAR)],
        id="from its own day",
    ),
    pytest.param([], completes(), refused("complete_training", "TRAIN-1"), id="only who was nominated"),
    pytest.param(
        [nominate()],
        completes(TODAY + timedelta(days=1)),
        refused("complete_training", "TRAIN-2"),
        id="a training still to come is refused",
    ),
    pytest.param(
        [staff(trained_on=TODAY + timedelta(days=1))],
        completes(),
        [*qualified(), *due(IN_A_YEAR)],
        id="whom the list names as a supporter needs no nomination",
    ),
    pytest.param([nominate(), completes()], completes(), [], id="completed twice"),
    pytest.param([staff()], completes(MAY), qualified(MAY), id="a day that was assumed becomes known"),
    pytest.param([KNOWN], completes(TODAY), [], id="a day that is known stays"),
    pytest.param(
        [nominate(), staff(supporter=False)], completes(), [*qualified(), *due(IN_A_YEAR)], id="listed as none yet"
    ),
]

INTERVISIE: list[Any] = [
    pytest.param([KNOWN], attends(), [*attended(TODAY), *due(IN_A_YEAR)], id="attendance begins a new year"),
    pytest.param(
        [KNOWN],
        attends(LAST_WEEK),
        [*attended(LAST_WEEK), *due(LAST_WEEK + YEAR)],
        id="attendance that is told later counts from its day",
    ),
    pytest.param(
        [staff()],
        attends(LAST_WEEK),
        [*attended(LAST_WEEK), *due(LAST_WEEK + YEAR)],
        id="a day that is known replaces one that was assumed",
    ),
    pytest.param(
        [nominate(), completes()], attends(LAST_WEEK), attended(LAST_WEEK), id="before the training it moves nothing"
    ),
    pytest.param(
        [nominate(), completes(LAST_WEEK)],
        attends(LAST_WEEK),
        attended(LAST_WEEK),
        id="on the day of the training it moves nothing either",
    ),
    pytest.param([KNOWN, attends()], attends(), [], id="attended twice on one day"),
    pytest.param([KNOWN, attends()], attends(LAST_WEEK), [], id="an earlier day than the last one"),
    pytest.param(
        [KNOWN],
        attends(TODAY + timedelta(days=1)),
        refused("attend_intervisie", "TRAIN-3"),
        id="an intervisie still to come is refused",
    ),
    pytest.param([], attends(), refused("attend_intervisie", "TRAIN-2"), id="who is no supporter yet"),
    pytest.param([nominate()], attends(), refused("attend_intervisie", "TRAIN-2"), id="who is only nominated"),
    pytest.param(
        [OVERDUE],
        attends(LAST_WEEK),
        [*attended(LAST_WEEK), *due(LAST_WEEK + YEAR), *REINSTATED],
        id="attendance ends a suspension",
    ),
    pytest.param(
        [OVERDUE],
        attends(date(2025, 3, 5)),
        [*attended(date(2025, 3, 5)), IntervisieDue(supporter=ANNA, due_on=date(2026, 3, 5))],
        id="attendance of more than a year ago does not",
    ),
]

TIMERS: list[Any] = [
    pytest.param([KNOWN], lapsed(JUNE + YEAR), [], id="a timer before its day changes nothing"),
    pytest.param([], lapsed(TODAY), [], id="an early timer changes nothing"),
    pytest.param([OVERDUE], lapsed(date(2026, 3, 1)), [], id="the same timer again changes nothing"),
    pytest.param([KNOWN, attends()], near(JUNE + YEAR), [], id="a late warning changes nothing"),
    pytest.param(
        [KNOWN],
        near(JUNE + YEAR),
        [NoticeDue(regarding=ANNA, to="supporter", template="intervisie_near", person=ANNA)],
        id="the supporter hears that it is time",
    ),
    pytest.param([KNOWN, left()], near(JUNE + YEAR), [], id="who left hears nothing"),
    pytest.param([OVERDUE], near(date(2026, 3, 1)), [], id="who is suspended hears nothing"),
]

COVERAGE: list[Any] = [
    pytest.param([], headcount(), [coverage(0)], id="a headcount is measured against nobody"),
    pytest.param([headcount()], headcount(), [], id="the same headcount says nothing"),
    pytest.param([headcount()], headcount(30), [coverage(0, 30)], id="another headcount"),
    pytest.param([KNOWN], headcount(), [coverage(1)], id="a headcount after the supporters"),
    pytest.param(
        [headcount()],
        KNOWN,
        [*qualified(MAY), *attended(JUNE), *due(JUNE + YEAR), coverage(1)],
        id="one more supporter",
    ),
    pytest.param([headcount(), KNOWN], left(), [coverage(0)], id="one who left"),
    pytest.param([headcount(), KNOWN, left()], KNOWN, [coverage(1)], id="one who came back"),
    pytest.param(
        [headcount(), OVERDUE],
        attends(),
        [*attended(TODAY), *due(IN_A_YEAR), *REINSTATED, coverage(1)],
        id="who is suspended does not count until she attends",
    ),
    pytest.param(
        [headcount(), headcount(5, "doctor"), KNOWN],
        staff(profession="doctor"),
        [coverage(0), coverage(1, 5, "doctor")],
        id="who changes her profession counts there",
    ),
    pytest.param([headcount(), staff(supporter=False)], nominate(), NOMINATED, id="a nomination changes no figure"),
    pytest.param([headcount()], coverage(0), [], id="own facts"),
    pytest.param([headcount(), KNOWN], followup.SupportPaused(case="c-1"), [], id="what does not concern training"),
]


@pytest.mark.parametrize(
    ("before", "message", "then"),
    [*IMPORTS, *NOMINATIONS, *TRAININGS, *INTERVISIE, *TIMERS, *COVERAGE],
)
def test_what_training_says(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_only_a_trainer_or_the_coordinator_records_training_and_intervisie(role: Role) -> None:
    may = role in ("trainer", "coordinator")
    assert (story(nominate()).when(completes(role=role)) == refused("complete_training", "TRAIN-7")) == (not may)
    assert (story(KNOWN).when(attends(role=role)) == refused("attend_intervisie", "TRAIN-7")) == (not may)


# -- time --------------------------------------------------------------------------------------------------------------


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


# -- laws --------------------------------------------------------------------------------------------------------------

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
