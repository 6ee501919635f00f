"""One report, step by step: a version is taken in, people are named, prepared and marked; why it waits. Pure.

A report is a state of facts: which versions came, who is named and how each stands. The rest follows from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from services.intake.protocol.rules import RULES, Again, Offer, Receipt, offered_by_itself, veto_window
from services.intake.protocol.states import OPEN, PENDING, Person, Report, Standing
from shared.hospital import Hospital
from shared.messages.intake import Involved, TakeReport
from shared.rulebook import InForce

#: Why a report waits whose cases were erased: a version of it came.
ERASED_BEFORE = "erased_before"


class Step(NamedTuple):
    """A report after a version was taken in, and who was taken off it."""

    report: Report
    removed: tuple[Person, ...]


def rules_of(hospital: Hospital, now: datetime) -> InForce:
    """The rules of intake as they hold for this hospital today."""
    return RULES.at(now, hospital)


def is_stale(report: Report, version: TakeReport) -> bool:
    """Whether this version says nothing new: it came before, or a later one did."""
    if version.key in report.seen:
        return True
    if version.revision is None or report.revision is None:
        return False
    new, last = _rank(version.revision), _rank(report.revision)
    # Some sources withdraw a report without a new revision.
    return new < last or (new == last and version.status != "withdrawn")


def _rank(revision: str) -> tuple[int, int, str]:
    number = int(revision) if revision.isascii() and revision.isdigit() else 0
    return (0, number, "") if number or revision == "0" else (1, 0, revision)


def take(report: Report, version: TakeReport, known: Iterable[str], now: datetime, rules: InForce) -> Step:
    """The report with this version of it. `known`: the staff refs among the named that are on the staff list."""
    first = report.received_at is None
    after: Report = report.but(
        seen=(*report.seen, version.key),
        system=version.system,
        number=version.number,
        revision=version.revision if version.revision is not None else report.revision,
        status=version.status,
        kind=version.kind,
        harm=version.harm,
        calamity=version.calamity,
        event_types=version.event_types,
        wish=version.support_wish,
        anonymous=version.anonymous,
        **_department(report, version),
        received_at=now if first else report.received_at,
        withdrawn_late=False,
    )
    removed, people = _people(report, version, frozenset(known))
    after = after.but(people=people)
    fresh = {person.staff for person in after.present} - {person.staff for person in report.present}
    new_cause = not first and bool(set(after.causes) - set(report.causes))
    news = not first and bool(new_cause or fresh or report.erased)
    t0 = max(version.occurred_at or version.reported_at, version.reported_at) if first else report.t0
    age = now - (version.occurred_at or version.reported_at)
    too_old = bool(rules.broken(Receipt(age))) if first else report.too_old
    # An amendment that gives cause starts the clocks; for what was old when it first came, nothing starts by itself.
    after = after.but(t0=now if news and not too_old else t0, too_old=too_old)
    after = after.but(dismissed=report.dismissed and not news, stopped=report.stopped and not new_cause)
    return Step(_again_after_erasure(after) if report.erased else after, removed)


def _again_after_erasure(report: Report) -> Report:
    """The coordinator looks at it, also when she did so at an earlier version."""
    accepted = tuple(reason for reason in report.accepted if reason != ERASED_BEFORE)
    return report.but(came_again=True, accepted=accepted)


def _department(report: Report, version: TakeReport) -> dict[str, object]:
    """What the coordinator set is not undone by a version that still says nothing."""
    if version.department is None and report.department is not None:
        return {"department": report.department, "department_given": report.department_given}
    return {"department": version.department, "department_given": version.department_given}


def _people(
    report: Report, version: TakeReport, known: frozenset[str]
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Who is taken off the report, and everybody as they stand now."""
    named = {one.staff: one for one in version.staff}
    withdrawn = version.status == "withdrawn"
    removed, people = [], []
    for person in report.people:
        one = named.pop(person.staff, None)
        if one is not None and not withdrawn:
            people.append(_again(person, one, version, known))
        elif person.standing in OPEN if withdrawn else person.named:
            people.append(person)
        else:
            removed += [person] if person.standing == "offered" else []
            people.append(
                person if person.standing in ("offered", "kept", "settled") else person.but(standing="removed")
            )
    if not withdrawn and not report.erased:  # else one of them may be she whose case was erased
        people += [_fresh(one, version.support_wish, known) for one in named.values()]
    return tuple(removed), tuple(people)


def _again(person: Person, one: Involved, version: TakeReport, known: frozenset[str]) -> Person:
    """Somebody whom the report names again."""
    if person.standing == "kept":
        return person.but(standing="offered", role=one.role, next_case=one.case, next_colleague=one.colleague)
    if person.standing == "removed":
        return _fresh(one, version.support_wish, known)
    if person.standing in ("offered", "settled"):
        return person.but(role=one.role)
    wish = person.wish if person.named else version.support_wish
    standing = _standing(one.staff, wish, known)
    return person.but(role=one.role, wish=wish, standing=standing, round=person.round if standing == "prepared" else 0)


def _fresh(one: Involved, wish: str, known: frozenset[str], named: bool = False) -> Person:
    standing = _standing(one.staff, wish, known)
    return Person(**one.model_dump(), standing=standing, named=named, wish=wish)


def _standing(staff: str, wish: str, known: frozenset[str]) -> Standing:
    if staff not in known:
        return "unknown"
    return "declined" if wish == "declined" else "prepared"


def name(
    report: Report, staff: Iterable[Involved], known: Iterable[str], now: datetime
) -> tuple[Report, tuple[Person, ...]]:
    """The report after the coordinator said who was involved, and those who can be offered support now."""
    there, familiar = {person.staff: person for person in report.present}, frozenset(known)
    people = {p.staff: p.but(standing="settled") if p.standing == "unknown" else p for p in report.people}
    for one in staff:
        before = there.get(one.staff)
        if before is None or before.standing == "unknown":
            people[one.staff] = _fresh(one, "default", familiar, named=True)
        else:
            people[one.staff] = before.but(named=True)
    chosen = {one.staff for one in staff}
    after: Report = report.but(people=tuple(people.values()), dismissed=False, t0=now)
    return after, tuple(person for person in after.people if person.staff in chosen and person.standing == "prepared")


def recognise(report: Report, known: Iterable[str]) -> Report:
    """The report after another look at the staff list: the unknown may be on it now, the prepared may have left."""
    familiar = frozenset(known)
    people = [
        person.but(standing=_standing(person.staff, person.wish, familiar))
        if person.standing in ("unknown", "prepared")
        else person
        for person in report.people
    ]
    return report.model_copy(update={"people": tuple(people)})


def next_case(person: Person) -> Person:
    """Somebody who was named again before her withdrawn case was closed, ready for the next one."""
    fresh = {"case": person.next_case, "colleague": person.next_colleague, "next_case": "", "next_colleague": ""}
    return person.but(**fresh, standing="prepared")


def why_not(person: Person, rules: InForce) -> tuple[str, ...]:
    """The rules that forbid an offer to this person."""
    return rules.broken(Offer(has_offer=person.standing in OPEN, support_wish=person.wish))


def prepare(report: Report, rules: InForce) -> tuple[Report, timedelta | None]:
    """Puts whoever can be offered support by itself in a veto window.

    The window; zero: it goes out now; None: nobody is new in one.
    """
    by_itself = offered_by_itself(rules, report.incident) and not rules.broken(Again(report.erased))
    if report.status == "withdrawn" or not by_itself or report.too_old or report.stopped:
        return _moved(report, "prepared", round=0), None
    window = veto_window(rules, report.incident)
    waiting = [person for person in report.with_standing("prepared") if person.round == 0 or not window]
    if not waiting:
        return report, None
    after: Report = report.but(round=report.round + 1)
    return _moved(after, "prepared", {person.staff for person in waiting}, round=after.round), window


def mark(report: Report, people: Iterable[Person], standing: Standing) -> Report:
    """The report with these people in this standing."""
    chosen = {person.staff for person in people}
    moved = [p.but(standing=standing, round=0) if p.staff in chosen else p for p in report.people]
    return report.model_copy(update={"people": tuple(moved)})


def _moved(report: Report, standing: Standing, staff: set[str] | None = None, **changes: object) -> Report:
    people = tuple(
        p.but(**changes) if p.standing == standing and (staff is None or p.staff in staff) else p for p in report.people
    )
    return report.model_copy(update={"people": people})


def reasons(report: Report) -> tuple[str, ...]:
    """Why the coordinator must look at this report, in a fixed order; empty when there is nothing to do."""
    if report.dismissed:
        return ()
    found = (
        tuple(_stand(report)) if report.status != "withdrawn" else ("withdrawn_after_offer",) * report.withdrawn_late
    )
    return tuple(reason for reason in found if reason not in report.accepted)


def _stand(report: Report) -> Iterator[str]:
    prepared, offered = report.with_standing("prepared"), report.with_standing("offered", "kept", "declined")
    if report.department is None and not report.erased:
        yield "department_unknown" if report.department_given else "department_missing"
    if report.with_standing("unknown"):
        yield "staff_unknown"
    if report.came_again:
        yield ERASED_BEFORE
    if not report.present and not report.erased:
        yield "anonymous" if report.anonymous else "nobody_named"
    if report.too_old and (prepared or not offered):
        yield "too_old"
    if not report.too_old and any(person.round == 0 for person in prepared):
        yield "awaits_coordinator"
    if report.with_standing("kept"):
        yield "person_removed_after_contact"


def forget(report: Report, case: str) -> Report:
    """The report after a case of it was erased. With the last one everybody leaves it, and what it told."""
    people = tuple(person for person in report.people if person.case != case)
    if any(person.standing in (*OPEN, *PENDING) for person in people):
        return report.but(people=people, erased=True)
    nobody = Report(hospital=report.hospital, id=report.id)
    kept = {name: getattr(report, name) for name in ("revision", "received_at", "door", "came_again", "accepted")}
    return nobody.but(**kept, erased=True)
