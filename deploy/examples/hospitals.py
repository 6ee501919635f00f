"""The two example hospitals: what they have settled, and who works there. All of it is invented."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from shared.hospital import Hospital

YEAR = 2025
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
COLUMNS = (
    "staff_id,name,function,profession,department,site,manager,languages,mail,phone,channel,active,supporter,"
    "trained_on,intervisie_on"
).split(",")

FIRST = (
    "Anna Bram Carla Daan Elif Femke Gijs Hanna Imke Jeroen Karim Lotte Maarten Nadia Olaf Petra Quinten Roos Sem Tess "
    "Usha Vera Wouter Xandra Yusuf Zara Aleid Bas Chantal Dirk Esra Floor Geert Hilde Ivo Jasmijn Kees Lieke Milan Noor"
).split()
LAST = (
    "Aalders Bakker Cuperus Dekker Evers Faber Graaf Hendriks Idema Jansen Koster Lamers Mulder Nauta Oosting Postma "
    "Rutgers Schipper Timmer Ubbink Veenstra Wiersma IJzerman Zandstra Boersma Dijkstra Haan Kramer Molenaar Visser"
).split()

#: profession -> (share of the staff, Dutch, English, departments where it works; empty: every ward)
PROFESSIONS: dict[str, tuple[float, str, str, tuple[str, ...]]] = {
    "nurse": (0.46, "verpleegkundige", "nurse", ()),
    "physician": (0.13, "medisch specialist", "physician", ()),
    "resident": (0.08, "arts-assistent", "resident", ()),
    "or_nurse": (0.08, "operatieassistent", "operating room nurse", ("or", "day_surgery")),
    "anaesthesia_nurse": (0.05, "anesthesiemedewerker", "anaesthesia nurse", ("or", "icu", "day_surgery")),
    "midwife": (0.05, "verloskundige", "midwife", ("obstetrics", "outpatient")),
    "radiographer": (0.05, "radiodiagnostisch laborant", "radiographer", ("radiology", "emergency")),
    "pharmacist": (0.05, "apotheker", "pharmacist", ("pharmacy", "oncology")),
    "physiotherapist": (0.05, "fysiotherapeut", "physiotherapist", ("rehabilitation", "icu")),
}
DEPARTMENTS: dict[str, tuple[str, str]] = {
    "emergency": ("spoedeisende hulp", "emergency department"),
    "icu": ("intensive care", "intensive care"),
    "or": ("operatiekamers", "operating theatres"),
    "day_surgery": ("dagbehandeling", "day surgery"),
    "surgery": ("chirurgie", "surgery"),
    "internal": ("interne geneeskunde", "internal medicine"),
    "cardiology": ("cardiologie", "cardiology"),
    "oncology": ("oncologie", "oncology"),
    "paediatrics": ("kindergeneeskunde", "paediatrics"),
    "obstetrics": ("verloskunde", "obstetrics"),
    "neurology": ("neurologie", "neurology"),
    "geriatrics": ("geriatrie", "geriatrics"),
    "radiology": ("radiologie", "radiology"),
    "pharmacy": ("apotheek", "pharmacy"),
    "rehabilitation": ("revalidatie", "rehabilitation"),
    "outpatient": ("polikliniek", "outpatient clinics"),
}


@dataclass(frozen=True)
class Example:
    """One example hospital. `broken`: how many reports of its year are broken on purpose. `closed`: departments that
    agreed to no door without a report.
    """

    id: str
    name: str
    languages: tuple[str, ...]
    staff: int
    reports: int
    broken: int
    seed: int
    rules: dict[str, int | str] = field(default_factory=dict)
    closed: tuple[str, ...] = ()
    #: profession -> the one department in which all its supporters work.
    narrow: dict[str, str] = field(default_factory=dict)


EXAMPLES = (
    Example("noorderhaven", "Ziekenhuis Noorderhaven", ("nl",), 412, 178, 3, 11, closed=("outpatient",)),
    Example(
        "lindenhof",
        "Lindenhof Medisch Centrum",
        ("nl", "en"),
        396,
        162,
        2,
        23,
        {"MATCH-5": 2},
        ("rehabilitation", "outpatient"),
        {"physiotherapist": "rehabilitation"},
    ),
)


def settings(example: Example, staff: list[dict[str, str]]) -> Hospital:
    """The hospital's own settings; every question is answered, so that notices leave."""
    agreed = f"yes, agreed on {YEAR - 1}-11-04"
    leaders = [row["staff_id"] for row in staff if row["function"] == "coordinator peer support"]
    return Hospital.model_validate(
        {
            "id": example.id,
            "name": example.name,
            "timezone": "Europe/Amsterdam",
            "languages": example.languages,
            "country": "NL",
            "working_hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00"),
            "quiet_hours": {"from": "22:00", "to": "07:00"},
            "coordinators": leaders[:1],
            "deputies": leaders[1:],
            "away": [{"who": leaders[0], "from": date(YEAR, 7, 7), "to": date(YEAR, 7, 27)}],
            "shifts": ["nurse", "midwife"],
            "professions": {code: {"nl": nl, "en": en} for code, (_, nl, en, _) in PROFESSIONS.items()},
            "departments": {
                code: {"nl": nl, "en": en, "codes": [unit(code)], "doors": _doors(example, code)}
                for code, (nl, en) in DEPARTMENTS.items()
            },
            "rules": example.rules,
            "answers": dict.fromkeys(("confidentiality", "sharing", "handover", "position"), agreed),
        }
    )


def _doors(example: Example, department: str) -> list[str]:
    """Most departments agreed to support without a report; managers do not refer everywhere."""
    if department in example.closed:
        return []
    return ["self", "colleague"] if department in ("radiology", "pharmacy") else ["self", "colleague", "manager"]


def make_staff(example: Example) -> list[dict[str, str]]:
    """The staff list: a manager per department, two coordinators, and one supporter in ten of every profession."""
    chance = random.Random(example.seed)
    rows: list[dict[str, str]] = []
    for _ in range(2):
        rows.append(_person(example, chance, len(rows), "physician", "internal", "coordinator peer support"))
    managers = {}
    for department in DEPARTMENTS:
        managers[department] = f"{1000 + len(rows)}"
        rows.append(_person(example, chance, len(rows), "nurse", department, "team leader"))
    for profession, (share, _, _, where) in PROFESSIONS.items():
        for n in range(round(share * (example.staff - len(rows) * 0.1))):
            places = where or tuple(d for d in DEPARTMENTS if d not in ("pharmacy", "radiology", "rehabilitation"))
            department = places[n % len(places)] if where else chance.choice(places)
            row = _person(example, chance, len(rows), profession, department, profession.replace("_", " "))
            row["manager"] = managers[department]
            rows.append(row)
    _appoint(chance, rows, example.narrow)
    return rows


def _person(
    example: Example, chance: random.Random, n: int, profession: str, department: str, function: str
) -> dict[str, str]:
    number = str(1000 + n)
    speaks = "nl|en" if chance.random() < 0.4 else "nl"
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    return {
        "staff_id": number,
        "name": name,
        "function": function,
        "profession": profession,
        "department": department,
        "site": "main" if chance.random() < 0.8 else "west",
        "manager": "",
        "languages": speaks,
        "mail": f"m{number}@{example.id}.example",
        "phone": f"+31 6 5555 {number}",
        "channel": "phone" if chance.random() < 0.6 else "mail",
        "active": "yes",
        "supporter": "no",
        "trained_on": "",
        "intervisie_on": "",
    }


def _appoint(chance: random.Random, rows: list[dict[str, str]], narrow: dict[str, str]) -> None:
    """One in ten of each profession is a supporter; of one in five of them the history is unknown."""
    for profession in PROFESSIONS:
        plain = [row for row in rows if row["profession"] == profession and row["manager"]]
        spread = sorted(plain, key=lambda row: (chance.random(), row["staff_id"]))
        spread = [row for row in spread if row["department"] == narrow.get(profession, row["department"])]
        for row in spread[: max(3, round(len(plain) * 0.11))]:
            row["supporter"] = "yes"
            if chance.random() < 0.8:
                row["trained_on"] = str(date(YEAR - 2, 1, 1) + timedelta(days=chance.randrange(600)))
                row["intervisie_on"] = str(date(YEAR - 1, 2, 1) + timedelta(days=chance.randrange(330)))


def unit(department: str) -> str:
    """What the reporting system calls a department."""
    return f"U-{department.upper().replace('_', '-')}"
