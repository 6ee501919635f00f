"""What came of the year: the figures that people read, and those of the outside count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import func, select

from services.demo.hospital_year import HospitalYear
from services.house import House


@dataclass
class Figures:
    """The figures of one hospital, or of all together."""

    reports: int = 0
    duplicates: int = 0
    quarantined: int = 0
    offers: int = 0
    matched: int = 0
    match_failed: int = 0
    conversations: int = 0
    not_allowed: dict[str, int] = field(default_factory=dict)
    overdue: int = 0
    closed: int = 0
    open: int = 0
    lost: int = 0
    doubled: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together."""
        numbers = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        return Figures(**numbers, not_allowed=dict(Counter(self.not_allowed) + Counter(other.not_allowed)))


_NUMBERS = tuple(f.name for f in fields(Figures) if f.name != "not_allowed")


@dataclass
class Reckoning:
    """The year as figures per hospital, and a few timelines: (hospital, case, lines)."""

    hospitals: dict[str, Figures]
    timelines: list[tuple[str, str, list[tuple[str, str]]]]
    differences: dict[str, dict[str, int]]
    simulated_days: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """One flat object; all but `seconds` is the same for the same seed."""
        total = Figures()
        for figures in self.hospitals.values():
            total = total.plus(figures)
        numbers = asdict(total) | {"not_allowed": dict(sorted(total.not_allowed.items()))}
        return {
            "hospitals": len(self.hospitals),
            **numbers,
            "simulated_days": self.simulated_days,
            "seconds": round(self.seconds, 1),
        }


async def reckon(house: House, years: Iterable[HospitalYear], days: int, seconds: float) -> Reckoning:
    """Reads the end state through the product's doors and its journals, and holds it against feeds and diaries."""
    hospitals, timelines, differences = {}, [], {}
    for year in years:
        cases = await _details(year)
        _, reports = await year.coordinate("GET", "reports?limit=1000", None, "")
        year.ledger.compare_reports(reports["reports"])
        _compare_diaries(year, cases)
        hospitals[year.id] = _figures(year, cases, await _said(house, year.id), await _refused(house, year.id))
        timelines += [(year.id, case["case"], _lines(case)) for case in _telling(cases)]
        ledger = year.ledger
        differences[year.id] = {**_named("lost", ledger.lost), **_named("doubled", ledger.doubled)}
    return Reckoning(hospitals, timelines, differences, days, seconds)


async def _details(year: HospitalYear) -> list[dict[str, Any]]:
    """Every case of the hospital as its coordinator sees it."""
    listed = (await year.coordinate("GET", "cases?limit=1000", None, ""))[1]["cases"]
    return [(await year.coordinate("GET", f"cases/{case['case']}?lang=en", None, ""))[1] for case in listed]


def _figures(
    year: HospitalYear, cases: list[dict[str, Any]], said: Mapping[str, int], refused: dict[str, int]
) -> Figures:
    ledger = year.ledger
    return Figures(
        reports=year.answers.get("taken", 0),
        duplicates=year.answers.get("duplicates", 0),
        quarantined=year.answers.get("quarantined", 0),
        offers=len(cases),
        matched=said["supporter_matched"],
        match_failed=said["match_failed"],
        conversations=said["conversation_held"],
        not_allowed=refused,
        overdue=said["clock_missed"],
        closed=sum(case["state"] == "closed" for case in cases),
        open=sum(case["state"] != "closed" for case in cases),
        lost=ledger.lost.total(),
        doubled=ledger.doubled.total(),
    )


def _compare_diaries(year: HospitalYear, cases: list[dict[str, Any]]) -> None:
    """What people did and were told is done, against what the cases say in the end."""
    diaries = Counter(entry.what for person in year.people.values() for entry in person.diary)
    ledger = year.ledger
    ledger.compare("conversation", diaries["conversation"], sum(case["conversations_held"] for case in cases))
    ledger.compare("contact", diaries["contact"], sum(case["first_contact_at"] is not None for case in cases))
    ledger.compare("attempt", diaries["attempt"], sum(case["attempts"] for case in cases))
    ledger.compare("decline", diaries["want_none"], sum(case["ending"] == "declined" for case in cases))
    letters = Counter(letter for person in year.people.values() for letter in person.letters)
    ledger.compare("letter", len(letters), letters.total())


async def _said(house: House, hospital: str) -> Counter[str]:
    """How often each kind of event was said, from the journals."""
    counts: Counter[str] = Counter()
    for running in house.services.values():
        journal = running.engine.store.t.journal
        query = select(journal.c.type, func.count()).where(journal.c.hospital == hospital).group_by(journal.c.type)
        async with running.database.read() as c:
            for type, count in await c.execute(query):
                counts[type.split(".")[2]] += count
    return counts


async def _refused(house: House, hospital: str) -> dict[str, int]:
    """How often each rule refused a command."""
    counts: Counter[str] = Counter()
    for running in house.services.values():
        journal = running.engine.store.t.journal
        refusals = journal.c.type.like("%.refused.v1") | journal.c.type.like("%_not_allowed.v1")
        async with running.database.read() as c:
            rows = await c.execute(select(journal.c.event).where(journal.c.hospital == hospital, refusals))
            counts.update(json.loads(event)["data"]["rule"] for event in rows.scalars())
    return dict(counts)


def _telling(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A case that went the whole way, and one in which a rule said no."""
    closed = [case for case in cases if case["ending"] == "completed"]
    whole = [case for case in closed if case["conversations_held"] == 2]
    refused = [case for case in closed if case["conversations_held"] >= 3]
    return whole[-1:] + refused[-1:]


def _lines(case: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["at"], line["text"]) for line in case["timeline"]]


def _named(word: str, counts: Counter[str]) -> dict[str, int]:
    return {f"{word} {what}": count for what, count in counts.items() if count}
