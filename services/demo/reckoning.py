"""What came of the year: the figures that people read, and those of the outside count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from statistics import median
from typing import Any

from services.demo.hospital_year import HospitalYear
from services.house.embedded import House


@dataclass
class Figures:
    """The figures of one hospital, or of all together.

    hours_to_contact: from t0 to the first contact, of every case in which there was one. waited: cases that were to be
    contacted, because nobody declined and nothing was withdrawn before.
    """

    reports: int = 0
    duplicates: int = 0
    quarantined: int = 0
    offers: int = 0
    matched: int = 0
    match_failed: int = 0
    conversations: int = 0
    not_allowed: dict[str, int] = field(default_factory=dict)
    large_events: int = 0
    extensions: int = 0
    handed_over: int = 0
    not_reached: int = 0
    overdue: int = 0
    closed: int = 0
    open: int = 0
    erased: int = 0
    lost: int = 0
    doubled: int = 0
    hours_to_contact: tuple[float, ...] = ()
    waited: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together."""
        numbers: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in _SUMMED}
        return Figures(**numbers, not_allowed=dict(Counter(self.not_allowed) + Counter(other.not_allowed)))

    @property
    def median_hours(self) -> float | None:
        """The median of the hours from t0 to the first contact."""
        return round(median(self.hours_to_contact), 1) if self.hours_to_contact else None

    @property
    def share_in_time(self) -> float | None:
        """Which share of those who waited was contacted within 72 hours."""
        return round(sum(h <= 72 for h in self.hours_to_contact) / self.waited, 3) if self.waited else None


_SUMMED = tuple(f.name for f in fields(Figures) if f.name != "not_allowed")


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
        del numbers["hours_to_contact"], numbers["waited"]
        numbers |= {
            "median_hours_to_first_contact": total.median_hours,
            "share_contacted_within_72h": total.share_in_time,
        }
        return {
            "hospitals": len(self.hospitals),
            **numbers,
            "simulated_days": self.simulated_days,
            "seconds": round(self.seconds, 1),
        }


async def reckon(house: House, years: Iterable[HospitalYear], now: datetime, days: int, seconds: float) -> Reckoning:
    """Holds what was seen through the product's doors, and its journals, against feeds and diaries."""
    hospitals, timelines, differences = {}, [], {}
    for year in years:
        await year.observer.look_back()
        cases = year.observer.cases
        year.ledger.compare_reports(year.observer.reports, year.observer.offered)
        _compare_diaries(year, cases)
        _compare_deeds(year, cases, now)
        hospitals[year.id] = _figures(year, cases, _refused(house, year.id))
        timelines += [(year.id, case["case"], _lines(case)) for case in _telling(cases)]
        ledger = year.ledger
        differences[year.id] = {**_named("lost", ledger.lost), **_named("doubled", ledger.doubled)}
    return Reckoning(hospitals, timelines, differences, days, seconds)


def _figures(year: HospitalYear, cases: list[dict[str, Any]], refused: dict[str, int]) -> Figures:
    ledger = year.ledger
    waited = [case for case in cases if case["first_contact_at"] or case["ending"] not in ("declined", "withdrawn")]
    return Figures(
        reports=year.answers.get("taken", 0),
        duplicates=year.answers.get("duplicates", 0),
        quarantined=year.answers.get("quarantined", 0),
        offers=len(cases),
        matched=sum(case["supporter"] is not None for case in cases),
        match_failed=sum(kind == "find_supporter" for _, kind in year.seen_tasks),
        conversations=sum(case["conversations_held"] for case in cases),
        not_allowed=refused,
        large_events=sum(kind == "large_event" for _, kind in year.seen_tasks),
        extensions=sum(case["extensions"] for case in cases),
        handed_over=sum(case["ending"] == "handed_over" for case in cases),
        not_reached=sum(case["ending"] == "not_reached" for case in cases),
        overdue=sum(len(case["missed"]) for case in cases),
        closed=sum(case["state"] == "closed" for case in cases),
        open=sum(case["state"] != "closed" for case in cases),
        erased=year.observer.erased,
        lost=ledger.lost.total(),
        doubled=ledger.doubled.total(),
        hours_to_contact=tuple(_hours(case) for case in cases if case["first_contact_at"]),
        waited=len(waited),
    )


def _hours(case: dict[str, Any]) -> float:
    """From t0 to the first contact."""
    spoke, began = (datetime.fromisoformat(case[name]) for name in ("first_contact_at", "t0"))
    return (spoke - began).total_seconds() / 3600


def _compare_diaries(year: HospitalYear, cases: list[dict[str, Any]]) -> None:
    """What people did and were told is done, against what the cases came to."""
    diaries = Counter(entry.what for person in year.people.values() for entry in person.diary)
    ledger = year.ledger
    ledger.compare("conversation", diaries["conversation"], sum(case["conversations_held"] for case in cases))
    ledger.compare("contact", diaries["contact"], sum(case["first_contact_at"] is not None for case in cases))
    ledger.compare("attempt", diaries["attempt"], sum(case["attempts"] for case in cases))
    wanted_none = diaries["want_none"] + diaries["stop"]
    ledger.compare("decline", wanted_none, sum(case["ending"] == "declined" for case in cases))
    not_reached = diaries["not_reached"] + year.deeds["not_reached"]
    ledger.compare("not reached", not_reached, sum(case["ending"] == "not_reached" for case in cases))
    letters = Counter(letter for person in year.people.values() for letter in person.letters)
    ledger.compare("letter", len(letters), letters.total())
    ledger.lost["not recorded"] += diaries["not_recorded"] + year.deeds["not_recorded"]


def _compare_deeds(year: HospitalYear, cases: list[dict[str, Any]], now: datetime) -> None:
    """What the coordinator did is done, and what should be forgotten is."""
    ledger = year.ledger
    ledger.compare("extension", year.deeds["extension"], sum(case["extensions"] for case in cases))
    handed_over = sum(case["ending"] == "handed_over" for case in cases)
    ledger.compare("letter to somebody who is away", 0, year.letters_while_away())
    ledger.compare("hand-over", year.deeds["handed_over"], handed_over)
    forgotten, due = year.observer.erased, year.observer.should_be_erased(now)
    ledger.compare("erasure", due, min(forgotten, due))


def _refused(house: House, hospital: str) -> dict[str, int]:
    """How often each rule refused a command, as Prometheus sees it: journals forget what is erased."""
    counts: Counter[str] = Counter()
    for family in house.common.metrics.registry.collect():
        for sample in family.samples:
            if sample.name == "naast_refusals_total" and sample.labels["hospital"] == hospital:
                counts[sample.labels["rule"]] += int(sample.value)
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
