"""What the colleague agrees to, the self-check, and silence after a no."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.case import Case
from services.followup.protocol.saying import to_colleague
from shared.engine.world import Said
from shared.messages import Message
from shared.messages.followup import (
    CloseCase,
    Milestone,
    MilestoneReached,
    ReportMilestone,
    SupportDeclined,
)
from shared.messages.parts import NoticeDueBase
from shared.testing import NOW, Story
from tests.decisions.followup_after import LATER_ONLY, MILESTONES_ONLY, SEVERE, T0, agreed
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
