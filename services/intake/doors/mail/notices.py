"""Notices leave by mail. A letter names a template and a ref; only here a ref becomes an address.

What the letters of a batch need is read at once, one question to each table. Mail is at-least-once: a second copy after
a crash has the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from services.intake.doors.mail.line import Away, InTheClear, Lost, NotNow, Undeliverable
from services.intake.doors.mail.post import Letter, Letterbox, Post, SmtpPost, post_of
from services.intake.doors.mail.readers import Reader, links_of, readers_of
from services.intake.doors.mail.texts import LANGUAGES, render
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.wanted import is_wanted
from services.intake.tables import Contact
from shared import log
from shared.bus.letters import Send
from shared.bus.steady import told
from shared.db import is_passing
from shared.hospital import Hospital
from shared.http.access import link_token
from shared.messages import Event, Message, kind_of
from shared.messages.intake import Notice, NoticeGone
from shared.service import Running

#: For so long a letter that could not be delivered is tried again.
PATIENCE = timedelta(hours=24)

__all__ = ["LANGUAGES", "Letter", "Letterbox", "MailCarrier", "NotNow", "Post", "SmtpPost", "Undeliverable", "render"]

_logger = log.logger("mail")

#: The reason of a letter that was not sent, because by now it is not wanted (INTAKE-20) or has nobody to go to.
NOT_WANTED = "not_wanted"

Outcome = Literal["sent", "practice", "failed"]
#: What became of a letter, and why; None: it must be tried again.
Fate = tuple[Outcome | None, str]


class Envelope(NamedTuple):
    """Where one mail goes, in which language, and the link that it holds."""

    to: str
    language: str
    link: str


class MailCarrier:
    """What the engine gives letters to. It says what became of each; nothing when it must be tried again."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._post: Post | None = running.tools.get("post") or post_of(running.settings)

    async def prepare(self, letters: Sequence[Event]) -> Send:
        batch = Batch(self._running, self._post)
        for hospital in sorted({letter.hospital for letter in letters}):
            await batch.address(hospital, [letter for letter in letters if letter.hospital == hospital])
        return batch.carry

    async def close(self) -> None:
        if self._post is not None:
            await self._post.close()


class Batch:
    """Letters that leave together."""

    def __init__(self, running: Running, post: Post | None) -> None:
        self._running, self._post = running, post
        #: By letter: what became of it without being sent, or the mails that it is.
        self._known: dict[str, Fate] = {}
        self._mails: dict[str, list[Envelope]] = {}
        #: Whether the mail server is away, and whether a connection was lost under a letter.
        self._is_away = self._has_lost = False

    async def address(self, hospital_id: str, letters: list[Event]) -> None:
        """Finds out whom these letters of one hospital go to."""
        hospital = self._running.hospitals.get(hospital_id)
        if hospital is None:
            self._tell(letters, "failed", "unknown_hospital")
            return
        now = self._running.clock.now()
        rules = rules_of(hospital, now)
        async with self._running.database.read() as c:
            links = await links_of(c, hospital, map(_notice, letters))
            gone = [one for one in letters if not is_wanted(_notice(one), links.get(_notice(one).regarding), rules)]
            self._tell(gone, "failed", NOT_WANTED)
            letters = [one for one in letters if one.id not in self._known]
            if self._post is None or hospital.practice:
                self._tell(letters, "practice")
                return
            readers = await readers_of(c, hospital, list(map(_notice, letters)), links, now)
        found = dict(zip((one.id for one in letters), readers, strict=True))
        self._tell([one for one in letters if not found[one.id]], "failed", "no_address")
        await self._link(self._post, hospital, [(one, found[one.id]) for one in letters if found[one.id]])

    async def carry(self, event: Event) -> Message | None:
        """Sends one of these letters, unless it is known what became of it."""
        notice = _notice(event)
        outcome, reason = self._known.get(event.id) or await self._deliver(event, notice)
        if outcome is None:
            return None
        self._running.metrics.notice(event.hospital, NOT_WANTED if reason == NOT_WANTED else outcome)
        return NoticeGone(
            regarding=notice.regarding, to=notice.to, template=notice.template, outcome=outcome, reason=reason
        )

    def _tell(self, letters: list[Event], outcome: Outcome, reason: str = "") -> None:
        self._known |= dict.fromkeys((one.id for one in letters), (outcome, reason))

    async def _link(self, post: Post, hospital: Hospital, letters: list[tuple[Event, list[Reader]]]) -> None:
        """Links for one case each; who must sign in anyhow gets the front door. None is made for a letter that cannot
        leave.
        """
        if letters and not self._is_away:
            try:
                await post.open()
            except Away as away:
                self._is_away = True
                self._judge(away)
            else:
                self._judge(None)
        if self._is_away:
            return
        mails = [(_notice(event), reader, event.id) for event, readers in letters for reader in readers]
        own = {
            self._token(id): (notice.to, reader.person, notice.regarding)
            for notice, reader, id in mails
            if _has_link(notice, reader)
        }
        await self._running.access.make_links(hospital.id, own)
        front = self._running.settings.public_url.rstrip("/")
        for notice, reader, id in mails:
            link = f"{front}/l/{self._token(id)}" if _has_link(notice, reader) else f"{front}/"
            envelope = Envelope(reader.contact.mail, _language(reader.contact, hospital), link)
            self._mails.setdefault(id, []).append(envelope)

    def _token(self, letter: str) -> str:
        return link_token(self._running.secret, letter)

    def _judge(self, away: Away | None) -> None:
        """Tells whether letters wait because the mail server would have them in the clear."""
        in_the_clear = isinstance(away, InTheClear)
        self._running.metrics.not_trusted(self._running.name, "mail", in_the_clear)
        if in_the_clear:
            _logger.error("mail_in_the_clear", service=self._running.name)

    async def _deliver(self, event: Event, notice: Notice) -> Fate:
        """Whoever can be reached is reached once, whatever is raised for another; raises that when it is raised for
        all.
        """
        fates: list[Fate] = []
        faults: list[Exception] = []
        for n, envelope in enumerate(self._mails.get(event.id, [])):
            try:
                fates.append(await self._send(event, notice, envelope, n))
            except Exception as error:
                if is_passing(error):
                    raise
                faults.append(error)
        if faults and not fates:
            raise faults[0]
        for fault in faults:
            told(self._running.metrics, self._running.name, "letters", fault)
        fates = fates or [self._not_now(event)]
        return min(fates, key=lambda fate: ("sent", None, "failed").index(fate[0]))

    async def _send(self, event: Event, notice: Notice, envelope: Envelope, n: int) -> Fate:
        assert self._post is not None
        if self._is_away:
            return self._not_now(event)
        to, language, link = envelope
        subject, body = render(notice.template, notice.to, language, link)
        at = self._running.clock.now()
        letter = Letter(to=to, subject=subject, body=body, link=link, at=at, id=f"{event.id}.{n}")
        try:
            await self._post.send(letter)
        except Undeliverable as error:
            return "failed", f"smtp_{error.code}"
        except NotNow as error:
            # One letter may be what a mail server cannot stand; a second one is not at fault.
            self._is_away = isinstance(error, Away) or (isinstance(error, Lost) and self._has_lost)
            self._has_lost = isinstance(error, Lost) or self._has_lost
            return self._not_now(event)
        return "sent", ""

    def _not_now(self, event: Event) -> Fate:
        too_late = self._running.clock.now() - event.time > PATIENCE
        return ("failed", "smtp_unreachable") if too_late else (None, "")


def _notice(event: Event) -> Notice:
    assert isinstance(event.data, Notice)
    return event.data


def _has_link(notice: Notice, reader: Reader) -> bool:
    return kind_of(notice.regarding) == "case" and bool(reader.person)


def _language(reader: Contact, hospital: Hospital) -> str:
    return next((known for known in (reader.language, *hospital.languages) if known in LANGUAGES), "en")
