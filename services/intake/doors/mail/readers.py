"""Who reads letters: what the letters of a batch to one hospital need is read at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake import tables
from services.intake.doors.coordinators import reachable
from services.intake.protocol.links import opens
from services.intake.protocol.states import Link, Staff
from services.intake.tables import Contact
from shared.db import Transaction
from shared.hospital import Hospital
from shared.messages.intake import Notice


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter, and the ref that a link stands for: none for a coordinator, who has a key, or where it would
    be for nothing.
    """

    contact: Contact
    person: str = ""


#: What joins the case and the people, by case.
Links = Mapping[str, Link]


async def links_of(c: Transaction, hospital: Hospital, notices: Iterable[Notice]) -> Links:
    """The links that these letters are about, as they are now."""
    about = [notice.regarding for notice in notices if notice.to in ("colleague", "supporter")]
    return await tables.read_states(c, Link, hospital.id, about)


async def readers_of(
    c: Transaction, hospital: Hospital, notices: Sequence[Notice], links: Links, now: datetime
) -> list[list[Reader]]:
    """Who must read each of these letters and has an address: the one person whom it is for, or the coordinators on
    duty; else whoever of them, or of their deputies, can be reached. Nobody writes to somebody who left.
    """
    people = [_person(notice, links) for notice in notices]
    contacts = await tables.read_contacts(c, hospital.id, [staff for staff, _ in people if staff])
    staff_of = await tables.read_states(c, Staff, hospital.id, contacts)
    contacts = {ref: card for ref, card in contacts.items() if ref not in staff_of or staff_of[ref].active}
    duty: list[Reader] = []
    if not all(map(_is_for_one, notices)):
        duty = [Reader(one) for one in await reachable(c, hospital, now, lambda one: one.mail)]
    return [
        (_one(contacts.get(staff), person) if _is_for_one(notice) else duty)
        for notice, (staff, person) in zip(notices, people, strict=True)
    ]


def _is_for_one(notice: Notice) -> bool:
    return notice.to in ("colleague", "supporter") or bool(notice.person)


def _person(notice: Notice, links: Links) -> tuple[str, str]:
    """The staff ref of the one who reads it, and the ref that her link stands for, if it would be for anything; nothing
    for who is on duty.
    """
    link = links.get(notice.regarding)
    if notice.to == "supporter":
        ref = notice.person or notice.regarding
        return ref, ref if link is None or opens(link, "supporter", ref) else ""
    if notice.to != "colleague":
        return notice.person, ""
    if link is None:
        return "", ""
    ref = link.colleague or link.staff
    return link.staff, ref if opens(link, "colleague", ref) else ""


def _one(contact: Contact | None, person: str) -> list[Reader]:
    return [Reader(contact, person)] if contact is not None and contact.mail else []
