"""What people read at the terminal, in Dutch and English; the texts stand in words.toml, the codes in codes.toml."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("nl", "en")
_DAYS = {"nl": "ma di wo do vr za zo", "en": "Mon Tue Wed Thu Fri Sat Sun"}
_MONTHS = {
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for name in ("words.toml", "codes.toml"):
        for section, texts in tomllib.loads(files("services.cli").joinpath(name).read_text("utf-8")).items():
            found.setdefault(section, {}).update(texts)
    return found


class Number(int):
    """A number that takes its noun along: `{n:clock waits|clocks wait}`."""

    def __format__(self, nouns: str) -> str:
        one, several, many = nouns.partition("|")
        return f"{int(self)} {(one if self == 1 else many) if several else one}".rstrip()


class Words:
    """The texts of one language, "nl" or "en"."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._at = LANGUAGES.index(lang)

    def __call__(self, key: str, **values: Any) -> str:
        """The text of `section.name`, filled in; whole numbers bring their nouns."""
        section, _, name = key.partition(".")
        given = {k: Number(v) if type(v) is int else v for k, v in values.items()}
        return texts()[section][name][self._at].format(**given)

    def has(self, key: str) -> bool:
        section, _, name = key.partition(".")
        return name in texts().get(section, {})

    def code(self, section: str, code: Any) -> str:
        """What a code means; a code without a text is shown as it is, with spaces."""
        key = f"{section}.{code}"
        return self(key) if self.has(key) else str(code or "").replace("_", " ")

    def codes(self, section: str, codes: Any) -> str:
        return ", ".join(self.code(section, code) for code in codes)

    def day(self, day: date | str | None) -> str:
        """Such as 3 mrt 2026."""
        if not day:
            return ""
        day = date.fromisoformat(day[:10]) if isinstance(day, str) else day
        return f"{day.day} {_MONTHS[self.lang].split()[day.month - 1]} {day.year}"

    def brief(self, at: datetime | str | None, zone: tzinfo | None) -> str:
        """For a table: such as 3 mrt 14:05; of another year only the day."""
        if not at:
            return ""
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        here = at.astimezone(zone)
        if here.year != datetime.now(zone).year:
            return self.day(here.date())
        return f"{here.day} {_MONTHS[self.lang].split()[here.month - 1]} {here:%H:%M}"

    def moment(self, at: datetime | str | None, zone: tzinfo | None) -> str:
        """Such as di 3 mrt 2026 14:05, in the time of the hospital."""
        if not at:
            return ""
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        here = at.astimezone(zone)
        return f"{_DAYS[self.lang].split()[here.weekday()]} {self.day(here.date())} {here:%H:%M}"
