"""What comes after the closing, and when a case is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.followup.protocol.case import Case, Tally
from shared.engine.world import Later, Said
from shared.messages import Message, intake
from shared.messages.followup import (
    AgreeToCheckIns,
    CaseErased,
    CheckInDue,
    ClockMissed,
    CloseCase,
    EvaluationDue,
    NoticeDue,
)
from shared.testing import NOW
from tests.decisions.followup_after import LATER_ONLY, MILESTONES_ONLY, SEVERE, T0, agreed
from tests.decisions.followup_tale import (
    AGREE,
    ANNA,
    CASE,
    CLEO,
    CLOSE,
    COLLEAGUE,
    COORDINATOR,
    DAY,
    DECLINE,
    HAND_OVER,
    HOUR,
    IN_CONTACT,
    MATCHED,
    PAUSE,
    STOP,
    TALK,
    TALKED,
    TRIED,
    by,
    moment,
    notice,
    offered,
    story,
    withdrawn,
)

NEVER_MIND = by(AgreeToCheckIns, COLLEAGUE, later=False, milestones=False)


def after_closing(*before: Message, **settings: Any) -> list[Said]:
    """What a year brings, apart from clocks that were missed while the case was open."""
    said = story(*before, **settings).wait(NOW + 500 * DAY)
    return [one for one in said if not isinstance(one, ClockMissed) and not _is_of_a_clock(one)]


def _is_of_a_clock(one: Said) -> bool:
    return isinstance(one, NoticeDue) and one.template in ("clock", "clock_missed", "closing")


EVALUATED = [EvaluationDue(case=CASE), notice("colleague", "evaluation", CLEO)]

ERASED = CaseErased(case=CASE)

CHECK_IN = notice("colleague", "check_in", CLEO)

FIRST, LAST = (CheckInDue(case=CASE, moment=one) for one in ("check_in_first", "check_in_second"))


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param([*TALKED, CLOSE], [*EVALUATED, ERASED], id="who was reached evaluates, and is erased"),
        pytest.param([*IN_CONTACT, HAND_OVER], [*EVALUATED, ERASED], id="also who was handed over"),
        pytest.param([*MATCHED, *TRIED, by(CloseCase, COORDINATOR, ending="not_reached")], [ERASED], id="not reached"),
        pytest.param([*TALKED, DECLINE], [ERASED], id="who declines is asked nothing"),
        pytest.param([offered(), withdrawn()], [ERASED], id="nor whose offer was withdrawn"),
        pytest.param([*SEVERE, AGREE, STOP], [ERASED], id="nor who stopped"),
        pytest.param([*SEVERE, CLOSE], [*EVALUATED, ERASED], id="no yes, no check-in"),
        pytest.param(
            [*SEVERE, LATER_ONLY, CLOSE],
            [*EVALUATED, FIRST, CHECK_IN, LAST, CHECK_IN, ERASED],
            id="a yes is two",
        ),
        pytest.param(
            [*SEVERE, CLOSE, LATER_ONLY],
            [*EVALUATED, FIRST, CHECK_IN, LAST, CHECK_IN, ERASED],
            id="a yes after the closing is a yes",
        ),
        pytest.param([*SEVERE, CLOSE, LATER_ONLY, NEVER_MIND], [*EVALUATED, ERASED], id="a yes may be taken back"),
        pytest.param(
            [*SEVERE, CLOSE, LATER_ONLY, NEVER_MIND, LATER_ONLY],
            [*EVALUATED, FIRST, CHECK_IN, LAST, CHECK_IN, ERASED],
            id="a yes that comes back is one yes",
        ),
        pytest.param([*SEVERE, AGREE, PAUSE], [], id="a pause is not broken by a check-in"),
    ],
)
def test_what_comes_after(before: list[Message], then: list[Said]) -> None:
    said = [one for one in after_closing(*before) if not (isinstance(one, Later) or _is_of_a_pause(one))]
    assert said == then


def _is_of_a_pause(one: Said) -> bool:
    return "pause" in (getattr(one, "task", ""), getattr(one, "template", "").removeprefix("still_")[:5])


@pytest.mark.parametrize(
    ("before", "erased_at"),
    [
        pytest.param([*TALKED, CLOSE], NOW + 30 * DAY, id="from the closing"),
        pytest.param([*SEVERE, CLOSE, LATER_ONLY], T0 + 210 * DAY, id="from the last check-in"),
        pytest.param([*TALKED, CLOSE, MILESTONES_ONLY], NOW + 210 * DAY, id="from the end of the milestones"),
        pytest.param([*SEVERE, CLOSE, AGREE], NOW + 210 * DAY, id="from the last of both"),
        pytest.param([*SEVERE, CLOSE, AGREE, NEVER_MIND], NOW + 30 * DAY, id="a yes taken back counts no more"),
        pytest.param([*TALKED, STOP], NOW + DAY, id="a stop leaves time for the confirmation"),
        pytest.param([*SEVERE, CLOSE, AGREE, STOP], NOW + DAY, id="also a stop after the closing"),
        pytest.param([*SEVERE, AGREE, DECLINE], NOW + 30 * DAY, id="who declines agreed to nothing"),
    ],
)
def test_when_a_case_is_erased(before: list[Message], erased_at: datetime) -> None:
    tale = story(*before)
    assert ERASED not in tale.wait(erased_at - HOUR)
    assert ERASED in tale.wait(erased_at)
    assert tale.state(Case, CASE) == Case(hospital="example", id=CASE, erased=True)


def test_an_amendment_after_the_closing_changes_nothing() -> None:
    tale = story(*SEVERE, CLOSE, LATER_ONLY)
    assert tale.when(offered(NOW + DAY, harm="death")) == [
        moment("check_in_first", T0, 90 * DAY),
        moment("check_in_second", T0, 180 * DAY),
    ]
    assert [one for one in tale.wait(T0 + 210 * DAY) if isinstance(one, CheckInDue | CaseErased)] == [
        FIRST,
        LAST,
        ERASED,
    ]


def test_a_yes_taken_back_late_erases_at_once() -> None:
    tale = story(*SEVERE, CLOSE, AGREE)
    tale.wait(NOW + 100 * DAY)
    assert tale.when(NEVER_MIND) == [agreed(False, False), moment("erasure", NOW, 100 * DAY)]
    assert tale.wait(NOW + 100 * DAY) == [ERASED]


def test_what_is_left_of_a_case_is_one_more_of_its_kind() -> None:
    tale = story(*SEVERE, TALK, CLOSE)
    tale.given(offered(case="c-2", colleague="p-dirk", t0=NOW - 9 * DAY), by(CloseCase, COORDINATOR | {"case": "c-2"}))
    tale.wait(NOW + 31 * DAY)
    assert {tally.id: tally.count for tally in tale.states(Tally)} == {
        "2026|nurse|aggression|report|completed|0-24|2-3": 1,
        "2026|nurse|aggression|report|completed|none|0": 1,
    }
    assert not any(word in tally.id for tally in tale.states(Tally) for word in (CASE, ANNA, CLEO, "icu", "2026-03"))


def test_alike_cases_are_counted_together() -> None:
    tale = story(offered(), offered(case="c-2", colleague="p-dirk"), withdrawn())
    tale.when(intake.SupportWithdrawn(report="r-2", cases=("c-2",), reason="withdrawn"))
    tale.wait(NOW + 31 * DAY)
    assert [tally.count for tally in tale.states(Tally)] == [2]
