"""Where letters go: a mail server, or a box for whoever wants to read what people would receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from services.intake.doors.mail.line import Account, Line
from shared.settings import Settings
from shared.transport import mail_must_be_encrypted


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader gets it. `link` is the one that the body holds; `id` is the same for a second copy."""

    to: str = field(repr=False)
    subject: str
    body: str = field(repr=False)
    link: str = field(repr=False)
    at: datetime
    id: str


class Post(Protocol):
    """Where letters go."""

    async def open(self) -> None:
        """Makes sure that letters can leave. Raises Away."""

    async def send(self, letter: Letter) -> None:
        """Hands a letter over. Raises Undeliverable or NotNow."""

    async def close(self) -> None:
        """Ends what was opened; it may be opened again."""


class Letterbox:
    """Keeps letters instead of sending them, for whoever wants to read what people would receive."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def open(self) -> None:
        """Is always open."""

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def close(self) -> None:
        """Stays open."""

    def take(self) -> list[Letter]:
        """What came since the last time."""
        letters, self.letters = self.letters, []
        return letters


class SmtpPost:
    """A mail server, as smtp://user:password@host:port; smtps:// encrypts from the first byte."""

    def __init__(self, url: str, sender: str, must_encrypt: bool = False) -> None:
        """must_encrypt: a server that offers no encryption gets no letter."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or "") or None, unquote(parts.password or "") or None
        self.sender = sender
        tls, host = parts.scheme == "smtps", parts.hostname or "localhost"
        self._line = Line(Account(host, parts.port, user, password, tls, must_encrypt))

    async def open(self) -> None:
        await self._line.open()

    async def send(self, letter: Letter) -> None:
        await self._line.send(self._mail(letter))

    async def close(self) -> None:
        await self._line.close()

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.to, letter.subject
        mail["Message-ID"] = f"<{letter.id}@naast.invalid>"
        mail["Date"] = letter.at
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail


def post_of(settings: Settings) -> Post | None:
    """The mail server of this deployment; None when there is none."""
    if settings.smtp_url is None:
        return None
    return SmtpPost(settings.smtp_url.get_secret_value(), settings.mail_from, mail_must_be_encrypted(settings))
