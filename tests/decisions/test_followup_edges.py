"""What stands exactly at a limit, comes once more or out of place, and a case that is left over."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.followup.protocol.case import CLOCK_TASKS, LOOK_AGAIN, NOT_REACHED, Case, Tally
from shared.engine.world import Later, Said
from shared.messages import Message, matching
from shared.messages.followup import (
    AgreeToCheckIns,
    CloseCase,
    ContactAttempted,
    FinishTask,
    FirstContactMade,
    MomentDue,
    RecordContact,
    TaskFinished,
)
from shared.testing import NOW, Story, a_hospital
from tests.decisions.followup_tale import (
    ANNA,
    CASE,
    CLOSE,
    COLLEAGUE,
    COORDINATOR,
    DAY,
    GIVE_UP,
    HOUR,
    IN_CONTACT,
    MATCHED,
    MILESTONE,
    REACHED,
    STOP,
    SUPPORTER,
    TALKED,
    TRIED,
    by,
    later,
    matched,
    offered,
    refused,
    story,
    task,
)
from tests.decisions.followup_tale import (
    NOT_REACHED as CALL_IN_VAIN,
)

MESSAGE = by(RecordContact, SUPPORTER, reached=True, channel="message")
MILESTONES = by(AgreeToCheckIns, COLLEAGUE, later=False, milestones=True)
WAITS = matching.PlanMade(report="r-1", cases=(CASE,), departments=2, asked=1, left=0, confirmed=False)


@pytest.mark.parametrize(
    ("before", "when", "then"),
    [
        pytest.param(
            [*IN_CONTACT, *TRIED[:2]],
            TRIED[2],
            [ContactAttempted(case=CASE, channel="message", attempt=3)],
            id="whether to give up is not asked about somebody who was reached",
        ),
        pytest.param(
            [*MATCHED, MESSAGE, CALL_IN_VAIN, CALL_IN_VAIN, CALL_IN_VAIN],
            GIVE_UP,
            [refused("close_case", "FOLLOW-26")],
            id="the way in which she was reached is no way that was tried in vain",
        ),
        pytest.param(
            [WAITS],
            WAITS,
            [task("large_event", "to_confirm", regarding="r-1")],
            id="a plan that is told again before the word still waits for it",
        ),
        pytest.param(
            [*TALKED, MILESTONES, CLOSE, STOP],
            MILESTONE,
            [refused("report_milestone", "FOLLOW-49")],
            id="a stop after the closing takes the yes back",
        ),
    ],
)
def test_at_the_edge(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then


@pytest.mark.parametrize("at", [NOW - HOUR, NOW], ids=["the event", "this moment"])
def test_a_call_may_have_been_from_the_event_until_this_moment(at: datetime) -> None:
    said = story(*MATCHED).when(by(RecordContact, SUPPORTER, reached=True, at=at))
    assert said == [FirstContactMade(case=CASE, channel="phone", at=at), later("closing", at, 35 * DAY)]


def test_an_offer_of_the_same_moment_changes_nothing() -> None:
    assert story(offered(), offered(calamity="yes", harm="death")).state(Case, CASE).calamity == "no"


def test_a_case_of_which_nobody_heard_the_offer_is_counted_without_what_the_offer_says() -> None:
    tale = story(matched(ANNA), REACHED, by(CloseCase, COORDINATOR))
    tale.wait(NOW + 31 * DAY)
    assert [tally.id for tally in tale.states(Tally)] == ["2026|unknown|unknown|report|completed|none|0"]


# -- a case that is left over ------------------------------------------------------------------------------------------


def left_over() -> tuple[Story, datetime]:
    """Nobody did anything for a year, and every task but the last was said to be done; and the moment of that."""
    tale = story(*MATCHED)
    tale.wait(NOW + 365 * DAY)
    assert set(tale.state(Case, CASE).tasks) == {
        "attempt",
        "second_attempt",
        "third_attempt",
        "contact",
        "last_check",
    } | {NOT_REACHED}
    for kind in CLOCK_TASKS:
        tale.when(finish(kind))
    return tale, tale.now


def finish(kind: str) -> FinishTask:
    return FinishTask(regarding=CASE, task=kind, **COORDINATOR)


def test_a_case_in_which_nothing_waits_any_more_comes_back_to_the_coordinator() -> None:
    tale, now = left_over()
    timer = MomentDue(case=CASE, moment="look_again", since=now)
    assert tale.when(finish(NOT_REACHED)) == [
        TaskFinished(regarding=CASE, task=NOT_REACHED),
        Later(timer, now + 7 * DAY),
    ]
    assert tale.wait(now + 7 * DAY - HOUR) == []
    due_at = a_hospital().working_deadline(now + 7 * DAY, 4 * HOUR)
    assert tale.wait(now + 7 * DAY) == [task(LOOK_AGAIN, "FOLLOW-54").model_copy(update={"due_at": due_at})]


def test_a_case_in_which_something_waits_does_not() -> None:
    tale, now = left_over()
    assert [one for one in tale.later if isinstance(one.message, MomentDue)] == []
    tale.given(finish(NOT_REACHED), REACHED)
    assert tale.wait(now + 7 * DAY) == []
