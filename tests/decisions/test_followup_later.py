"""What comes after: evaluation, check-ins, milestones, and in the end a tally. Whoever said no is left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.case import Case, Tally
from services.followup.protocol.saying import to_colleague
from shared.engine.world import Later, Said
from shared.messages import Message, intake
from shared.messages.followup import (
    AgreeToCheckIns,
    CaseErased,
    CheckInDue,
    CheckInsAgreed,
    ClockMissed,
    CloseCase,
    EvaluationDue,
    Milestone,
    MilestoneReached,
    NoticeDue,
    ReportMilestone,
    SupportDeclined,
)
from shared.messages.parts import NoticeDueBase
from shared.testing import NOW, Story
from tests.decisions.followup_tale import (
    AGREE,
    ANNA,
    ASK_HELP,
    BRAM,
    CASE,
    CLEO,
    CLOSE,
    COLLEAGUE,
    CONFIRMED,
    COORDINATOR,
    DAY,
    DECLINE,
    ENDED,
    HAND_BACK,
    HAND_OVER,
    HOUR,
    IN_CONTACT,
    MATCHED,
    MILESTONE,
    MORE,
    NOT_REACHED,
    PAUSE,
    REACHED,
    RESUME,
    STOP,
    TALK,
    TALKED,
    TRIED,
    by,
    closed,
    done,
    involved,
    matched,
    moment,
    not_sent,
    notice,
    offered,
    refused,
    story,
    to_do,
    withdrawn,
)

T0 = NOW - HOUR
SEVERE = [offered(harm="severe"), *TALKED[1:]]
LATER_ONLY = by(AgreeToCheckIns, COLLEAGUE, later=True, milestones=False)
MILESTONES_ONLY = by(AgreeToCheckIns, COLLEAGUE, later=False, milestones=True)
NEVER_MIND = by(AgreeToCheckIns, COLLEAGUE, later=False, milestones=False)


def after_closing(*before: Message, **settings: Any) -> list[Said]:
    """What a year brings, apart from clocks that were missed while the case was open."""
    said = story(*before, **settings).wait(NOW + 500 * DAY)
    return [one for one in said if not isinstance(one, ClockMissed) and not _is_of_a_clock(one)]


def _is_of_a_clock(one: Said) -> bool:
    return isinstance(one, NoticeDue) and one.template in ("clock", "clock_missed", "closing")


def agreed(later: bool, milestones: bool) -> CheckInsAgreed:
    return CheckInsAgreed(case=CASE, later=later, milestones=milestones)


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
    said = [one for one in after_closing(*before) if not isinstance(one, Later)]
    assert said == then


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
        "2026-03|nurse|aggression|report|completed|0-24|2-3": 1,
        "2026-03|nurse|aggression|report|completed|none|0": 1,
    }
    assert not any(word in tally.id for tally in tale.states(Tally) for word in (CASE, ANNA, CLEO, "icu", "2026-03-1"))


def test_alike_cases_are_counted_together() -> None:
    tale = story(offered(), offered(case="c-2", colleague="p-dirk"), withdrawn())
    tale.when(intake.SupportWithdrawn(report="r-2", cases=("c-2",), reason="withdrawn"))
    tale.wait(NOW + 31 * DAY)
    assert [tally.count for tally in tale.states(Tally)] == [2]


# -- what the colleague agrees to -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "when", "then"),
    [
        pytest.param(
            SEVERE,
            AGREE,
            [
                agreed(True, True),
                moment("check_in_first", T0, 90 * DAY),
                moment("check_in_second", T0, 180 * DAY),
            ],
            id="a yes starts two moments",
        ),
        pytest.param([*SEVERE, AGREE], AGREE, [], id="a repeated yes is known"),
        pytest.param(
            TALKED, AGREE, [refused("agree_to_check_ins", "FOLLOW-47")], id="check-ins are for severe harm only"
        ),
        pytest.param(TALKED, MILESTONES_ONLY, [agreed(False, True)], id="milestones are for everybody"),
        pytest.param(
            [*TALKED, MILESTONES_ONLY],
            MILESTONE,
            [MilestoneReached(case=CASE, milestone="report"), notice("colleague", "milestone", CLEO)],
            id="the event comes back, and she hears that we are there",
        ),
        pytest.param(
            [*TALKED, MILESTONES_ONLY, CLOSE],
            by(ReportMilestone, COORDINATOR, milestone="complaint"),
            [MilestoneReached(case=CASE, milestone="complaint"), notice("colleague", "milestone", CLEO)],
            id="also after the closing",
        ),
        pytest.param(TALKED, MILESTONE, [refused("report_milestone", "FOLLOW-49")], id="not without a yes"),
        pytest.param(
            [*TALKED, MILESTONES_ONLY, DECLINE],
            MILESTONE,
            [refused("report_milestone", "FOLLOW-49")],
            id="a no takes the yes back",
        ),
        pytest.param(
            [*TALKED, DECLINE],
            MILESTONES_ONLY,
            [refused("agree_to_check_ins", "FOLLOW-52")],
            id="after a no there is nothing to agree to",
        ),
        pytest.param(
            [*TALKED, STOP],
            MILESTONES_ONLY,
            [refused("agree_to_check_ins", "FOLLOW-52")],
            id="after a stop there is nothing to agree to",
        ),
    ],
)
def test_what_she_agrees_to(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then


def test_a_yes_that_comes_after_the_first_check_in_gets_the_last_one_only() -> None:
    tale = story(*SEVERE)
    tale.wait(T0 + 100 * DAY)
    assert tale.when(LATER_ONLY) == [agreed(True, False), moment("check_in_second", T0, 180 * DAY)]


# -- the self-check ---------------------------------------------------------------------------------------------------

SELF_CHECK = notice("colleague", "self_check", CLEO)


def test_the_self_check_is_off_unless_a_hospital_wants_it() -> None:
    assert SELF_CHECK not in story(*TALKED).wait(NOW + 60 * DAY)


def test_the_self_check_is_a_pointer_that_comes_once() -> None:
    on = {"FOLLOW-43": "on"}
    assert moment("self_check", T0, 28 * DAY) in story(rules=on).when(offered())
    tale = story(*TALKED, offered(), rules=on)
    assert SELF_CHECK not in tale.wait(T0 + 28 * DAY - HOUR)
    assert [one for one in tale.wait(NOW + 60 * DAY) if one == SELF_CHECK] == [SELF_CHECK]
    assert SELF_CHECK not in story(*TALKED, DECLINE, rules=on).wait(NOW + 60 * DAY)


# -- silence after a no -----------------------------------------------------------------------------------------------


def test_stopping_ends_everything_with_one_confirmation() -> None:
    assert story(*TALKED).when(STOP) == [
        SupportDeclined(case=CASE),
        closed("declined"),
        ENDED,
        CONFIRMED,
        moment("erasure", NOW, DAY),
    ]
    assert story(*TALKED, STOP).when(STOP) == []
    assert story(*TALKED, CLOSE).when(STOP) == [SupportDeclined(case=CASE), CONFIRMED, moment("erasure", NOW, DAY)]
    assert story(*TALKED, DECLINE).when(STOP) == [SupportDeclined(case=CASE), moment("erasure", NOW, DAY)]


NO = (DECLINE, STOP, by(CloseCase, COORDINATOR, ending="withdrawn"))
AFTERWARDS = (
    *(matched(ANNA), matched(BRAM), offered(), offered(NOW + DAY), withdrawn(), involved(ANNA), not_sent(), to_do()),
    *(done(), REACHED, NOT_REACHED, TALK, PAUSE, RESUME, ASK_HELP, HAND_BACK, MORE, MILESTONE, CLOSE, DECLINE, STOP),
)


@given(
    st.sampled_from([[offered()], MATCHED, IN_CONTACT, SEVERE, [*SEVERE, AGREE]]),
    st.sampled_from(NO),
    st.lists(st.tuples(st.sampled_from(AFTERWARDS), st.integers(0, 60)), max_size=8),
)
def test_after_a_no_the_colleague_hears_one_confirmation_at_most(
    before: list[Message], no: Message, afterwards: list[tuple[Message, int]]
) -> None:
    tale = story(*before)
    said = tale.when(no)
    for message, days in afterwards:
        said += [*tale.when(message), *tale.wait(tale.now + days * DAY)]
    said += tale.wait(NOW + 800 * DAY)
    told = [one for one in said if isinstance(one, NoticeDueBase) and one.to == "colleague"]
    assert len(told) <= 1
    assert {one.template for one in told} <= {"declined", "closed"}


def test_the_one_place_that_writes_to_her_is_silent_once_she_was_let_go_and_knows() -> None:
    case = story(*TALKED, DECLINE).state(Case, CASE)
    assert list(to_colleague(case, "evaluation")) == []
    assert list(to_colleague(case.but(parted=False), "declined")) == [CONFIRMED]


def names_of(tale: Story) -> str:
    return tale.state(Case, CASE).model_dump_json()


@pytest.mark.parametrize("milestone", ["interview", "report", "complaint"])
def test_no_erased_case_holds_a_word_about_anybody(milestone: Milestone) -> None:
    tale = story(*SEVERE, AGREE, by(ReportMilestone, COLLEAGUE, milestone=milestone), CLOSE, not_sent(), to_do())
    assert all(word in names_of(tale) for word in (ANNA, CLEO, "nurse", "aggression"))
    tale.wait(NOW + 500 * DAY)
    assert not [word for word in (ANNA, CLEO, "nurse", "aggression") if word in names_of(tale)]
    assert tale.state(Case, CASE).tasks == {}
