"""A hospital of forty people, eight of them supporters: its folder, who is who, and whom its reports may name.

It has no quiet hours, so that nothing depends on the time of the day at which the tests run.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

COORDINATOR, DEPUTY, TRAINER = "239", "240", "238"
SUPPORTERS = ("201", "202", "203", "204", "205", "206", "207", "208")
#: Her last intervisie is too long ago.
SUSPENDED = "205"
#: As many cases as a supporter may have at a time, open asks included (MATCH-5).
LIMIT = 3
_DEPARTMENTS = ("icu", "surgery", "emergency", "internal")
_TOML = """
id = "{id}"
name = "{id}"
timezone = "Europe/Amsterdam"
country = "NL"
languages = ["nl", "en"]
coordinators = ["239"]
deputies = ["240"]
[working_hours]
monday = "08:00-17:00"
[professions]
nurse = {{nl = "verpleegkundige", en = "nurse"}}
doctor = {{nl = "arts", en = "doctor"}}
[departments]
icu = {{nl = "intensive care", en = "intensive care"}}
surgery = {{nl = "chirurgie", en = "surgery"}}
emergency = {{nl = "spoedeisende hulp", en = "emergency"}}
internal = {{nl = "interne geneeskunde", en = "internal medicine"}}
"""


@dataclass(frozen=True)
class Somebody:
    """A row of the staff list."""

    number: str
    profession: str
    department: str
    manager: str = ""

    @property
    def is_supporter(self) -> bool:
        return self.number in SUPPORTERS


def everybody() -> list[Somebody]:
    return [_somebody(number) for number in range(201, 241)]


def _somebody(number: int) -> Somebody:
    if number <= 208:
        return Somebody(str(number), "nurse" if number <= 205 else "doctor", _DEPARTMENTS[(number + 3) % 4])
    manager = "209" if 211 <= number <= 223 else "201" if number == 230 else ""
    return Somebody(str(number), "nurse" if number % 3 else "doctor", _DEPARTMENTS[number % 4], manager)


def write_hospital(root: Path, id: str) -> None:
    """The hospital's folder: its settings and its staff list."""
    folder = root / id
    folder.mkdir(parents=True)
    (folder / "hospital.toml").write_text(_TOML.format(id=id), encoding="utf-8")
    with (folder / "staff.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [_row(one) for one in everybody()]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _row(one: Somebody) -> dict[str, str]:
    trained, attended = _days_ago(500), _days_ago(400 if one.number == SUSPENDED else 30)
    return {
        "staff_id": one.number,
        "name": f"Somebody {one.number}",
        "function": one.profession,
        "profession": one.profession,
        "department": one.department,
        "site": "",
        "manager": one.manager,
        "languages": "nl|en",
        "mail": f"s{one.number}@example.org",
        "phone": f"+31 6 5555 {one.number:0>4}",
        "channel": "mail",
        "active": "yes",
        "supporter": "yes" if one.is_supporter else "no",
        "trained_on": trained if one.is_supporter else "",
        "intervisie_on": attended if one.is_supporter else "",
    }


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
