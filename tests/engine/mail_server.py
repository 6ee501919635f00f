"""A mail server that counts who connects, and may break off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.engine.intake_mail_words import Mailboxes


@dataclass
class MailServer(Mailboxes):
    """lines: every connection that was made. goodbyes: how many were ended by whoever made them. breaks_off_at:
    recipients at whose names it breaks off. tired: on how many connections that a letter came over it takes no other.
    unwilling: how often it refuses to forget a letter.
    """

    lines: list[Any] = field(default_factory=list)
    goodbyes: int = 0
    breaks_off_at: set[str] = field(default_factory=set)
    tired: int = 0
    unwilling: int = 0
    url: str = ""

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        self.goodbyes += 1
        return "221 bye"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.tired and getattr(session, "was_used", False):
            self.tired -= 1
            asyncio.get_running_loop().call_later(0.02, server.transport.close)
            return "421 that was enough"
        session.was_used = True
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:
        if to in self.breaks_off_at:
            server.transport.abort()
        return await super().handle_RCPT(server, session, envelope, to, options)

    async def handle_RSET(self, server: Any, session: Any, envelope: Any) -> str:
        if self.unwilling:
            self.unwilling -= 1
            envelope.mail_from = "somebody@example.org"  # what it would have forgotten stays
            return "500 no"
        return "250 OK"

    def hang_up(self) -> None:
        """On everybody."""
        for line in self.lines:
            if line.transport is not None:
                line.transport.close()


@asynccontextmanager
async def open_mail_server() -> AsyncIterator[MailServer]:
    mail = MailServer()

    def line() -> SMTP:
        smtp = SMTP(mail, hostname="mail")
        mail.lines.append(smtp)
        return smtp

    server = await asyncio.get_running_loop().create_server(line, "127.0.0.1", 0)
    mail.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mail
    finally:
        mail.hang_up()
        server.close()
        await server.wait_closed()
