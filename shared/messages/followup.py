"""What followup says: it owns the case, from the offer to the erasure.

Contacts and conversations are counted, never described; clocks that are missed are told once; a refusal names its rule.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from .base import Command, Fact, Timer
from .parts import NoticeDueBase, RefusedBase, Role

Clock = Literal["assignment", "attempt", "contact", "closing"]
Channel = Literal["phone", "in_person", "video", "message"]
Talk = Literal["conversation", "phone_follow_up"]
Ending = Literal["completed", "declined", "not_reached", "withdrawn", "handed_over"]


class SupportDeclined(Fact):
    about: ClassVar[str] = "case"
    case: str


class SupportPaused(Fact):
    about: ClassVar[str] = "case"
    case: str


class SupportResumed(Fact):
    about: ClassVar[str] = "case"
    case: str


class ContactAttempted(Fact):
    about: ClassVar[str] = "case"
    case: str
    channel: Channel
    attempt: int


class FirstContactMade(Fact):
    about: ClassVar[str] = "case"
    case: str
    channel: Channel


class ClockMissed(Fact):
    """A clock ran out; said once. `owner` is the one who must act."""

    about: ClassVar[str] = "case"
    case: str
    clock: Clock
    rule: str
    due_at: AwareDatetime
    owner: Role = "coordinator"


class ConversationHeld(Fact):
    """`number` counts the talks of this kind; `counts` says whether it counts towards the limit (FOLLOW-5)."""

    about: ClassVar[str] = "case"
    case: str
    kind: Talk
    number: int
    counts: bool
    channel: Channel
    minutes: int


class ConversationNotAllowed(Fact):
    """A talk that a rule does not allow; it is not counted."""

    about: ClassVar[str] = "case"
    case: str
    rule: str
    held: int
    limit: int


class ExtensionGranted(Fact):
    about: ClassVar[str] = "case"
    case: str
    conversations_allowed: int


class HelpRequested(Fact):
    """More help is wanted than a colleague can give; the coordinator takes it from here (FOLLOW-10)."""

    about: ClassVar[str] = "case"
    case: str
    by_role: Role


class ReplacementNeeded(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str


class CaseClosed(Fact):
    """The case is over. `supporter` is whoever had it, so that the place comes back; empty when nobody had."""

    about: ClassVar[str] = "case"
    case: str
    ending: Ending
    supporter: str = ""


class CaseErased(Fact):
    about: ClassVar[str] = "case"
    case: str


class EvaluationDue(Fact):
    about: ClassVar[str] = "case"
    case: str


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"


class RecordContact(Command):
    """An attempt, or the first contact itself."""

    about: ClassVar[str] = "case"
    case: str
    reached: bool
    channel: Channel = "phone"


class RecordConversation(Command):
    about: ClassVar[str] = "case"
    case: str
    kind: Talk = "conversation"
    channel: Channel = "in_person"
    minutes: int


class GrantExtension(Command):
    about: ClassVar[str] = "case"
    case: str


class CloseCase(Command):
    about: ClassVar[str] = "case"
    case: str
    ending: Ending = "completed"


class DeclineSupport(Command):
    about: ClassVar[str] = "case"
    case: str


class PauseSupport(Command):
    about: ClassVar[str] = "case"
    case: str


class ResumeSupport(Command):
    about: ClassVar[str] = "case"
    case: str


class RequestHelp(Command):
    about: ClassVar[str] = "case"
    case: str


class FinishTask(Command):
    """The one who owns a task says that it is dealt with; `regarding` is the case, report or supporter that it is
    about.
    """

    about: ClassVar[str] = "regarding"
    regarding: str
    task: str


class TaskRaised(Fact):
    """Something waits for a person. `task` is its kind; raising it again replaces the reasons."""

    about: ClassVar[str] = "regarding"
    regarding: str
    task: str
    reasons: tuple[str, ...] = ()
    owner: Role = "coordinator"
    due_at: AwareDatetime


class TaskFinished(Fact):
    """A task was ended by hand, by this role."""

    about: ClassVar[str] = "regarding"
    regarding: str
    task: str


class ClockDue(Timer):
    """A clock may have run out. `since` is when it began; started anew, it has a timer of its own."""

    about: ClassVar[str] = "case"
    case: str
    clock: Clock
    since: AwareDatetime
