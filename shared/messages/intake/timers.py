"""What intake says to itself: moments that become due, and letters on their way."""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.messages.base import Letter, Timer
from shared.messages.parts import Role
from shared.messages.refs import PersonRef, ReportRef, TopicRef


class VetoPassed(Timer):
    """The veto window of the offers prepared in this round is over: silence sends them."""

    about: ClassVar[str] = "report"
    report: ReportRef
    round: int


class Notice(Letter):
    """One mail: to whom, which template, about which case. `person`: which of those who have this role."""

    about: ClassVar[str] = "regarding"
    regarding: TopicRef
    to: Role
    person: PersonRef
    template: str

    def failed(self, reason: str) -> NoticeGone:
        return NoticeGone(regarding=self.regarding, to=self.to, template=self.template, outcome="failed", reason=reason)


class NoticeGone(Timer):
    """What became of one mail; private, because only NoticeSent and NoticeFailed are worth telling."""

    about: ClassVar[str] = "regarding"
    regarding: TopicRef
    to: Role
    template: str
    outcome: Literal["sent", "practice", "failed"]
    reason: str = ""


class NoticeDivided(Timer):
    """One mail turned out to be for several of a role: each of these gets a mail of her own."""

    about: ClassVar[str] = "regarding"
    regarding: TopicRef
    to: Role
    template: str
    readers: tuple[PersonRef, ...]
