"""What training says to each message: lists, nominations, trainings, intervisie, coverage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.engine.world import Later, Said
from shared.messages import Message, followup
from shared.messages.training import (
    IntervisieAttended,
    IntervisieDue,
    IntervisieLapsed,
    IntervisieNear,
    NoticeDue,
    SupporterNominated,
    SupporterQualified,
    SupporterReinstated,
    SupporterSuspended,
)
from shared.testing import NOW
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

IN_A_YEAR = TODAY + YEAR


def lapsed(due_on: date) -> IntervisieLapsed:
    return IntervisieLapsed(supporter=ANNA, due_on=due_on)


def near(due_on: date) -> IntervisieNear:
    return IntervisieNear(supporter=ANNA, due_on=due_on)


def qualified(on: date = TODAY, *, assumed: bool = False) -> list[Said]:
    return [SupporterQualified(supporter=ANNA, on=on, assumed=assumed)]


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


NOMINATED: list[Said] = [SupporterNominated(supporter=ANNA)]

REINSTATED: list[Said] = [SupporterReinstated(supporter=ANNA)]

OVERDUE = staff(trained_on=MAY, intervisie_on=date(2025, 3, 1))

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
