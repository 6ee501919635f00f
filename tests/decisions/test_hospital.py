"""Clocks run in the hours of a hospital, whatever the local day does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hospital import Hospital, Hours, Span
from tests.decisions.hospital_words import AMSTERDAM, ANNA, hospital, hours, local

moments = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later)

dst_moments = st.sampled_from(["2026-03-28T12:00", "2026-10-24T12:00"]).flatmap(
    lambda start: st.timedeltas(timedelta(0), timedelta(hours=40)).map(
        lambda later: local(start).astimezone(UTC) + later
    )
)

durations = st.timedeltas(timedelta(0), timedelta(days=10))

anytime = moments | dst_moments

quiet_times = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] != pair[1])


def at_night(pair: tuple[int, int]) -> Hospital:
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in pair)
    return hospital(quiet_hours={"from": start, "to": end})


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        pytest.param("2026-06-01T09:00", hours(4), "2026-06-01T13:00", id="four hours within one working day"),
        pytest.param("2026-06-05T15:00", hours(4), "2026-06-08T10:00", id="a weekend does not count"),
        pytest.param(
            "2026-06-01T15:00",
            hours(2),
            "2026-06-02T08:00",
            id="what would end at closing time ends at the next opening",
        ),
        pytest.param(
            "2026-12-24T16:00", hours(2), "2026-12-28T09:00", id="Christmas and the weekend after it do not count"
        ),
        pytest.param("2026-04-26T10:00", hours(1), "2026-04-28T09:00", id="King's Day does not count"),
        pytest.param(
            "2026-06-06T03:00", hours(0), "2026-06-08T08:00", id="no time at all in a weekend is the next opening"
        ),
    ],
)
def test_a_working_clock_runs_in_working_hours_only(start: str, duration: timedelta, due: str) -> None:
    assert ANNA.working_deadline(local(start), duration) == local(due)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        pytest.param("2026-06-01T21:00", hours(4), "2026-06-02T10:00", id="the night does not count"),
        pytest.param("2026-03-28T21:00", hours(2), "2026-03-29T08:00", id="the short night of 29 March does not count"),
        pytest.param(
            "2026-10-24T21:00", hours(2), "2026-10-25T08:00", id="the long night of 25 October does not count"
        ),
    ],
)
def test_a_waking_clock_pauses_in_the_quiet_hours(start: str, duration: timedelta, due: str) -> None:
    assert ANNA.waking_deadline(local(start), duration) == local(due)


def test_a_day_of_23_hours_and_one_of_25_count_as_long_as_they_are() -> None:
    always = hospital(quiet_hours=None)
    assert always.waking_deadline(local("2026-03-29T00:00"), hours(23)) == local("2026-03-30T00:00")
    assert always.waking_deadline(local("2026-10-25T00:00"), hours(25)) == local("2026-10-26T00:00")


def test_the_next_waking_moment_is_now_or_the_end_of_the_night() -> None:
    assert ANNA.next_waking(local("2026-06-01T21:59")) == local("2026-06-01T21:59")
    assert ANNA.next_waking(local("2026-06-01T22:00")) == local("2026-06-02T07:00")
    assert ANNA.next_waking(local("2026-03-29T01:59")) == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_a_hospital_is_open_from_its_first_moment_until_just_before_its_last() -> None:
    assert [ANNA.is_open(local(f"2026-06-01T{time}")) for time in ("07:59", "08:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert not ANNA.is_open(local("2026-12-25T10:00"))


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        pytest.param("2026-03-11T16:00", hours(4), "2026-03-12T11:00", id="a night is no long pause"),
        pytest.param("2026-03-13T16:00", hours(4), "2026-03-13T17:00", id="a weekend is: the clock ends before it"),
        pytest.param(
            "2026-03-14T12:00", hours(4), "2026-03-16T12:00", id="before it begins to run it may wait for long"
        ),
    ],
)
def test_a_clock_may_end_where_it_would_stand_still_for_long(start: str, duration: timedelta, due: str) -> None:
    week = Hours(AMSTERDAM, lambda day: Span(480, 1020) if day.weekday() < 5 else None)
    assert week.deadline(local(start), duration, hours(24)) == local(due)


def test_quiet_hours_in_the_hour_that_does_not_exist_count_nothing_twice() -> None:
    gap = hospital(quiet_hours={"from": "02:30", "to": "03:00"})
    assert gap.waking_deadline(local("2026-03-29T00:00"), hours(23)) == local("2026-03-30T00:00")


@given(anytime, durations, durations)
def test_two_durations_one_after_the_other_end_where_their_sum_does(
    start: datetime, a: timedelta, b: timedelta
) -> None:
    for deadline in (ANNA.working_deadline, ANNA.waking_deadline):
        assert deadline(deadline(start, a), b) == deadline(start, a + b)


@given(anytime, durations, durations, durations)
def test_a_later_start_or_a_longer_duration_never_ends_earlier(
    start: datetime, later: timedelta, duration: timedelta, longer: timedelta
) -> None:
    for deadline in (ANNA.working_deadline, ANNA.waking_deadline):
        assert start + duration <= deadline(start, duration) <= deadline(start + later, duration + longer)


@given(anytime, durations)
def test_a_deadline_never_falls_in_a_pause(start: datetime, duration: timedelta) -> None:
    assert ANNA.is_open(ANNA.working_deadline(start, duration))
    awake = ANNA.waking_deadline(start, duration)
    assert ANNA.next_waking(awake) == awake
    assert 7 <= awake.astimezone(AMSTERDAM).hour < 22


@given(quiet_times, dst_moments, durations, durations)
def test_any_quiet_hours_keep_these_laws(quiet: tuple[int, int], start: datetime, a: timedelta, b: timedelta) -> None:
    deadline = at_night(quiet).waking_deadline
    assert deadline(deadline(start, a), b) == deadline(start, a + b) >= deadline(start, a) >= start + a


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ANNA.next_waking(datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None))
    with pytest.raises(ValueError, match="not negative"):
        ANNA.working_deadline(local("2026-06-01T09:00"), hours(-1))
