"""Mailboxes, and letters to put in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from services.intake.doors.mail.notices import MailCarrier
from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.messages import Event
from shared.messages.intake import Notice, NoticeGone
from tests.engine.door import Door
from tests.engine.intake_house import ref


@dataclass
class Mailboxes:
    """What a mail server took, and whom it refuses."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos[0], mail))
        return "250 OK"


async def case_of(door: Door, staff_id: str) -> Link:
    async with door.running.database.read() as c:
        found = await read_all(c, Link, "example")
    return next(link for link in found.values() if link.staff == ref(door, staff_id))


def letter(door: Door, regarding: str, to: Any, template: str = "ask", person: str = "") -> Event:
    notice = Notice(regarding=regarding, to=to, person=person, template=template)
    return Event(door.running.mint.event_id(), "example", door.clock.now(), notice)


async def carry(door: Door, event: Event, post: Any) -> Any:
    door.running.tools["post"] = post
    carrier = MailCarrier(door.running)
    try:
        return await (await carrier.prepare([event]))(event)
    finally:
        await carrier.close()


def receipt(regarding: str, to: Any, outcome: Any, reason: str = "", template: str = "ask") -> NoticeGone:
    return NoticeGone(regarding=regarding, to=to, template=template, outcome=outcome, reason=reason)
