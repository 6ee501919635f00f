"""A year of incident reports of one example hospital, with what a year holds on purpose. All of it is invented."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from forms import event, fhir
from hospitals import AMSTERDAM, YEAR, Example, unit

HARM = {"none": 40, "low": 30, "moderate": 18, "severe": 8, "death": 4}
EVENTS = {
    "medication": 28, "fall": 18, "procedure": 14, "equipment": 9, "aggression": 9, "resuscitation": 6, "other": 6,
    "infection_exposure": 5, "transfusion": 3, "patient_death": 3, "complaint": 3, "suicide_attempt": 1,
    "disciplinary_complaint": 1,
}  # fmt: skip


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
            "department": unit(first["department"]) if chance.random() < 0.97 else None,
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
        made = fhir(report, sent) if report["form"] == "fhir" else event(self.example.id, report, sent)
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
            "department": unit(department or people[0]["department"]),
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
            made = fhir(report, at) if form == "fhir" else event(self.example.id, report, at)
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


def _pick(chance: random.Random, weights: dict[Any, int]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]
