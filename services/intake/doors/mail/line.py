"""The line to a mail server: one connection, on which letters follow each other. It is there while letters come, and
is hung up a few seconds after the last.

A process has one, so that a mail server that lets each client have few is not exceeded.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from email.message import EmailMessage

import aiosmtplib

#: Seconds for an answer of the mail server.
TIMEOUT = 10.0
#: Seconds without a letter after which the line is hung up; a mail server waits for minutes.
IDLE = 5.0
#: Seconds for a goodbye.
_GOODBYE = 2.0


class Undeliverable(Exception):
    """This letter will never arrive. `code` is the mail server's, such as 550."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class NotNow(Exception):
    """It may arrive another time."""


class Lost(NotNow):
    """The connection was lost on the way; another letter may fare better. hung: the mail server just did not answer."""

    def __init__(self, hung: bool = False) -> None:
        super().__init__(hung)
        self.hung = hung


class Away(NotNow):
    """No connection can be made, so no other letter can leave either."""


class InTheClear(Away):
    """The mail server does not encrypt, and is not so near that it need not."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the mail server is, and as whom letters are handed over. tls: encrypted from the first byte; must_encrypt:
    else before anything else is said.
    """

    host: str
    port: int | None
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    must_encrypt: bool = False


class Line:
    """Is made when it is needed, and again when the mail server has ended it meanwhile."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._smtp: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()
        #: When something was last done on this connection, and whether a letter was.
        self._used, self._is_old = 0.0, False
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises Away."""
        async with self._turn:
            await self._connected()

    async def send(self, mail: EmailMessage) -> None:
        """Raises Undeliverable or NotNow. A connection that is lost may just have been too old: then the letter is
        tried once more on a new one.
        """
        async with self._turn:
            for may_be_old in (True, False):
                smtp = await self._connected()
                is_old = self._is_old
                try:
                    return await self._hand_over(smtp, mail)
                except Lost as lost:
                    if lost.hung or not (may_be_old and is_old):
                        raise

    async def close(self) -> None:
        """Hangs up."""
        if self._watching is not None:
            self._watching.cancel()
        await self._hang_up()

    async def _hand_over(self, smtp: aiosmtplib.SMTP, mail: EmailMessage) -> None:
        try:
            await smtp.send_message(mail)
        except aiosmtplib.SMTPHeloError:
            smtp.close()
            raise Away from None
        except (aiosmtplib.SMTPException, OSError) as error:
            code = _code(error)
            await _emptied(smtp)
            if 500 <= code < 600:
                raise Undeliverable(code) from None
            if not smtp.is_connected:
                raise Lost(hung=isinstance(error, TimeoutError)) from None
            raise NotNow from None
        except BaseException:
            smtp.close()  # nobody knows how far it came
            raise
        finally:
            self._used, self._is_old = time.monotonic(), True

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        to = self._account
        smtp = aiosmtplib.SMTP(
            hostname=to.host,
            port=to.port or (465 if to.tls else 25),
            use_tls=to.tls,
            start_tls=False if to.must_encrypt else None,  # None: wherever it is offered
            timeout=TIMEOUT,
        )
        try:
            await smtp.connect()
            await self._introduce(smtp)
        except (aiosmtplib.SMTPException, OSError):
            smtp.close()
            raise Away from None
        except InTheClear:
            smtp.close()
            raise
        self._smtp, self._used, self._is_old = smtp, time.monotonic(), False
        self._watching = asyncio.create_task(self._watch(smtp))
        return smtp

    async def _introduce(self, smtp: aiosmtplib.SMTP) -> None:
        """Says who is there, where the mail server must know, and not before nobody else can hear it. Raises
        InTheClear.
        """
        to = self._account
        if to.must_encrypt and not to.tls:
            await smtp.ehlo()
            if not smtp.supports_extension("starttls"):
                raise InTheClear
            await smtp.starttls()
        if to.user is not None:
            await smtp.login(to.user, to.password or "")

    async def _watch(self, smtp: aiosmtplib.SMTP) -> None:
        """Hangs up when nothing was sent for a while."""
        while smtp is self._smtp and (left := self._used + IDLE - time.monotonic()) > 0:
            await asyncio.sleep(left)
            async with self._turn:  # a letter may be on its way
                pass
        if smtp is self._smtp:
            await self._hang_up()

    async def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=_GOODBYE)
            smtp.close()


async def _emptied(smtp: aiosmtplib.SMTP) -> None:
    """Nothing of a letter that was refused is left for the next one to meet; else the connection goes."""
    if smtp.is_connected:
        try:
            await smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            smtp.close()


def _code(error: Exception) -> int:
    """What the mail server answered; of several recipients there is one."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    return int(getattr(error, "code", 0) or 0)
