"""The ledger of a case: what is told late, twice or out of order comes out right, and nothing counts that may not."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.case import Case
from shared.engine.world import Said
from shared.messages import Message
from shared.messages.followup import (
    CloseCase,
    ContactAttempted,
    ConversationHeld,
    ExtensionGranted,
    FirstContactMade,
    RecordContact,
    RecordConversation,
)
from shared.testing import NOW, Story
from tests.decisions.followup_tale import (
    ASK_HELP,
    CASE,
    CLOSE,
    COORDINATOR,
    DAY,
    EXTEND,
    FOLLOW_UP,
    HAND_BACK,
    HOUR,
    IN_CONTACT,
    MATCHED,
    NOT_REACHED,
    PAUSE,
    REACHED,
    RESUME,
    SUPPORTER,
    TALK,
    TALKED,
    by,
    closed,
    later,
    matched,
    offered,
    refused,
    story,
)

MONDAY, TUESDAY, FRIDAY = NOW + 2 * DAY, NOW + 3 * DAY, NOW + 6 * DAY
CALL = by(RecordContact, SUPPORTER, reached=True, at=MONDAY)
MISSED_CALL = by(RecordContact, SUPPORTER, reached=False, at=NOW + DAY)
FIRST = by(RecordConversation, SUPPORTER, minutes=40, at=TUESDAY)
SECOND = by(RecordConversation, SUPPORTER, minutes=30, at=FRIDAY)
RING = by(RecordConversation, SUPPORTER, kind="phone_follow_up", channel="phone", minutes=10, at=FRIDAY + DAY)


def a_week_later(*before: Message) -> Story:
    tale = story(*before)
    tale.wait(NOW + 8 * DAY)
    return tale


def test_what_is_told_late_happened_when_it_happened() -> None:
    tale = a_week_later(*MATCHED)
    assert tale.when(MISSED_CALL) == [ContactAttempted(case=CASE, channel="phone", attempt=1, at=NOW + DAY)]
    assert tale.when(CALL) == [
        FirstContactMade(case=CASE, channel="phone", at=MONDAY),
        later("closing", MONDAY, 35 * DAY),
    ]
    held = ConversationHeld(
        case=CASE, kind="conversation", number=1, counts=True, channel="in_person", minutes=40, at=TUESDAY
    )
    assert tale.when(FIRST) == [held, later("follow_up", TUESDAY, 14 * DAY)]
    assert tale.state(Case, CASE).first_contact_at == MONDAY


@pytest.mark.parametrize("again", [MISSED_CALL, CALL, FIRST, SECOND, RING], ids=lambda one: f"{one.name} {one.at:%d}")
def test_what_is_told_twice_counts_once(again: Message) -> None:
    tale = a_week_later(
        *MATCHED,
    ).given(MISSED_CALL, CALL, FIRST, SECOND, RING)
    before = tale.state(Case, CASE)
    assert tale.when(again) == []
    assert tale.state(Case, CASE) == before


def test_an_earlier_contact_that_is_told_later_is_the_first_one() -> None:
    tale = a_week_later(*MATCHED).given(SECOND)
    assert tale.state(Case, CASE).first_contact_at == FRIDAY
    assert tale.when(CALL) == [
        FirstContactMade(case=CASE, channel="phone", at=MONDAY),
        later("closing", MONDAY, 35 * DAY),
    ]
    assert tale.when(FIRST)[1:] == []
    assert tale.state(Case, CASE).ledger.first_conversation_at == TUESDAY


@pytest.mark.parametrize("order", list(permutations((CALL, FIRST, SECOND, RING))))
def test_in_whatever_order_it_is_told_the_end_is_the_same(order: tuple[Message, ...]) -> None:
    tale = a_week_later(*MATCHED).given(*order)
    case = tale.state(Case, CASE)
    assert (case.first_contact_at, case.ledger.first_conversation_at) == (MONDAY, TUESDAY)
    assert (case.conversations, case.phone_follow_ups, case.counted) == (2, 1, 2)


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        pytest.param(by(RecordContact, SUPPORTER, reached=True, at=NOW + HOUR), "FOLLOW-27", id="in the future"),
        pytest.param(by(RecordContact, SUPPORTER, reached=False, at=NOW - 2 * HOUR), "FOLLOW-27", id="too early"),
        pytest.param(
            by(RecordConversation, SUPPORTER, minutes=5, at=NOW + HOUR), "FOLLOW-27", id="a talk in the future"
        ),
    ],
)
def test_what_cannot_have_happened_is_not_taken(told: Message, rule: str) -> None:
    assert story(*MATCHED).when(told) == [refused(told.name, rule)]


def test_a_call_from_before_the_present_supporter_is_taken_once() -> None:
    tale = a_week_later(*MATCHED, HAND_BACK)
    call = by(RecordContact, COORDINATOR, reached=True, at=NOW + DAY)
    assert tale.given(matched("s-bram")).when(call)[0] == FirstContactMade(case=CASE, channel="phone", at=call.at)
    assert tale.when(call) == []


def test_between_the_event_and_the_offer_somebody_may_have_called() -> None:
    call = by(RecordContact, COORDINATOR, reached=True, at=NOW - timedelta(minutes=30))
    assert story(offered()).when(call)[0] == FirstContactMade(case=CASE, channel="phone", at=call.at)


# -- a team -----------------------------------------------------------------------------------------------------------

TEAM = offered(door="group")
GROUP = by(RecordConversation, SUPPORTER, kind="group", minutes=60, people=7)


def test_a_group_conversation_is_a_number_of_people_and_minutes() -> None:
    said = story(TEAM, matched("s-anna")).when(GROUP)
    assert said[2] == ConversationHeld(
        case=CASE, kind="group", number=1, counts=True, channel="in_person", minutes=60, people=7
    )


@pytest.mark.parametrize(
    ("offer", "people"),
    [pytest.param(offered(), 7, id="one colleague"), pytest.param(TEAM, 1, id="one person")],
)
def test_a_group_conversation_is_of_a_team(offer: Message, people: int) -> None:
    talk = by(RecordConversation, SUPPORTER, kind="group", minutes=60, people=people)
    assert story(offer, matched("s-anna")).when(talk) == [refused("record_conversation", "FOLLOW-28")]


def test_of_a_talk_between_two_no_number_of_people_is_kept() -> None:
    said = story(*IN_CONTACT).when(by(RecordConversation, SUPPORTER, minutes=40, people=9))
    assert [one.people for one in said if isinstance(one, ConversationHeld)] == [0]


# -- how many ---------------------------------------------------------------------------------------------------------


def test_a_supporter_completes_a_case_after_the_least_number_of_talks_and_the_coordinator_earlier() -> None:
    assert story(*IN_CONTACT).when(CLOSE) == [refused("close_case", "FOLLOW-24")]
    assert story(*TALKED, rules={"FOLLOW-24": 2}).when(CLOSE) == [refused("close_case", "FOLLOW-24")]
    assert closed("completed") in story(*IN_CONTACT).when(CloseCase(case=CASE, **COORDINATOR))


def test_calls_are_no_conversations_also_when_they_count() -> None:
    assert story(*IN_CONTACT, FOLLOW_UP, FOLLOW_UP).when(CLOSE) == [refused("close_case", "FOLLOW-24")]


DEEDS = (TALK, FOLLOW_UP, EXTEND, NOT_REACHED, REACHED, PAUSE, RESUME, ASK_HELP, FIRST, SECOND, RING, CALL)


@given(st.lists(st.sampled_from(DEEDS), max_size=25))
def test_no_case_has_more_conversations_than_its_limit_and_extensions(deeds: list[Message]) -> None:
    tale = a_week_later(*MATCHED)
    said: list[Said] = [one for deed in deeds for one in tale.when(deed)]
    case = tale.state(Case, CASE)
    counted = sum(isinstance(one, ConversationHeld) and one.counts for one in said)
    extensions = sum(isinstance(one, ExtensionGranted) for one in said)
    assert (case.counted, case.extensions) == (counted, extensions)
    assert counted <= 3 + extensions
