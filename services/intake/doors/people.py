"""The staff list comes in: names and addresses go to the contact table and nowhere else, codes to the engine.

The list is the whole list: who is not on it any more has left, unless a row of it could not be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from services.intake import tables
from services.intake.doors import leavers
from services.intake.doors.refs import Refs, staff_refs
from services.intake.doors.staff_csv import RowError, StaffFile, StaffRow, read_staff
from services.intake.protocol.states import Headcount, Staff
from services.intake.tables import Contact
from shared.beside import beside
from shared.engine.engine import BATCH
from shared.http.audit import Deed
from shared.messages import Command, Event
from shared.messages.intake import MeasureHeadcount, RecordStaff
from shared.service import Running


@dataclass(frozen=True, slots=True)
class Aside:
    """Somebody of the staff (a ref) or a profession of whom the list could not be recorded, and why."""

    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a staff list changes, or changed. same: rows that change nothing; left: people who are not on it now.
    set_aside: what it should have changed and did not; these count nowhere else, and come again with the next list.
    """

    rows: int
    new: int
    changed: int
    same: int
    left: int
    supporters: int
    errors: tuple[RowError, ...]
    set_aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What a list is held against: the staff, their cards and the headcounts, and the hospital's today. refs: of
    everybody whom the list names.
    """

    refs: Refs
    staff: Mapping[str, Staff]
    contacts: Mapping[str, Contact]
    counted: Mapping[str, Headcount]
    today: date


@dataclass(frozen=True, slots=True)
class _Plan:
    """What there is to do. new, changed, left: refs of the people whom it concerns; gone: of everybody
    who is not at work here any more, also where the list says so.
    """

    rows: tuple[StaffRow, ...]
    errors: tuple[RowError, ...]
    contacts: tuple[Contact, ...]
    commands: tuple[Command, ...]
    new: frozenset[str]
    changed: frozenset[str]
    left: frozenset[str]
    gone: frozenset[str]

    def imported(self, dead: Mapping[str, str]) -> Imported:
        """What it comes to when these (ref or profession, reason) are set aside."""
        return Imported(
            rows=len(self.rows),
            new=len(self.new - dead.keys()),
            changed=len(self.changed - dead.keys()),
            same=len(self.rows) - len(self.new) - len(self.changed),
            left=len(self.left - dead.keys()),
            supporters=sum(row.supporter and row.active for row in self.rows),
            errors=self.errors,
            set_aside=tuple(Aside(about, reason) for about, reason in sorted(dead.items())),
        )


async def import_staff(running: Running, hospital: str, raw: bytes, *, by: str = "", dry_run: bool = False) -> Imported:
    """Takes a staff list over; with `dry_run` only tells what would change. The same list again changes nothing.

    raw: a file as staff_csv reads it. Rows with errors are left out and the others are taken.
    """
    plan = await _plan(running, hospital, raw, by)
    if dry_run:
        return plan.imported({})
    await leavers.end_access(running, hospital, plan.gone)
    for start in range(0, len(plan.contacts), BATCH):
        async with running.database.begin() as c:
            await tables.save_contacts(c, hospital, plan.contacts[start : start + BATCH])
    dead = await _send(running, hospital, plan.commands)
    # A letter that left meanwhile may have made a link.
    await leavers.end_access(running, hospital, plan.gone - dead.keys())
    deeds = [Deed("staff_list"), *(Deed("staff_left", ref) for ref in sorted(plan.gone - dead.keys()))]
    await running.access.note(hospital, deeds, "coordinator", by)
    return plan.imported(dead)


async def _plan(running: Running, hospital: str, raw: bytes, by: str) -> _Plan:
    settings = running.hospital(hospital)
    file = await beside(len(raw), partial(read_staff, raw, settings))
    async with running.database.read() as c:
        staff = await tables.read_all(c, Staff, hospital)
        contacts = await tables.read_all_contacts(c, hospital)
        counted = await tables.read_all(c, Headcount, hospital)
    refs = await staff_refs(running, hospital, {number for row in file.rows for number in (row.staff_id, row.manager)})
    known = _Known(refs, staff, contacts, counted, running.clock.now().astimezone(settings.tz).date())
    return await beside(len(raw), partial(_compared, file, known, by))


def _compared(file: StaffFile, known: _Known, by: str) -> _Plan:
    """What a list asks for, beside what is known."""
    refs, staff, contacts = known.refs, known.staff, known.contacts
    rows = {refs[row.staff_id]: row for row in file.rows}
    cards = {ref: _contact(ref, row) for ref, row in rows.items()}
    records = {ref: _record(refs, row, by) for ref, row in rows.items()}
    # A row that could not be read is somebody who may well be there still.
    whole = file.rows and not file.errors
    missing = [one for ref, one in staff.items() if one.active and ref not in rows] if whole else []
    # Of who has left no new card is made: hers has gone, or goes.
    wrong_cards = {
        ref for ref, card in cards.items() if contacts.get(ref) != card and (ref in contacts or rows[ref].active)
    }
    wrong_codes = {ref for ref, record in records.items() if ref not in staff or not _says_the_same(staff[ref], record)}
    new = {ref for ref in rows if ref not in staff}
    headcounts = _headcounts(file.rows, known, by) if file.rows else ()
    return _Plan(
        rows=file.rows,
        errors=file.errors,
        contacts=tuple(cards[ref] for ref in sorted(wrong_cards)),
        commands=(
            *(records[ref] for ref in sorted(wrong_codes)),
            *(_leaving(one, by) for one in missing),
            *headcounts,
        ),
        new=frozenset(new),
        changed=frozenset((wrong_cards | wrong_codes) - new),
        left=frozenset(one.id for one in missing),
        gone=frozenset({one.id for one in missing} | {ref for ref in wrong_codes if not rows[ref].active}),
    )


def _contact(ref: str, row: StaffRow) -> Contact:
    return Contact(
        staff=ref,
        staff_id=row.staff_id,
        name=row.name,
        function=row.function,
        mail=row.mail,
        phone=row.phone,
        channel=row.channel,
        language=row.languages[0],
    )


def _record(refs: Refs, row: StaffRow, by: str) -> RecordStaff:
    return RecordStaff(
        by_role="coordinator",
        by=by,
        person=refs[row.staff_id],
        profession=row.profession,
        department=row.department,
        site=row.site,
        languages=row.languages,
        line=refs[row.manager] if row.manager else None,
        active=row.active,
        supporter=row.supporter,
        trained_on=row.trained_on,
        intervisie_on=row.intervisie_on,
    )


def _leaving(staff: Staff, by: str) -> RecordStaff:
    codes = staff.model_dump(include=set(RecordStaff.model_fields))
    return RecordStaff(**codes | {"by_role": "coordinator", "by": by, "person": staff.id, "active": False})


def _says_the_same(staff: Staff, record: RecordStaff) -> bool:
    codes = record.model_dump(exclude={"by_role", "by", "person", "supporter"})
    return all(getattr(staff, name) == value for name, value in codes.items()) and staff.listed == record.supporter


def _headcounts(rows: Iterable[StaffRow], known: _Known, by: str) -> Iterable[MeasureHeadcount]:
    counted, now = known.counted, Counter(row.profession for row in rows if row.active)
    for code in sorted(now.keys() | counted.keys()):
        if code not in counted or counted[code].headcount != now[code]:
            yield MeasureHeadcount(by_role="coordinator", by=by, profession=code, headcount=now[code], on=known.today)


async def _send(running: Running, hospital: str, commands: Sequence[Command]) -> dict[str, str]:
    """Gives these to the engine. Returns what was set aside: what it is about, and why."""
    dead: dict[str, str] = {}
    most = running.engine.at_once
    for start in range(0, len(commands), most):
        now, part = running.clock.now(), commands[start : start + most]
        ids = [running.mint.event_id() for _ in part]
        batch = [Event(id, hospital, now, command, correlation=id) for id, command in zip(ids, part, strict=True)]
        outcome = await running.engine.take(batch)
        dead |= {event.subject: outcome.dead[event.id] for event in batch if event.id in outcome.dead}
    return dead
