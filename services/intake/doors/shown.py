"""A report as the coordinator sees it: codes, how everybody stands, and who that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.protocol.states import OPEN, Person, Report
from services.intake.tables import Contact

Contacts = Mapping[str, Contact]


def status(report: Report) -> str:
    """One word for where a report stands."""
    if report.erased and not report.people and not report.reasons:
        return "erased"
    if report.dismissed or report.status == "withdrawn":
        return "dismissed" if report.dismissed else "withdrawn"
    if report.reasons:
        return "waiting"
    if report.with_standing("prepared"):
        return "prepared"
    return "offered" if report.with_standing(*OPEN) else "taken"


def report_in_short(report: Report, contacts: Contacts) -> dict[str, Any]:
    """A line of the list: by staff numbers, without names."""
    return _report(report) | {"people": [_person(person, contacts) for person in report.people]}


def report_in_full(report: Report, contacts: Contacts) -> dict[str, Any]:
    """Everything that is known of a report, with names."""
    more = report.model_dump(mode="json", include={"harm", "calamity", "kind", "department", "anonymous", "revision"})
    people = [_person(person, contacts) | {"name": _name(person, contacts)} for person in report.people]
    return _report(report) | more | {"versions": len(report.seen), "support_wish": report.wish, "people": people}


def _report(report: Report) -> dict[str, Any]:
    codes = report.model_dump(
        mode="json", include={"event_types", "received_at", "t0", "due_at", "reasons", "too_old", "door"}
    )
    return {"report": report.id, "system": report.system, "report_id": report.number, "status": status(report)} | codes


def _person(person: Person, contacts: Contacts) -> dict[str, Any]:
    card = contacts.get(person.staff)
    return {
        "staff_id": card.staff_id if card else None,
        "case": person.case if person.standing in OPEN else None,
        "role": person.role,
        "standing": person.standing,
        "offered": person.standing in OPEN,
    }


def _name(person: Person, contacts: Contacts) -> str | None:
    card = contacts.get(person.staff)
    return card.name if card else None
