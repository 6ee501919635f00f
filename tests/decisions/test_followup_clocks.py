"""Which clocks of a case run out when nobody does anything, and which are measured anew."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.followup.protocol.case import Case, Task
from services.followup.protocol.clocks import running
from shared.engine.world import Said
from shared.messages import Message
from shared.messages.followup import CaseErased, ClockDue, ClockMissed, RecordContact
from shared.testing import NOW, a_hospital
from tests.decisions.followup_tale import (
    ANNA,
    ASSIGNMENT,
    BRAM,
    CASE,
    CLOSE,
    COORDINATOR,
    DAY,
    FOLLOW_UP,
    HAND_BACK,
    HOUR,
    IN_CONTACT,
    MATCHED,
    NOT_REACHED,
    PAUSE,
    REACHED,
    RESUME,
    TALK,
    TALKED,
    TRIED,
    UNASSIGNED,
    asked,
    later,
    matched,
    missed,
    nobody_found,
    not_allowed,
    offered,
    story,
    task,
)

UNFOUND = missed("assignment", "FOLLOW-17", NOW + 23 * HOUR)

STILL_UNFOUND = missed("unassigned", "FOLLOW-9", NOW + DAY)

NO_CONTACT = missed("contact", "FOLLOW-4", NOW - HOUR + 3 * DAY)

NO_ATTEMPT = missed("attempt", "FOLLOW-3", NOW + DAY)

NO_SECOND = missed("second_attempt", "FOLLOW-18", NOW + 3 * DAY)

NO_THIRD = missed("third_attempt", "FOLLOW-19", NOW + 7 * DAY)

NO_FOLLOW_UP = missed("follow_up", "FOLLOW-20", NOW + 14 * DAY, "supporter")

NO_LAST_CHECK = missed("last_check", "FOLLOW-23", NOW - HOUR + 21 * DAY)

STILL_OPEN = missed("closing", "FOLLOW-6", NOW + 35 * DAY, "supporter")


def decide_about(at: datetime) -> Said:
    """The coordinator's task about a colleague who was not reached, put on the list at this moment."""
    due_at = a_hospital().working_deadline(at, 4 * HOUR)
    return task("not_reached").model_copy(update={"due_at": due_at})


GIVEN_UP = decide_about(NOW + 7 * DAY)


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param(
            [offered()], [*UNFOUND, *STILL_UNFOUND, *NO_CONTACT, *NO_LAST_CHECK], id="nobody found: each is told once"
        ),
        pytest.param(
            MATCHED,
            [*NO_ATTEMPT, *NO_CONTACT, *NO_SECOND, *NO_THIRD, GIVEN_UP, *NO_LAST_CHECK],
            id="nobody called: each is told once, and the coordinator decides",
        ),
        pytest.param(
            [*MATCHED, NOT_REACHED],
            [*NO_CONTACT, *NO_SECOND, *NO_THIRD, GIVEN_UP, *NO_LAST_CHECK],
            id="an attempt keeps the first clock, not the next",
        ),
        pytest.param([*MATCHED, *TRIED], [*NO_CONTACT, *NO_LAST_CHECK], id="three attempts keep three clocks"),
        pytest.param(IN_CONTACT, [*NO_LAST_CHECK, *STILL_OPEN], id="a case that stays open is put to its supporter"),
        pytest.param(
            TALKED,
            [*NO_FOLLOW_UP, *NO_LAST_CHECK, *STILL_OPEN],
            id="after one talk the supporter is asked to call once more",
        ),
        pytest.param([*TALKED, FOLLOW_UP], STILL_OPEN, id="a call is a follow-up and a last check"),
        pytest.param([*TALKED, TALK], STILL_OPEN, id="so is a second talk"),
        pytest.param(
            [offered(), RecordContact(case=CASE, reached=True, **COORDINATOR)],
            [*UNFOUND, *STILL_UNFOUND, *NO_LAST_CHECK, *missed("closing", "FOLLOW-6", NOW + 35 * DAY)],
            id="without a supporter it is put to the coordinator",
        ),
        pytest.param([*MATCHED, PAUSE], [], id="a pause stops every clock"),
    ],
)
def test_what_is_told_when_nobody_does_anything_for_a_year(before: list[Message], then: list[Said]) -> None:
    said = story(*before).wait(NOW + 365 * DAY)
    assert [one for one in said if isinstance(one, ClockMissed) or one in then] == then


def test_a_closed_case_misses_nothing() -> None:
    said = story(*TALKED, CLOSE).wait(NOW + 365 * DAY)
    assert CaseErased(case=CASE) in said
    assert not [one for one in said if isinstance(one, ClockMissed)]


def test_a_hospital_that_wants_three_talks_has_their_clocks() -> None:
    profile = {"FOLLOW-24": 3}
    second = missed("second_conversation", "FOLLOW-21", NOW + 18 * DAY, "supporter")
    third = missed("third_conversation", "FOLLOW-22", NOW + 28 * DAY, "supporter")
    assert story(*TALKED, rules=profile).wait(NOW + 29 * DAY) == [*NO_FOLLOW_UP, *second, *NO_LAST_CHECK, *third]
    assert story(*TALKED, TALK, rules=profile).wait(NOW + 29 * DAY) == third
    assert story(*TALKED, TALK, TALK, rules=profile).wait(NOW + 29 * DAY) == []


def test_a_clock_whose_moment_has_passed_when_it_starts_is_missed_at_once() -> None:
    t0 = NOW - 10 * DAY
    rest = [ASSIGNMENT, UNASSIGNED, later("last_check", t0, 21 * DAY)]
    assert story().when(offered(t0)) == [*missed("contact", "FOLLOW-4", t0 + 3 * DAY), *rest]
    assert story(offered(t0)).when(offered(t0)) == rest


def test_an_event_older_than_the_protocol_has_the_clocks_of_the_offer() -> None:
    t0 = NOW - 3650 * DAY
    assert story().when(offered(t0)) == [
        *missed("contact", "FOLLOW-4", t0 + 3 * DAY),
        *missed("last_check", "FOLLOW-23", t0 + 21 * DAY),
        ASSIGNMENT,
        UNASSIGNED,
    ]


def test_an_amendment_that_gives_cause_starts_the_clocks_of_the_event_anew() -> None:
    """A calamity that is decided later is offered with its own moment; what was missed before may be missed anew."""
    tale = story(offered())
    tale.wait(NOW + 5 * DAY)
    decided = NOW + 5 * DAY
    assert tale.when(offered(decided, calamity="yes")) == [
        later("contact", decided, 3 * DAY),
        later("last_check", decided, 21 * DAY),
    ]
    case = tale.state(Case, CASE)
    assert (case.t0, case.calamity, case.offered_at) == (decided, "yes", NOW)
    assert tale.when(offered()) == [later("contact", decided, 3 * DAY), later("last_check", decided, 21 * DAY)]
    assert tale.wait(NOW + 9 * DAY) == missed("contact", "FOLLOW-4", decided + 3 * DAY)


def test_what_comes_too_late_ends_the_task_of_the_missed_clock() -> None:
    late = story(*MATCHED)
    late.wait(NOW + 2 * DAY)
    late.wait(NOW + 4 * DAY)
    open_tasks = late.state(Case, CASE).tasks
    assert open_tasks["attempt"] == Task(kind="attempt", raised_at=NOW + DAY, due_at=NOW + DAY, reasons=("FOLLOW-3",))
    assert list(open_tasks) == ["attempt", "contact", "second_attempt"]
    assert list(late.given(NOT_REACHED).state(Case, CASE).tasks) == ["contact", "second_attempt"]
    assert list(late.given(NOT_REACHED).state(Case, CASE).tasks) == ["contact"]
    assert late.given(REACHED).state(Case, CASE).tasks == {}


def test_being_reached_after_all_ends_the_question_whether_to_give_up() -> None:
    tale = story(*MATCHED, *TRIED)
    assert list(tale.state(Case, CASE).tasks) == ["not_reached"]
    assert tale.given(REACHED).state(Case, CASE).tasks == {}


def test_a_match_that_comes_too_late_ends_the_tasks_of_the_search() -> None:
    late = story(offered(), nobody_found())
    late.wait(NOW + 2 * DAY)
    assert list(late.state(Case, CASE).tasks) == ["find_supporter", "assignment", "unassigned"]
    assert list(late.given(asked(ANNA)).state(Case, CASE).tasks) == ["assignment", "unassigned"]
    assert late.given(matched(ANNA)).state(Case, CASE).tasks == {}


def test_after_a_pause_a_clock_is_measured_anew_and_may_be_missed_anew() -> None:
    tale = story(*MATCHED)
    assert tale.wait(NOW + 2 * DAY) == NO_ATTEMPT
    assert tale.given(PAUSE).state(Case, CASE).tasks == {}
    assert tale.wait(NOW + 9 * DAY) == []
    tale.given(RESUME)
    assert tale.wait(NOW + 30 * DAY) == [
        *missed("attempt", "FOLLOW-3", NOW + 10 * DAY),
        *missed("second_attempt", "FOLLOW-18", NOW + 12 * DAY),
        *missed("contact", "FOLLOW-4", NOW + 12 * DAY),
        *missed("third_attempt", "FOLLOW-19", NOW + 16 * DAY),
        decide_about(NOW + 16 * DAY),
        *missed("last_check", "FOLLOW-23", NOW + 30 * DAY),
    ]


def test_a_timer_from_before_a_pause_finds_nothing_to_do() -> None:
    tale = story(*MATCHED, PAUSE)
    tale.now = NOW + HOUR
    tale.given(RESUME)
    assert tale.when(ClockDue(case=CASE, clock="attempt", since=NOW)) == []


def test_with_another_supporter_the_search_starts_anew_and_the_old_attempts_are_gone() -> None:
    tale = story(*MATCHED)
    tale.wait(NOW + 2 * DAY)
    assert list(tale.state(Case, CASE).tasks) == ["attempt"]
    tale.given(HAND_BACK)
    assert tale.state(Case, CASE).tasks == {}
    replaced = NOW + 2 * DAY
    assert [clock for clock in running(tale.state(Case, CASE), tale.hospital) if clock.since == replaced] == [
        ("assignment", replaced, replaced + 3 * DAY - HOUR),
        ("unassigned", replaced, replaced + DAY),
    ][::-1]
    assert tale.wait(NOW + 3 * DAY) == [*NO_CONTACT, *missed("unassigned", "FOLLOW-9", replaced + DAY)]
    assert tale.given(matched(BRAM)).wait(NOW + 4 * DAY) == missed("attempt", "FOLLOW-3", NOW + 4 * DAY)


def test_a_hospital_that_gives_more_time_in_between_is_told_at_the_new_moment() -> None:
    tale = story(*MATCHED)
    tale.hospital = a_hospital(rules={"FOLLOW-3": "36 hours"})
    assert tale.wait(NOW + DAY) == [later("attempt", NOW, 36 * HOUR)]
    assert tale.wait(NOW + 2 * DAY) == missed("attempt", "FOLLOW-3", NOW + 36 * HOUR)


def test_a_hospital_has_its_own_numbers() -> None:
    own = {"FOLLOW-1": 1, "FOLLOW-5": 0, "FOLLOW-3": "2 hours", "FOLLOW-18": "3 hours", "FOLLOW-19": "4 hours"}
    assert story(offered(), rules=own).when(matched(ANNA)) == [
        later("attempt", NOW, 2 * HOUR),
        later("second_attempt", NOW, 3 * HOUR),
        later("third_attempt", NOW, 4 * HOUR),
    ]
    assert story(*IN_CONTACT, FOLLOW_UP, rules=own).when(TALK) == [not_allowed(1, 1)]
