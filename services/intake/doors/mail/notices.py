"""Notices leave by mail: neutral, in the reader's language, with a link and nothing that tells what it is about.

A letter names a template and a ref; only here a ref becomes an address. Mail is at-least-once: a second copy after a
crash has the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateNotFound

from services.intake import tables
from services.intake.doors.coordinators import reachable
from services.intake.doors.mail.post import Letter, Letterbox, NotNow, Post, SmtpPost, Undeliverable, post_of
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.states import Link
from services.intake.protocol.wanted import is_wanted
from services.intake.tables import Contact
from shared.bus.letters import Carrier
from shared.bus.steady import told
from shared.db import Transaction, is_passing
from shared.hospital import Hospital
from shared.messages import Event, Message, Role
from shared.messages.intake import Notice, NoticeGone
from shared.service import Running

#: For so long a letter that could not be delivered is tried again.
PATIENCE = timedelta(hours=24)
LANGUAGES = ("nl", "en")

__all__ = ["LANGUAGES", "Letter", "Letterbox", "NotNow", "Post", "SmtpPost", "Undeliverable", "carrier", "render"]

#: The reason of a letter that was not sent, because by now it is not wanted (INTAKE-20) or has nobody to go to.
NOT_WANTED = "not_wanted"

Outcome = Literal["sent", "practice", "failed"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter, and the ref that a link stands for; none for a coordinator, who has a key."""

    contact: Contact
    person: str = ""


def carrier(running: Running) -> Carrier:
    """What the engine gives letters to. It says what became of each; nothing when it must be tried again."""
    post: Post | None = running.tools.get("post") or post_of(running.settings)

    async def carry(event: Event) -> Message | None:
        notice = event.data
        assert isinstance(notice, Notice)
        outcome, reason = await _deliver(running, post, event, notice)
        if outcome is None:
            return None
        running.metrics.notice(event.hospital, NOT_WANTED if reason == NOT_WANTED else outcome)
        return NoticeGone(
            regarding=notice.regarding, to=notice.to, template=notice.template, outcome=outcome, reason=reason
        )

    return carry


async def _deliver(running: Running, post: Post | None, event: Event, notice: Notice) -> tuple[Outcome | None, str]:
    hospital = running.hospitals.get(event.hospital)
    if hospital is None:
        return "failed", "unknown_hospital"
    if not await _is_wanted(running, hospital, notice):
        return "failed", NOT_WANTED
    if post is None or hospital.practice:
        return "practice", ""
    readers = [reader for reader in await _readers(running, hospital, notice) if reader.contact.mail]
    if not readers:
        return "failed", "no_address"
    outcomes = await _send_each(running, post, event, hospital, readers)
    return min(outcomes, key=lambda outcome: ("sent", None, "failed").index(outcome[0]))


async def _send_each(
    running: Running, post: Post, event: Event, hospital: Hospital, readers: list[Reader]
) -> list[tuple[Outcome | None, str]]:
    """Whoever can be reached is reached once, whatever is raised for another; raises that when it is raised for all."""
    outcomes: list[tuple[Outcome | None, str]] = []
    faults: list[Exception] = []
    for n, reader in enumerate(readers):
        try:
            outcomes.append(await _send(running, post, event, hospital, reader, n))
        except Exception as error:
            if is_passing(error):
                raise
            faults.append(error)
    if not outcomes:
        raise faults[0]
    for fault in faults:
        told(running.metrics, running.name, "letters", fault)
    return outcomes


async def _is_wanted(running: Running, hospital: Hospital, notice: Notice) -> bool:
    async with running.database.read() as c:
        link = await tables.read_state(c, Link, hospital.id, notice.regarding)
    return is_wanted(notice, link, rules_of(hospital, running.clock.now()))


async def _send(
    running: Running, post: Post, event: Event, hospital: Hospital, reader: Reader, n: int
) -> tuple[Literal["sent", "failed"] | None, str]:
    notice, now = event.data, running.clock.now()
    assert isinstance(notice, Notice)
    link = await _link(running, hospital, notice, reader)
    subject, body = render(notice.template, notice.to, _language(reader.contact, hospital), link)
    letter = Letter(to=reader.contact.mail, subject=subject, body=body, link=link, at=now, id=f"{event.id}.{n}")
    try:
        await post.send(letter)
    except Undeliverable as error:
        return "failed", f"smtp_{error.code}"
    except NotNow:
        return ("failed", "smtp_unreachable") if now - event.time > PATIENCE else (None, "")
    return "sent", ""


async def _readers(running: Running, hospital: Hospital, notice: Notice) -> list[Reader]:
    """Who must read it: one person, or the coordinators on duty; else whoever of them, or of their deputies, can be
    reached.
    """
    async with running.database.read() as c:
        if notice.to == "supporter":
            return await _one(c, hospital, notice.person or notice.regarding)
        if notice.to == "colleague":
            link = await tables.read_state(c, Link, hospital.id, notice.regarding)
            return await _one(c, hospital, link.staff, link.colleague) if link is not None else []
        return [Reader(one) for one in await reachable(c, hospital, running.clock.now(), lambda one: one.mail)]


async def _one(c: Transaction, hospital: Hospital, staff: str, person: str = "") -> list[Reader]:
    found = await tables.read_contacts(c, hospital.id, [staff])
    return [Reader(contact, person or staff) for contact in found.values()]


async def _link(running: Running, hospital: Hospital, notice: Notice, reader: Reader) -> str:
    """A link for one case; who must sign in anyhow gets the front door."""
    front, case = running.settings.public_url.rstrip("/"), notice.regarding
    if not case.startswith("c-") or not reader.person:
        return f"{front}/"
    return f"{front}/l/{await running.access.make_link(hospital.id, notice.to, reader.person, case)}"


def _language(reader: Contact, hospital: Hospital) -> str:
    return next((known for known in (reader.language, *hospital.languages) if known in LANGUAGES), "en")


@cache
def _mails() -> Environment:
    loader = PackageLoader("services.intake.doors.mail", "templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def render(template: str, to: Role, language: str, link: str) -> tuple[str, str]:
    """Subject and body of a notice: the first line and the rest of its text for this reader."""
    for name in _names(template, to, language):
        try:
            text = _mails().get_template(name).render(link=link)
        except TemplateNotFound:
            continue
        subject, _, body = text.partition("\n")
        return subject, body.lstrip("\n")
    raise LookupError("there is no text for this reader")


def _names(template: str, to: Role, language: str) -> Iterator[str]:
    """From the text for this very notice to that for anything that this reader should look at."""
    yield f"{to}/{template}.{language}.txt"
    yield f"{to}/any.{language}.txt"
    yield f"coordinator/any.{language}.txt"
