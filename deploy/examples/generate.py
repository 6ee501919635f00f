"""Makes the two example hospitals: settings, about 400 staff each, and one year of incident reports.

    python deploy/examples/generate.py            writes them
    python deploy/examples/generate.py --check    says whether they are as this script makes them

Everything is invented. The mix of professions, harm and event types is an assumption; what a year holds on purpose is
said in `Year`: repeats, amendments, withdrawals, reports that name nobody, a few that are broken, a large event in the
night, a supporter who is herself affected, and a profession whose supporters all work in one department.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.hospital import Hospital, write

ROOT = Path(__file__).parent
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
HARM = {"none": 40, "low": 30, "moderate": 18, "severe": 8, "death": 4}
EVENTS = {
    "medication": 28, "fall": 18, "procedure": 14, "equipment": 9, "aggression": 9, "resuscitation": 6, "other": 6,
    "infection_exposure": 5, "transfusion": 3, "patient_death": 3, "complaint": 3, "suicide_attempt": 1,
    "disciplinary_complaint": 1,
}  # fmt: skip


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
                code: {"nl": nl, "en": en, "codes": [_unit(code)], "doors": _doors(example, code)}
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


@dataclass
class Year:
    """One year of reports. `lines`: (moment of delivery, "fhir" or "events", the line as it is sent)."""

    example: Example
    staff: list[dict[str, str]]
    chance: random.Random
    lines: list[tuple[datetime, str, str]] = field(default_factory=list)

    def make(self) -> None:
        """About 4 % come twice, 4 % are amended, 1 % withdrawn, 6 % name nobody, and a few are broken."""
        start = datetime(YEAR, 1, 1, 6, tzinfo=AMSTERDAM)
        step = timedelta(days=363) / self.example.reports
        for n in range(self.example.reports):
            occurred = start + step * n + timedelta(minutes=self.chance.randrange(0, 900))
            report = self._report(n, occurred)
            sent = self._send(report)
            fate = self.chance.random()
            if fate < 0.04:
                self.lines.append(
                    (sent + timedelta(hours=self.chance.randrange(1, 72)), report["form"], self.lines[-1][2])
                )
            elif fate < 0.08:
                self._amend(report, sent)
            elif fate < 0.09:
                self._send(report | {"status": "withdrawn", "revision": 2, "sent": sent + timedelta(hours=30)})
        self._break_some()
        self._on_purpose()
        self.lines.sort(key=lambda line: line[0])

    def _report(self, n: int, occurred: datetime) -> dict[str, Any]:
        chance = self.chance
        kind = "near_miss" if chance.random() < 0.15 else "actual"
        harm = "none" if kind == "near_miss" else _pick(chance, HARM)
        first = chance.choice([row for row in self.staff if row["manager"]])
        nobody = chance.random() < 0.06
        beside = [r for r in self.staff if r["department"] == first["department"] and r is not first]
        others = (
            [] if nobody else chance.sample(beside, min(len(beside), _pick(chance, {0: 45, 1: 30, 2: 15, 3: 7, 4: 3})))
        )
        return {
            "id": f"{YEAR}-{n + 1:04}",
            "form": "fhir" if n % 5 < 3 else "events",
            "occurred": occurred,
            "reported": occurred + timedelta(minutes=chance.randrange(20, 2000)),
            "sent": None,
            "status": "new",
            "revision": 1,
            "kind": kind,
            "harm": harm,
            "event": "resuscitation" if harm == "death" and chance.random() < 0.5 else _pick(chance, EVENTS),
            "calamity": "possible" if harm == "death" and chance.random() < 0.6 else "no",
            "department": _unit(first["department"]) if chance.random() < 0.97 else None,
            "people": [] if nobody else [r["staff_id"] for r in (first, *others)],
            "wish": "declined" if chance.random() < 0.04 else "default",
        }

    def _amend(self, report: dict[str, Any], sent: datetime) -> None:
        """Days later somebody is added, or the calamity is decided."""
        change: dict[str, Any] = {
            "status": "amended",
            "revision": 2,
            "sent": sent + timedelta(days=self.chance.randrange(1, 9)),
        }
        if self.chance.random() < 0.5 and report["people"]:
            more = self.chance.choice([r for r in self.staff if r["manager"] and r["staff_id"] not in report["people"]])
            change["people"] = [*report["people"], more["staff_id"]]
        else:
            change["calamity"] = "yes"
        self._send(report | change)

    def _send(self, report: dict[str, Any]) -> datetime:
        sent: datetime = report["sent"] or report["reported"] + timedelta(minutes=self.chance.randrange(1, 60))
        made = _fhir(report, sent) if report["form"] == "fhir" else _event(self.example.id, report, sent)
        self.lines.append((sent, report["form"], json.dumps(made, ensure_ascii=False)))
        return sent

    def _on_purpose(self) -> None:
        """A large event at three in the night, a supporter who is affected herself, and one event in each department in
        which all supporters of a profession work.
        """
        mass = [self._of(department, n) for department in ("emergency", "or", "icu") for n in range(3)]
        self._happens("9101", datetime(YEAR, 5, 17, 3, tzinfo=AMSTERDAM), "icu", mass, "death")
        affected = next(row for row in self.staff if row["supporter"] == "yes" and row["profession"] == "nurse")
        beside = next(row for row in self.staff if row["department"] == affected["department"] and row["manager"])
        self._happens("9102", datetime(YEAR, 3, 12, 14, tzinfo=AMSTERDAM), "", [affected, beside], "severe")
        for profession, department in self.example.narrow.items():
            peers = [r for r in self.staff if r["profession"] == profession and r["department"] == department]
            plain = [row for row in peers if row["supporter"] == "no"][:1]
            self._happens("9103", datetime(YEAR, 9, 3, 11, tzinfo=AMSTERDAM), department, plain, "severe")

    def _of(self, department: str, n: int) -> dict[str, str]:
        """The n-th nurse, or whoever there is, of a department, who is no supporter."""
        plain = [r for r in self.staff if r["department"] == department and r["manager"] and r["supporter"] == "no"]
        return sorted(plain, key=lambda row: (row["profession"] != "nurse", row["staff_id"]))[n]

    def _happens(
        self, number: str, occurred: datetime, department: str, people: list[dict[str, str]], harm: str
    ) -> None:
        """One report of exactly this, told by the canonical event within the hour."""
        report = self._report(int(number), occurred) | {
            "form": "events",
            "reported": occurred + timedelta(minutes=25),
            "kind": "actual",
            "harm": harm,
            "event": "procedure",
            "calamity": "yes" if harm == "death" else "no",
            "department": _unit(department or people[0]["department"]),
            "people": [row["staff_id"] for row in people],
            "wish": "default",
        }
        self._send(report | {"id": f"{YEAR}-{number}"})

    def _break_some(self) -> None:
        """Broken as feeds break: cut off, a moment without zone, another hospital's, a later version of FHIR, no id."""
        ways = ("cut", "no_zone", "no_id", "other_hospital", "fhir_r5")
        ways = ways[:3] if self.example.broken == 3 else ways[3:]
        for n, way in enumerate(ways):
            at = self.lines[30 + 40 * n][0] + timedelta(minutes=7)
            report = self._report(9000 + n, at - timedelta(hours=5))
            form = "fhir" if way in ("cut", "fhir_r5") else "events"
            made = _fhir(report, at) if form == "fhir" else _event(self.example.id, report, at)
            line = json.dumps(_broken(way, made), ensure_ascii=False)
            self.lines.append((at, form, line[: len(line) // 2] if way == "cut" else line))


def _broken(way: str, made: dict[str, Any]) -> dict[str, Any]:
    if way == "no_zone":
        made["data"]["reported_at"] = made["data"]["reported_at"][:19]
    elif way == "no_id":
        made["data"]["source"].pop("report_id")
    elif way == "other_hospital":
        made["hospitalid"] = made["data"]["hospital_id"] = "elsewhere"
    elif way == "fhir_r5":
        made["status"] = "completed"
        made["code"] = made.pop("event")
        made["occurrenceDateTime"] = made.pop("date")
        for gone in ("severity", "contributor", "outcome"):
            made.pop(gone, None)
    return made


def _fhir(report: dict[str, Any], sent: datetime) -> dict[str, Any]:
    """As an FHIR R4 AdverseEvent; harm as outcome or severity, the reporter first among the people."""
    made: dict[str, Any] = {
        "resourceType": "AdverseEvent",
        "id": f"ae-{report['id']}",
        "meta": {"versionId": str(report["revision"]), "lastUpdated": _iso(sent)},
        "identifier": {"system": "urn:vim", "value": report["id"]},
        "actuality": "potential" if report["kind"] == "near_miss" else "actual",
        "event": {"coding": [{"system": "urn:naast:event-type", "code": report["event"]}]},
        "subject": {"reference": "Group/patients"},
        "date": _iso(report["occurred"]),
        "recordedDate": _iso(report["reported"]),
        "extension": [
            {"url": "urn:naast:calamity", "valueCode": report["calamity"]},
            {"url": "urn:naast:support-wish", "valueCode": report["wish"]},
        ],
    }
    if report["status"] != "new":
        made["extension"].append({"url": "urn:naast:status", "valueCode": report["status"]})
    if report["harm"] == "death":
        made["outcome"] = {"coding": [{"code": "fatal"}]}
    elif report["harm"] in ("low", "moderate", "severe"):
        made["severity"] = {"coding": [{"code": {"low": "mild"}.get(report["harm"], report["harm"])}]}
    if report["department"]:
        made["location"] = {"reference": f"Location/{report['department']}"}
    if report["people"]:
        made["recorder"] = {"reference": f"Practitioner/{report['people'][0]}"}
        made["contributor"] = [{"reference": f"Practitioner/{person}"} for person in report["people"][1:]]
    return {key: value for key, value in made.items() if value != []}


def _event(hospital: str, report: dict[str, Any], sent: datetime) -> dict[str, Any]:
    """As a canonical CloudEvent."""
    word = {"new": "reported"}.get(report["status"], report["status"])
    staff = [{"ref": person, "role": "involved" if n else "reporter"} for n, person in enumerate(report["people"])]
    return {
        "specversion": "1.0",
        "id": f"{hospital}-{report['id']}-{report['revision']}",
        "source": f"urn:naast:{hospital}:vim",
        "type": f"nl.peersupport.incident.{word}.v1",
        "time": _iso(sent),
        "hospitalid": hospital,
        "data": {
            "hospital_id": hospital,
            "source": {
                "system": "vim",
                "report_id": report["id"],
                "revision": str(report["revision"]),
                "mapping": "vim@1",
            },
            "occurred_at": {"value": _iso(report["occurred"]), "precision": "minute"},
            "reported_at": _iso(report["reported"]),
            "status": report["status"],
            "kind": report["kind"],
            "event_types": [report["event"]],
            "harm": report["harm"],
            "calamity": report["calamity"],
            "department": report["department"],
            "staff": staff,
            "support_wish": report["wish"],
            "anonymous": False,
            "language": "nl",
        },
    }


def files(example: Example) -> Iterator[tuple[Path, str]]:
    """Every file of an example, by its path below the examples' folder."""
    staff = make_staff(example)
    with tempfile.TemporaryDirectory() as folder:
        yield Path(example.id) / "hospital.toml", write(Path(folder), settings(example, staff)).read_text("utf-8")
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(staff)
    yield Path(example.id) / "staff.csv", table.getvalue()
    year = Year(example, staff, random.Random(example.seed + 1))
    year.make()
    months: dict[str, list[str]] = {}
    for at, form, line in year.lines:
        months.setdefault(f"{at.astimezone(AMSTERDAM):%Y-%m}.{form}.ndjson", []).append(line)
    for name, lines in sorted(months.items()):
        yield Path(example.id) / "feeds" / name, "\n".join(lines) + "\n"


def main() -> int:
    """Writes or checks the files. 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    check = parser.parse_args().check
    stale = []
    for example in EXAMPLES:
        for path, text in files(example):
            target = ROOT / path
            if not target.exists() or target.read_text("utf-8") != text:
                stale.append(path)
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    for path in stale if check else []:
        print(f"deploy/examples/{path} is stale: run python deploy/examples/generate.py", file=sys.stderr)
    return 1 if check and stale else 0


def _pick(chance: random.Random, weights: dict[Any, int]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


def _unit(department: str) -> str:
    """What the reporting system calls a department."""
    return f"U-{department.upper().replace('_', '-')}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
