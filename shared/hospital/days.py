"""The days of one hospital: what its country keeps, and its own word where that is different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from shared.hospital.country_days import NamedDay, folded, known_names, named_days
from shared.hospital.hours import Span


class Word(NamedTuple):
    """A hospital's own word on a day, or on the day of a name in every year. `closed_from`: as that of a NamedDay."""

    day: date | str
    closed_from: int | None


def same_day(country: str, day: date | str) -> date | str:
    """One form of a day for all ways to write it: its names in two languages are one."""
    return day if isinstance(day, date) else known_names(country).get(folded(day), day)


@lru_cache(maxsize=1024)
def in_force(country: str, words: tuple[Word, ...], year: int) -> Mapping[date, NamedDay]:
    """The days of a year that have a name or that the hospital has a word on, in their order. A word on a date holds
    against one on a name; of two holidays on one day, the one that closes it.
    """
    found: dict[date, NamedDay] = {}
    for day in named_days(country, year):
        found[day.on] = _both(found[day.on], day) if day.on in found else day
    for word in sorted(words, key=lambda word: isinstance(word.day, date)):
        for on in _dates(country, word.day, year):
            named = found.get(on) or NamedDay(on, "", "", None, "hospital")
            found[on] = named._replace(closed_from=word.closed_from, why="hospital")
    return MappingProxyType(dict(sorted(found.items())))


def open_hours(country: str, words: tuple[Word, ...], day: date, span: Span | None) -> Span | None:
    """What is left of these hours on a day: nothing where the hospital is closed, less on a half day."""
    named = in_force(country, words, day.year).get(day)
    return span if span is None or named is None else named.leaves(span)


def _both(one: NamedDay, other: NamedDay) -> NamedDay:
    ruling = one if one.state == "closed" else other
    nl, en = (tuple(dict.fromkeys(names)) for names in ((one.nl, other.nl), (one.en, other.en)))
    return ruling._replace(nl="; ".join(nl), en="; ".join(en))


def _dates(country: str, day: date | str, year: int) -> list[date]:
    if isinstance(day, date):
        return [day] if day.year == year else []
    return [named.on for named in named_days(country, year) if named.is_called(day)]
