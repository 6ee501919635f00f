"""On which days a hospital is closed: its own word beside what its country keeps, under every law of the clocks."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.hospital import Hospital, HospitalError, Hours, Span, load, to_toml, write
from shared.hospital.country_days import known_names
from tests.decisions.hospital_words import AMSTERDAM, hospital, hours, local

# -- a hospital's own word ---------------------------------------------------------------------------------------------

EVE = {"day": "Kerstavond", "from": "13:00"}


def said(one: Hospital, on: str) -> tuple[str, int | None, str]:
    day = next(day for day in one.days(int(on[:4])) if day.on == date.fromisoformat(on))
    return day.state, day.closed_from, day.why


@pytest.mark.parametrize(
    ("settled", "on", "holds"),
    [
        pytest.param({}, "2026-04-03", ("open", None, "table"), id="Good Friday is a working day"),
        pytest.param({"closed": ["Goede Vrijdag"]}, "2026-04-03", ("closed", 0, "hospital"), id="unless it is said"),
        pytest.param({"closed": ["good  FRIDAY"]}, "2027-03-26", ("closed", 0, "hospital"), id="in either language"),
        pytest.param({"open": ["Koningsdag"]}, "2025-04-26", ("open", None, "hospital"), id="a holiday may be worked"),
        pytest.param({}, "2026-05-05", ("open", None, "table"), id="5 May is a working day"),
        pytest.param({}, "2030-05-05", ("closed", 0, "table"), id="but not in the year of a lustrum"),
        pytest.param({"closed": ["Bevrijdingsdag"]}, "2026-05-05", ("closed", 0, "hospital"), id="or every year"),
        pytest.param({"closed": [date(2026, 12, 28)]}, "2026-12-28", ("closed", 0, "hospital"), id="a date"),
        pytest.param({"closed": ["2026-12-28"]}, "2026-12-28", ("closed", 0, "hospital"), id="a date between quotes"),
        pytest.param({"closed": [EVE]}, "2026-12-24", ("half", 780, "hospital"), id="a half day by its name"),
        pytest.param(
            {"closed": [{"day": date(2026, 4, 27), "from": "12:00"}]},
            "2026-04-27",
            ("half", 720, "hospital"),
            id="half a holiday",
        ),
        pytest.param(
            {"closed": [EVE], "open": [date(2026, 12, 24)]},
            "2026-12-24",
            ("open", None, "hospital"),
            id="a date holds against a name",
        ),
        pytest.param(
            {"closed": [EVE], "open": [date(2026, 12, 24)]},
            "2027-12-24",
            ("half", 780, "hospital"),
            id="in its own year alone",
        ),
        pytest.param({"country": "BE"}, "2026-07-21", ("closed", 0, "library"), id="another country"),
        pytest.param(
            {"country": "BE", "open": ["Wapenstilstand"]},
            "2026-11-11",
            ("open", None, "hospital"),
            id="a word on a holiday of another country",
        ),
        pytest.param({"country": "NLD"}, "2026-04-03", ("open", None, "table"), id="the same country, written longer"),
        pytest.param({"country": "NL-Noord"}, "2026-04-03", ("open", None, "table"), id="a part of the country"),
        pytest.param({}, "2036-04-11", ("closed", 0, "library"), id="where the table ends the library goes on"),
        pytest.param(
            {"open": ["Goede Vrijdag"]}, "2036-04-11", ("open", None, "hospital"), id="and the hospital's word as well"
        ),
    ],
)
def test_a_hospital_has_the_last_word_on_its_days(
    settled: dict[str, object], on: str, holds: tuple[str, int | None, str]
) -> None:
    assert said(hospital(**settled), on) == holds


def test_of_two_holidays_on_one_day_the_one_that_closes_it_holds_and_both_may_be_named() -> None:
    eve = date(2021, 12, 24)  # Christmas fell on a Saturday
    for settled, state in (({}, "closed"), ({"open": ["Christmas Eve"]}, "open")):
        day = next(day for day in hospital(country="US", **settled).days(2021) if day.on == eve)
        assert (day.en, day.state) == ("Christmas Day (observed); Christmas Eve", state)
    czech = next(day for day in hospital(country="CZ").days(2026) if day.on == date(2026, 12, 24))
    assert (czech.nl, czech.en, czech.state) == ("Štědrý den; Kerstavond", "Christmas Eve", "closed")


@pytest.mark.parametrize(
    ("settled", "start", "duration", "due"),
    [
        pytest.param({}, "2026-04-03T10:00", hours(2), "2026-04-03T12:00", id="a clock runs on Good Friday"),
        pytest.param(
            {"closed": ["Goede Vrijdag"]}, "2026-04-02T16:00", hours(2), "2026-04-07T09:00", id="where it is closed not"
        ),
        pytest.param(
            {"closed": [EVE]}, "2026-12-24T12:00", hours(2), "2026-12-28T09:00", id="a half day counts until its hour"
        ),
        pytest.param(
            {"closed": [EVE]}, "2026-12-24T12:00", hours(1), "2026-12-28T08:00", id="what would end then ends later"
        ),
        pytest.param({"open": [date(2026, 12, 25)]}, "2026-12-24T16:00", hours(2), "2026-12-25T09:00", id="open"),
    ],
)
def test_a_working_clock_keeps_the_days_of_the_hospital(
    settled: dict[str, object], start: str, duration: timedelta, due: str
) -> None:
    assert hospital(**settled).working_deadline(local(start), duration) == local(due)


@pytest.mark.parametrize(
    ("start", "pause", "due"),
    [
        pytest.param("2026-12-24T12:30", hours(24), "2026-12-24T13:00", id="a half day before a holiday ends it"),
        pytest.param("2026-12-24T12:30", hours(96), "2026-12-28T08:30", id="unless so long a pause is allowed"),
        pytest.param("2026-12-24T13:30", hours(24), "2026-12-28T09:00", id="it has not run yet: it waits"),
    ],
)
def test_a_half_day_is_a_pause_from_its_hour_on(start: str, pause: timedelta, due: str) -> None:
    one = hospital(closed=[EVE])
    work = Span(480, 1020)
    running = Hours(AMSTERDAM, lambda day: one.open_hours(day, work if day.weekday() < 5 else None))
    assert running.deadline(local(start), hours(1), pause) == local(due)


# -- laws --------------------------------------------------------------------------------------------------------------

dates = st.dates(date(2025, 12, 1), date(2027, 1, 31))
names = st.sampled_from(sorted(known_names("NL").values())).map(lambda told: told.partition(" (")[0])
some_days = dates | names
clock_times = st.integers(1, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
moments = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later)
durations = st.timedeltas(timedelta(0), timedelta(days=4))


@st.composite
def hospitals(draw: st.DrawFn) -> Hospital:
    """A hospital with a word on up to a dozen days, each once."""
    days = draw(st.lists(some_days, max_size=12, unique=True))
    closed: list[Any] = []
    opened: list[Any] = []
    for day in days:
        match draw(st.sampled_from(("closed", "half", "open"))):
            case "closed":
                closed.append(day)
            case "half":
                closed.append({"day": day, "from": draw(clock_times)})
            case "open":
                opened.append(day)
    return hospital(closed=closed, open=opened)


@given(hospitals(), spans)
def test_a_closed_day_has_no_span_a_half_day_a_part_of_it_and_any_other_all_of_it(one: Hospital, span: Span) -> None:
    for day in one.days(2026):
        left = one.open_hours(day.on, span)
        if day.state == "open":
            assert left == span
        elif day.state == "closed":
            assert left is None
        elif left is None:
            assert span.begin >= (day.closed_from or 0)
        else:
            assert span.begin == left.begin < left.end <= min(span.end, day.closed_from or 0)
        assert one.open_hours(day.on, None) is None


@given(hospitals(), dates, spans)
def test_a_day_without_a_name_and_without_a_word_on_it_is_like_any_other(one: Hospital, on: date, span: Span) -> None:
    assume(on not in {day.on for day in one.days(on.year)})
    assert one.open_hours(on, span) == span


@given(hospitals(), moments, durations, durations)
def test_two_durations_one_after_the_other_end_where_their_sum_does_whatever_is_closed(
    one: Hospital, start: datetime, a: timedelta, b: timedelta
) -> None:
    deadline = one.working_deadline
    assert deadline(deadline(start, a), b) == deadline(start, a + b)
    assert one.is_open(deadline(start, a))


@given(hospitals(), moments, durations, durations, durations)
def test_a_later_start_or_a_longer_duration_never_ends_earlier_whatever_is_closed(
    one: Hospital, start: datetime, later: timedelta, duration: timedelta, longer: timedelta
) -> None:
    deadline = one.working_deadline
    assert start + duration <= deadline(start, duration) <= deadline(start + later, duration + longer)


@given(hospitals(), dates, clock_times, moments, durations)
def test_no_clock_ends_earlier_because_one_day_more_is_closed(
    one: Hospital, on: date, time: str, start: datetime, duration: timedelta
) -> None:
    settled = one.model_dump(by_alias=True)
    assume(on not in (*settled["open"], *(word.day for word in one.closed)))
    assume(next((day.state for day in one.days(on.year) if day.on == on), "open") == "open")
    half, whole = (
        Hospital.model_validate(settled | {"closed": [*settled["closed"], word]})
        for word in ({"day": on, "from": time}, on)
    )
    ends = [each.working_deadline(start, duration) for each in (one, half, whole)]
    assert ends == sorted(ends)


@given(hospitals(), moments, durations, st.timedeltas(timedelta(0), timedelta(days=7)))
def test_a_clock_that_ends_before_a_long_pause_ends_no_later_than_one_that_goes_on(
    one: Hospital, start: datetime, duration: timedelta, pause: timedelta
) -> None:
    running = Hours(AMSTERDAM, lambda day: one.open_hours(day, Span(480, 1020)))
    stops, goes_on = running.deadline(start, duration, pause), running.deadline(start, duration)
    assert stops <= goes_on
    assert stops == goes_on or not running.runs_at(stops)


@given(hospitals())
def test_a_hospitals_word_is_written_as_it_is_read(one: Hospital) -> None:
    assert Hospital.model_validate(tomllib.loads(to_toml(one))) == one
    assert Hospital.model_validate(one.model_dump(mode="json", by_alias=True)) == one


# -- advice ------------------------------------------------------------------------------------------------------------

NAMES = "Nieuwjaarsdag (New Year's Day), Goede Vrijdag (Good Friday), Eerste Paasdag (Easter Sunday), "
NO_DATE = "there is no such date; write one such as 2026-12-24"
A_DAY = "write a date such as 2026-12-24, or the name of a holiday between quotes"
HALF = "a half day closes after 00:00 and before 24:00; leave the hour out where it is a whole day"
TWICE = "the whole file: a day stands twice in closed and open; say once what holds on it"


@pytest.mark.parametrize(
    ("closed", "opened", "says"),
    [
        ('["Goede Vrijdagg"]', "[]", f"closed.0: no day of NL has that name; {A_DAY[:31]}, or one of: {NAMES}"),
        ("[]", '["Koningsdag", "Pasen"]', "open.1: no day of NL has that name; "),
        ('[{day = "Kerst", from = "13:00"}]', "[]", "closed.0: no day of NL has that name; "),
        ('["2026-02-30"]', "[]", f"closed.0.day: {NO_DATE}"),
        ("[]", '["2026-02-30"]', f"open.0: {NO_DATE}"),
        ("[2026-02-30]", "[]", "is no TOML (at line 10, column 11); correct it there"),
        ("[2026-12-24T13:00:00]", "[]", f"closed.0.day: {A_DAY}"),
        ("[24]", "[]", f"closed.0.day: {A_DAY}"),
        ("[]", '[""]', f"open.0: {A_DAY}"),
        ('"Goede Vrijdag"', "[]", "closed: must be a list between [ and ]"),
        ('[{from = "13:00"}]', "[]", "closed.0.day: is missing; add it"),
        ('[{day = 2026-12-24, until = "13:00"}]', "[]", "closed.0.until: is not a setting"),
        ('[{day = 2026-12-24, from = "1 pm"}]', "[]", 'closed.0.from: write a time as "08:00"'),
        ('[{day = 2026-12-24, from = "00:00"}]', "[]", f"closed.0.from: {HALF}"),
        ('[{day = 2026-12-24, from = "24:00"}]', "[]", f"closed.0.from: {HALF}"),
        ('["Goede Vrijdag", "Good Friday"]', "[]", TWICE),
        ('["Goede Vrijdag"]', '["goede vrijdag"]', TWICE),
        ("[2026-12-28]", '["2026-12-28"]', TWICE),
    ],
)
def test_a_word_that_cannot_be_meant_is_told_by_its_place_with_what_may_stand_there(
    tmp_path: Path, closed: str, opened: str, says: str
) -> None:
    path = write(tmp_path / "st-anna", hospital())
    text = path.read_text("utf-8").replace("\nclosed = []", f"\nclosed = {closed}")
    path.write_text(text.replace("\nopen = []", f"\nopen = {opened}"), encoding="utf-8")
    with pytest.raises(HospitalError) as raised:
        load(tmp_path / "st-anna")
    assert str(raised.value).startswith(f"{path}: {says}")
    assert "\n" not in str(raised.value)


def test_a_country_that_nobody_knows_is_the_only_thing_that_is_wrong_with_its_days(tmp_path: Path) -> None:
    path = write(tmp_path / "st-anna", hospital(closed=["Goede Vrijdag"]))
    path.write_text(path.read_text("utf-8").replace('"NL"', '"QQ"'), encoding="utf-8")
    with pytest.raises(HospitalError, match=r"country: write a country code[^\n]*$"):
        load(tmp_path / "st-anna")
