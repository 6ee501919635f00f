"""The days that have a name in a country: from the table in country_days.toml, or else from the library `holidays`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import holidays

from shared.hospital.hours import Span

State = Literal["closed", "half", "open"]
#: Who says what holds on a day.
Why = Literal["table", "library", "hospital"]

#: The years in which a holiday must come for its name to be known; some come in one year alone.
_KNOWN = range(2020, 2036)


class NamedDay(NamedTuple):
    """A day of a year and what holds on it. `nl`, `en`: its names. `closed_from`: since which minute of the day it is
    closed; 0: all day; None: it is open.
    """

    on: date
    nl: str
    en: str
    closed_from: int | None
    why: Why

    @property
    def state(self) -> State:
        if self.closed_from is None:
            return "open"
        return "half" if self.closed_from else "closed"

    def is_called(self, name: str) -> bool:
        """Whether this is its name, in either language."""
        return folded(name) in (folded(self.nl), folded(self.en))

    def leaves(self, span: Span) -> Span | None:
        """What is left of these hours on this day."""
        if self.closed_from is None:
            return span
        return Span(span.begin, min(span.end, self.closed_from)) if span.begin < self.closed_from else None


class Table(NamedTuple):
    """The table of one country: its years, and where it has its days from."""

    years: range
    source: str
    days: tuple[NamedDay, ...]


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(name.split()).casefold()


def check_country(country: str) -> None:
    """Raises NotImplementedError for a country, or a part of one, that nobody knows."""
    _library(country, "en_US")


@cache
def table_of(country: str) -> Table | None:
    """The table of this country, also of a part of it; None where it has none."""
    code = holidays.country_holidays(country.partition("-")[0]).country
    if code not in _file():
        return None
    found = _file()[code]
    days = (
        NamedDay(on, one["nl"], one["en"], closed_from, "table")
        for one in found["days"]
        for key, closed_from in (("closed", 0), ("open", None))
        for on in one.get(key, ())
    )
    return Table(range(found["from"], found["until"] + 1), found["source"], tuple(days))


def library_version() -> str:
    return version("holidays")


@lru_cache(maxsize=1024)
def named_days(country: str, year: int) -> tuple[NamedDay, ...]:
    """The days of a year that have a name, and whether a hospital is closed on them, in their order; a day may come
    twice.
    """
    table = table_of(country)
    if table and year in table.years:
        found = [day for day in table.days if day.on.year == year]
    else:
        found = list(_from_library(country, year))
    return tuple(sorted((*found, *_everywhere(year)), key=lambda day: day.on))


@lru_cache(maxsize=64)
def known_names(country: str) -> Mapping[str, str]:
    """Each name of a day in this country, folded, and how that day is told: its names in both languages."""
    days = [day for year in _KNOWN for day in named_days(country, year)]
    return {folded(name): _told(day) for day in days for name in (day.nl, day.en)}


def _told(day: NamedDay) -> str:
    return day.nl if folded(day.nl) == folded(day.en) else f"{day.nl} ({day.en})"


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("shared.hospital").joinpath("country_days.toml").read_text("utf-8"))


def _everywhere(year: int) -> list[NamedDay]:
    named = _file()["everywhere"]
    return [NamedDay(date(year, one["month"], one["day"]), one["nl"], one["en"], None, "table") for one in named]


def _from_library(country: str, year: int) -> Iterator[NamedDay]:
    dutch, english = (_library(country, language, year) for language in ("nl", "en_US"))
    for on in sorted(dutch):
        for nl, en in zip(dutch.get_list(on), english.get_list(on), strict=False):
            yield NamedDay(on, nl, en, 0, "library")


def _library(country: str, language: str, *years: int) -> holidays.HolidayBase:
    """What the library says, in this language where it speaks it, else in the country's own; never in the machine's."""
    code, _, part = country.partition("-")
    found = holidays.country_holidays(code, subdiv=part or None, language=language)
    spoken = language if language in found.supported_languages else found.default_language
    return holidays.country_holidays(code, subdiv=part or None, years=years, language=spoken)
