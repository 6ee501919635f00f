"""Doors without a report: somebody asks for herself or for another, the coordinator for anybody or for a team. Pure.

What is asked for is offered at once (INTAKE-18), as a report of its own that knows nothing but who and by which door.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.intake.protocol import near
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.rules import OpenDoor, Opening
from services.intake.protocol.states import Link, Person, Report, Staff
from shared.engine.world import Said, World
from shared.messages import intake
from shared.messages.intake import CallGroup, Door, Refer

#: The system that such a report comes from.
SYSTEM = "naast"


def ask(world: World, word: Refer | CallGroup) -> Iterator[Said]:
    if world.get(Report, word.report).received_at is not None:
        return
    if refused := _why_not(world, word):
        yield intake.Refused(regarding=word.report, command=word.name, rule=refused)
    elif isinstance(word, CallGroup):
        yield from _call(world, word)
    elif world.get(Staff, word.colleague.staff).active:
        yield from _refer(world, word)


def closed(world: World, case: str) -> Iterator[Said]:
    """The door by which a case came stands open again for her."""
    link = world.get(Link, case)
    if link.door == "report" or not link.staff:
        return
    staff = world.get(Staff, link.staff)
    if staff.doors.get(link.door) == case:
        yield staff.but(doors={door: one for door, one in staff.doors.items() if one != case})


def _why_not(world: World, word: Refer | CallGroup) -> str:
    """The rule that forbids it, if any; who may is looked at first."""
    rules = rules_of(world.hospital, world.now)
    only = "INTAKE-17" if isinstance(word, CallGroup) or word.door == "coordinator" else "INTAKE-12"
    if not rules.may(only, word.by_role):
        return only
    if isinstance(word, CallGroup):
        return ""
    staff = world.get(Staff, word.colleague.staff)
    broken = rules.broken(_opening(world, word, staff)) or rules.broken(OpenDoor(word.door in staff.doors))
    return broken[0] if broken else ""


def _opening(world: World, word: Refer, staff: Staff) -> Opening:
    department = world.hospital.departments.get(staff.department)
    return Opening(
        door=word.door,
        agreed=department.doors if department else (),
        oneself=word.by_staff == staff.id,
        in_line=word.by_staff in near.line(world, staff),
    )


def _refer(world: World, word: Refer) -> Iterator[Said]:
    staff, person = world.get(Staff, word.colleague.staff), _person(word.colleague)
    report = _report(world, word.report, word.door, word.event_types, person, staff.department)
    yield from _offer(world, report, near.colleague(world, person, ()))
    yield staff.but(doors=staff.doors | {word.door: person.case})


def _call(world: World, word: CallGroup) -> Iterator[Said]:
    """A team is a case like any other; whoever called receives the supporter there."""
    person = _person(word.caller)
    report = _report(world, word.report, "group", word.event_types, person, word.department)
    caller = near.colleague(world, person, ())
    team = caller.model_copy(update={"profession": word.profession, "department": word.department})
    yield from _offer(world, report, team)


def _offer(world: World, report: Report, colleague: intake.Colleague) -> Iterator[Said]:
    started: datetime = world.now
    yield intake.SupportOffered(
        report=report.id, t0=started, event_types=report.event_types, door=report.door, colleagues=(colleague,)
    )
    [person] = report.people
    yield Link(
        hospital=world.hospital.id,
        id=person.case,
        staff=person.staff,
        colleague=person.colleague,
        report=report.id,
        door=report.door,
    )
    yield report


def _person(one: intake.Involved) -> Person:
    return Person(staff=one.staff, case=one.case, colleague=one.colleague, role=one.role, standing="offered")


def _report(world: World, id: str, door: Door, event_types: tuple[str, ...], person: Person, department: str) -> Report:
    return Report(
        hospital=world.hospital.id,
        id=id,
        system=SYSTEM,
        door=door,
        kind="actual",
        event_types=event_types,
        department=department,
        department_given=True,
        received_at=world.now,
        t0=world.now,
        people=(person,),
    )
