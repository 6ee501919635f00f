"""Notices leave by mail. A letter names a template and a ref; only here a ref becomes an address.

What the letters of a batch need is read at once, one question to each table. Mail is at-least-once: a second copy after
a crash has the same Message-ID. Of letters about reports, which say the same to the same coordinators, many are summed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from services.intake.doors.mail.line import Away, InTheClear, Lost, NotNow, Undeliverable
from services.intake.doors.mail.pace import Pace
from services.intake.doors.mail.post import Letter, Letterbox, Post, SmtpPost, post_of
from services.intake.doors.mail.readers import Reader, links_of, readers_of
from services.intake.doors.mail.texts import LANGUAGES, render
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.wanted import is_wanted
from services.intake.tables import Contact
from shared import log
from shared.bus.letters import Send
from shared.hospital import Hospital
from shared.http.access import link_token
from shared.messages import Event, Message, kind_of
from shared.messages.intake import Notice, NoticeDivided, NoticeGone
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
        self._pace = Pace(running.clock)

    async def prepare(self, letters: Sequence[Event]) -> Send:
        batch = Batch(self._running, self._post, self._pace)
        for hospital in sorted({letter.hospital for letter in letters}):
            await batch.address(hospital, [letter for letter in letters if letter.hospital == hospital])
        return batch.carry

    async def close(self) -> None:
        if self._post is not None:
            await self._post.close()


class Batch:
    """Letters that leave together."""

    def __init__(self, running: Running, post: Post | None, pace: Pace) -> None:
        self._running, self._post, self._pace = running, post, pace
        #: By letter: what became of it without being sent, who its readers are if they are several, or its mail.
        self._known: dict[str, Fate] = {}
        self._readers: dict[str, tuple[str, ...]] = {}
        self._mails: dict[str, Envelope] = {}
        #: By letter: those that it stands for, itself among them.
        self._sums: dict[str, list[str]] = {}
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
        self._tell([one for one, found in zip(letters, readers, strict=True) if not found], "failed", "no_address")
        # A letter to several becomes one for each, which is sent, tried again and told of by itself.
        several = [(one, found) for one, found in zip(letters, readers, strict=True) if len(found) > 1]
        self._readers |= {one.id: tuple(reader.contact.staff for reader in found) for one, found in several}
        alone = [(one, found[0]) for one, found in zip(letters, readers, strict=True) if len(found) == 1]
        await self._link(self._post, hospital, self._summed(hospital_id, alone))

    async def carry(self, event: Event) -> Message | None:
        """Sends one of these letters, unless it is known what became of it."""
        notice = _notice(event)
        topic, to, template = notice.regarding, notice.to, notice.template
        if readers := self._readers.get(event.id):
            return NoticeDivided(regarding=topic, to=to, template=template, readers=readers)
        outcome, reason = self._known.get(event.id) or await self._send(event, notice)
        self._known |= dict.fromkeys(self._sums.get(event.id, ()), (outcome, reason))
        if outcome is None:
            return None
        self._running.metrics.notice(event.hospital, NOT_WANTED if reason == NOT_WANTED else outcome)
        return NoticeGone(regarding=topic, to=to, template=template, outcome=outcome, reason=reason)

    def _summed(self, hospital: str, letters: list[tuple[Event, Reader]]) -> list[tuple[Event, Reader]]:
        """Those of these letters that leave: of more than there is room for one, which says how many it stands for."""
        left, alike = list[tuple[Event, Reader]](), dict[tuple[str, str], list[tuple[Event, Reader]]]()
        for letter, reader in letters:
            notice = _notice(letter)
            if notice.to == "coordinator" and kind_of(notice.regarding) == "report":
                alike.setdefault((notice.template, reader.contact.staff), []).append((letter, reader))
            else:
                left.append((letter, reader))
        for (template, staff), those in alike.items():
            room = self._pace.room(hospital, staff, template, len(those))
            left += those[:room]
            if 0 < room < len(those):
                self._sums[those[0][0].id] = [one.id for one, _ in those]
        return left

    def _tell(self, letters: list[Event], outcome: Outcome, reason: str = "") -> None:
        self._known |= dict.fromkeys((one.id for one in letters), (outcome, reason))

    async def _link(self, post: Post, hospital: Hospital, letters: list[tuple[Event, Reader]]) -> None:
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
        mails = [(_notice(event), reader, event.id) for event, reader in letters]
        own = {
            self._token(id): (notice.to, reader.person, notice.regarding)
            for notice, reader, id in mails
            if _has_link(notice, reader)
        }
        await self._running.access.make_links(hospital.id, own)
        front = self._running.settings.public_url.rstrip("/")
        for notice, reader, id in mails:
            link = f"{front}/l/{self._token(id)}" if _has_link(notice, reader) else f"{front}/"
            self._mails[id] = Envelope(reader.contact.mail, _language(reader.contact, hospital), link)

    def _token(self, letter: str) -> str:
        return link_token(self._running.secret, letter)

    def _judge(self, away: Away | None) -> None:
        """Tells whether letters wait because the mail server would have them in the clear."""
        in_the_clear = isinstance(away, InTheClear)
        self._running.metrics.not_trusted(self._running.name, "mail", in_the_clear)
        if in_the_clear:
            _logger.error("mail_in_the_clear", service=self._running.name)

    async def _send(self, event: Event, notice: Notice) -> Fate:
        assert self._post is not None
        if self._is_away:
            return self._not_now(event)
        if event.id not in self._mails:
            return self._not_now(event)  # for now there is no room for it
        to, language, link = self._mails[event.id]
        times = len(self._sums.get(event.id, (event,)))
        subject, body = render(notice.template, notice.to, language, link, times)
        at = self._running.clock.now()
        letter = Letter(to=to, subject=subject, body=body, link=link, at=at, id=event.id)
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
