"""The questions that `naast hospital new` asks. Every one has an answer that may be taken as it is."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from services.cli.words import Words

WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
DOORS = ("self", "colleague", "manager")
ANSWERS = ("confidentiality", "sharing", "handover", "position")
NONE = "-"


@dataclass(frozen=True)
class Question:
    """One question: the setting it is about, the answer that is offered, and how an answer becomes a setting."""

    setting: str
    offered: str
    read: Callable[[str], Any]


def questions(words: Words, id: str, staff: str | None) -> list[Question]:
    """What is asked, in order. `staff`: the text of a staff list, whose codes are then offered."""
    return [
        Question("name", id.replace("-", " ").title(), str.strip),
        Question("languages", "nl,en" if words.lang == "nl" else "en,nl", _list),
        Question("timezone", "Europe/Amsterdam", str.strip),
        Question("country", "NL", str.strip),
        Question("working_hours", "08:00-17:00", _week),
        Question("quiet_hours", "22:00-07:00", _quiet),
        Question("coordinators", NONE, _list),
        Question("deputies", NONE, _list),
        Question("professions", _codes(staff, "profession"), _named("professions")),
        Question("departments", _codes(staff, "department"), _departments),
        *(Question(f"answers.{name}", NONE, _agreed) for name in ANSWERS),
    ]


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip() not in ("", NONE)]


def _week(text: str) -> dict[str, str]:
    return {day: text.strip() for day in WORKDAYS}


def _quiet(text: str) -> dict[str, str] | None:
    begin, _, end = text.partition("-")
    return {"from": begin.strip(), "to": end.strip()} if text.strip() not in ("", NONE) else None


def _agreed(text: str) -> str:
    """The day on which a question was settled; ValueError for anything else."""
    if text.strip() in ("", NONE):
        return ""
    try:
        return f"yes, agreed on {date.fromisoformat(text.strip()).isoformat()}"
    except ValueError:
        raise ValueError("write the day as 2026-01-31, or - when it is not settled yet") from None


def _named(kind: str) -> Callable[[str], dict[str, dict[str, str]]]:
    """Codes with their names: `nurse`, or `nurse=verpleegkundige`."""

    def read(text: str) -> dict[str, dict[str, str]]:
        found = {}
        for part in _list(text):
            code, _, name = part.partition("=")
            known = standard()[kind].get(code.strip(), {})
            plain = name.strip() or code.strip().replace("_", " ")
            found[code.strip()] = dict.fromkeys(("nl", "en"), plain) if name or not known else dict(known)
        return found

    return read


def _departments(text: str) -> dict[str, Any]:
    """Departments with their names; a new hospital begins with every door open."""
    return {code: names | {"doors": list(DOORS)} for code, names in _named("departments")(text).items()}


@cache
def standard() -> dict[str, dict[str, dict[str, str]]]:
    """The professions and departments that a new hospital begins with."""
    return tomllib.loads(files("services.cli.hospital").joinpath("standard.toml").read_text("utf-8"))


def _codes(staff: str | None, column: str) -> str:
    kind = f"{column}s"
    if staff is None:
        return ",".join(standard()[kind])
    rows = csv.DictReader(io.StringIO(staff))
    found = dict.fromkeys((row.get(column) or "").strip() for row in rows)
    return ",".join(code for code in found if code) or ",".join(standard()[kind])
