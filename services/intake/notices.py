"""Notices leave by mail: neutral, in the reader's language, with a link and nothing that tells what it is about.

A letter names a template and a ref; only here a ref becomes an address. Mail is at-least-once: a second copy after a
crash has the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateNotFound
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake import tables
from services.intake.state import Link
from services.intake.tables import Contact
from shared.bus.local import Carrier
from shared.hospital import Hospital
from shared.messages import Event, Message, Role
from shared.messages.intake import Notice, NoticeGone
from shared.service import Running
from shared.settings import Settings

#: For so long a letter that could not be delivered is tried again.
PATIENCE = timedelta(hours=24)
TIMEOUT = 10.0
LANGUAGES = ("nl", "en")

Outcome = Literal["sent", "practice", "failed"]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader gets it. `link` is the one that the body holds; `id` is the same for a second copy."""

    to: str = field(repr=False)
    subject: str
    body: str = field(repr=False)
    link: str = field(repr=False)
    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter, and the ref that a link stands for; none for a coordinator, who has a key."""

    contact: Contact
    person: str = ""


class Undeliverable(Exception):
    """This letter will never arrive. `code` is the mail server's, such as 550."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class NotNow(Exception):
    """It may arrive another time."""


class Post(Protocol):
    """Where letters go."""

    async def send(self, letter: Letter) -> None:
        """Hands a letter over. Raises Undeliverable or NotNow."""


class Letterbox:
    """Keeps letters instead of sending them, for whoever wants to read what people would receive."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    def take(self) -> list[Letter]:
        """What came since the last time."""
        letters, self.letters = self.letters, []
        return letters


class SmtpPost:
    """A mail server, as smtp://user:password@host:port; smtps:// encrypts from the first byte."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.sender = sender
        self.tls = parts.scheme == "smtps"
        self.host, self.port = parts.hostname or "localhost", parts.port
        self.user, self.password = unquote(parts.username or "") or None, unquote(parts.password or "") or None

    async def send(self, letter: Letter) -> None:
        try:
            await aiosmtplib.send(
                self._mail(letter),
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.tls,
                timeout=TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            code = _code(error)
            if 500 <= code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
                raise Undeliverable(code) from None
            raise NotNow from None

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.to, letter.subject
        mail["Message-ID"] = f"<{letter.id}@naast.invalid>"
        mail["Date"] = letter.at
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail


def _code(error: Exception) -> int:
    """What the mail server answered; of several recipients there is one."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    return int(getattr(error, "code", 0) or 0)


def post_of(settings: Settings) -> Post | None:
    """The mail server of this deployment; None when there is none."""
    if settings.smtp_url is None:
        return None
    return SmtpPost(settings.smtp_url.get_secret_value(), settings.mail_from)


def carrier(running: Running) -> Carrier:
    """What the engine gives letters to. It says what became of each; nothing when it must be tried again."""
    post: Post | None = running.tools.get("post") or post_of(running.settings)

    async def carry(event: Event) -> Message | None:
        notice = event.data
        assert isinstance(notice, Notice)
        outcome, reason = await _deliver(running, post, event, notice)
        if outcome is None:
            return None
        running.metrics.notice(event.hospital, outcome)
        return NoticeGone(
            regarding=notice.regarding, to=notice.to, template=notice.template, outcome=outcome, reason=reason
        )

    return carry


async def _deliver(running: Running, post: Post | None, event: Event, notice: Notice) -> tuple[Outcome | None, str]:
    hospital = running.hospitals.get(event.hospital)
    if hospital is None:
        return "failed", "unknown_hospital"
    if post is None or hospital.practice:
        return "practice", ""
    readers = [reader for reader in await _readers(running, hospital, notice) if reader.contact.mail]
    if not readers:
        return "failed", "no_address"
    outcomes = [await _send(running, post, event, hospital, reader, n) for n, reader in enumerate(readers)]
    return min(outcomes, key=lambda outcome: ("sent", None, "failed").index(outcome[0]))


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
    """Who must read it: one person, or the coordinators; their deputies when none of them can be reached."""
    async with running.database.read() as c:
        if notice.to == "supporter":
            return await _one(c, hospital, notice.person or notice.regarding)
        if notice.to == "colleague":
            link = await tables.read_state(c, Link, hospital.id, notice.regarding)
            return await _one(c, hospital, link.staff, link.colleague) if link is not None else []
        for staff_ids in (hospital.coordinators, hospital.deputies):
            found = (await tables.read_contacts_by_id(c, hospital.id, staff_ids)).values()
            if any(contact.mail for contact in found):
                return [Reader(one) for one in sorted(found, key=lambda one: staff_ids.index(one.staff_id))]
    return []


async def _one(c: AsyncConnection, hospital: Hospital, staff: str, person: str = "") -> list[Reader]:
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
    loader = PackageLoader("services.intake", "templates/mail")
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
