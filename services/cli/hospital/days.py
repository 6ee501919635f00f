"""The days of a hospital as a terminal shows them: what holds on each, who says so, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.cli import show
from services.cli.desk import Desk

if TYPE_CHECKING:
    from shared.hospital import Hospital, NamedDay


def as_json(hospital: Hospital, year: int) -> dict[str, Any]:
    """The days of one year, and where they come from."""
    days = [
        {
            "date": day.on.isoformat(),
            "name": {"nl": day.nl, "en": day.en},
            "state": day.state,
            "closed_from": _time(day),
            "why": day.why,
        }
        for day in hospital.days(year)
    ]
    return {"year": year, "days_from": _origin(hospital.country, year), "days": days}


def print_days(desk: Desk, hospital: Hospital, year: int) -> None:
    """The days of one year below each other."""
    words, origin = desk.words, _origin(hospital.country, year)
    told = words(f"days.from_{origin['what']}", **origin)
    show.line(desk)
    show.line(desk, words("days.title", year=year, origin=told), "bold")
    columns = ("day", "name", "holds", "says")
    show.table(desk, columns, [_row(desk, day) for day in hospital.days(year)], None, "")


def _row(desk: Desk, day: NamedDay) -> tuple[str, ...]:
    from shared.hospital import DAYS

    words = desk.words
    on = f"{words.code('day', DAYS[day.on.weekday()])} {words.day(day.on)}"
    name = day.nl if words.lang == "nl" else day.en
    return on, name, words(f"holds.{day.state}", time=_time(day)), words.code("says", day.why)


def _time(day: NamedDay) -> str | None:
    return f"{day.closed_from // 60:02}:{day.closed_from % 60:02}" if day.closed_from else None


def _origin(country: str, year: int) -> dict[str, Any]:
    from shared.hospital.country_days import library_version, table_of

    table = table_of(country)
    if table and year in table.years:
        return {"what": "table", "until": table.years[-1], "source": table.source}
    return {"what": "library", "version": library_version()}
