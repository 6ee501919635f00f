"""Where letters go: a mail server, or a box for whoever wants to read what people would receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from shared.settings import Settings

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader gets it. `link` is the one that the body holds; `id` is the same for a second copy."""

    to: str = field(repr=False)
    subject: str
    body: str = field(repr=False)
    link: str = field(repr=False)
    at: datetime
    id: str


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
