"""Clocks in the time of the hospital, and each missed one told exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.case import Case
from services.followup.protocol.clocks import CLOCKS, readings, running
from shared.engine.world import Said
from shared.messages import Message
from shared.messages.followup import Clock, ClockDue, ClockMissed, RecordConversation
from shared.testing import NOW
from tests.decisions.followup_moments import due_at
from tests.decisions.followup_tale import (
    ANNA,
    BRAM,
    CASE,
    CLOSE,
    DAY,
    FOLLOW_UP,
    HAND_BACK,
    NOT_REACHED,
    PAUSE,
    REACHED,
    RESUME,
    SUPPORTER,
    TALK,
    TALKED,
    by,
    matched,
    offered,
    story,
)


@pytest.mark.parametrize(
    ("offered_at", "assignment", "contact"),
    [
        pytest.param("2026-03-11T10:00", "2026-03-12T09:00", "2026-03-14T10:00", id="a working day"),
        pytest.param("2026-03-11T03:00", "2026-03-11T16:00", "2026-03-14T03:00", id="a night, in quiet hours"),
        pytest.param("2026-03-13T16:30", "2026-03-16T15:30", "2026-03-16T16:30", id="a weekend begins"),
        pytest.param("2026-03-28T12:00", "2026-03-30T16:00", "2026-03-31T13:00", id="an hour is lost in March"),
        pytest.param("2026-10-24T12:00", "2026-10-26T16:00", "2026-10-27T11:00", id="an hour is won in October"),
        pytest.param("2026-03-27T16:00", "2026-03-30T15:00", "2026-03-30T17:00", id="work goes on after the lost hour"),
        pytest.param("2026-10-23T16:00", "2026-10-26T15:00", "2026-10-26T15:00", id="and after the won one"),
        pytest.param("2028-02-28T12:00", "2028-02-29T11:00", "2028-03-02T12:00", id="a leap day is a day"),
        pytest.param("2026-04-26T10:00", "2026-04-28T16:00", "2026-04-29T10:00", id="a holiday is no working day"),
        pytest.param("2026-12-24T16:00", "2026-12-28T15:00", "2026-12-27T16:00", id="two holidays and a weekend"),
    ],
)
def test_working_time_stands_still_and_hours_do_not(offered_at: str, assignment: str, contact: str) -> None:
    assert (due_at("assignment", offered_at), due_at("contact", offered_at)) == (assignment, contact)


@pytest.mark.parametrize("clock", CLOCKS)
def test_every_clock_says_where_it_stands(clock: Clock) -> None:
    tale = story(*TALKED, HAND_BACK, rules={"FOLLOW-24": 3})
    stands = {one.clock: one.state for one in readings(tale.given(matched(BRAM)).state(Case, CASE), tale.hospital)}
    expected = "met" if clock in ("assignment", "unassigned", "contact") else "running"
    assert stands[clock] == expected


EARLIER = by(RecordConversation, SUPPORTER, minutes=20, at=NOW)

DEEDS = (TALK, EARLIER, FOLLOW_UP, NOT_REACHED, REACHED, PAUSE, RESUME, HAND_BACK, CLOSE)

FACTS = (offered(), offered(NOW + 2 * DAY), matched(ANNA), matched(BRAM))


@given(st.lists(st.tuples(st.sampled_from((*DEEDS, *FACTS)), st.integers(0, 300)), max_size=15))
def test_each_missed_clock_is_told_exactly_once_and_has_one_owner(deeds: list[tuple[Message, int]]) -> None:
    tale = story()
    said: list[Said] = []
    for deed, hours in deeds:
        said += tale.when(deed)
        said += tale.wait(tale.now + timedelta(hours=hours))
        assert all(clock.due_at > tale.now for clock in running(tale.state(Case, CASE), tale.hospital))
    told = [(one.clock, one.due_at) for one in said if isinstance(one, ClockMissed)]
    assert len(told) == len(set(told))


@given(st.lists(st.tuples(st.sampled_from((*DEEDS, *FACTS)), st.integers(0, 300)), max_size=12))
def test_a_clock_that_runs_has_its_timer(deeds: list[tuple[Message, int]]) -> None:
    """So that none is forgotten: whatever runs is told when it runs out."""
    tale = story()
    for deed, hours in deeds:
        tale.when(deed)
        tale.wait(tale.now + timedelta(hours=hours))
        timers = {(one.message, one.at) for one in tale.later}
        for clock in running(tale.state(Case, CASE), tale.hospital):
            assert (ClockDue(case=CASE, clock=clock.clock, since=clock.since), clock.due_at) in timers
