"""What followup tells the others: facts, each about one subject."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from shared.messages.base import Fact
from shared.messages.followup.words import Channel, Clock, Ending, Milestone, Moment, Professional, Talk, Why
from shared.messages.parts import NoticeDueBase, RefusedBase, Role
from shared.messages.refs import CaseRef, StaffRef, TopicRef


class SupportDeclined(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    case: CaseRef


class SupportPaused(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    case: CaseRef


class SupportResumed(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    case: CaseRef


class ContactAttempted(Fact):
    """The colleague was not reached. `at`: when it was tried, if that was earlier than it was told."""

    about: ClassVar[str] = "case"
    case: CaseRef
    channel: Channel
    attempt: int
    at: AwareDatetime | None = None


class FirstContactMade(Fact):
    """The first time that the two spoke; said again when an earlier contact is told later. `at`: when, if not now."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    case: CaseRef
    channel: Channel
    at: AwareDatetime | None = None


class ClockMissed(Fact):
    """A clock ran out; said once. `owner` is the one who must act."""

    about: ClassVar[str] = "case"
    case: CaseRef
    clock: Clock
    rule: str
    due_at: AwareDatetime
    owner: Role = "coordinator"


class ConversationHeld(Fact):
    """`number` counts the talks of this kind; `counts` says whether it counts towards the limit (FOLLOW-5). `at`: when
    it was, if that was earlier than it was told. `people`: how many took part in support of a team.
    """

    about: ClassVar[str] = "case"
    case: CaseRef
    kind: Talk
    number: int
    counts: bool
    channel: Channel
    minutes: int
    at: AwareDatetime | None = None
    people: int = 0


class ConversationNotAllowed(Fact):
    """A talk that a rule does not allow; it is not counted."""

    about: ClassVar[str] = "case"
    refuses: ClassVar[bool] = True
    case: CaseRef
    rule: str
    held: int
    limit: int


class ExtensionGranted(Fact):
    about: ClassVar[str] = "case"
    case: CaseRef
    conversations_allowed: int


class HelpRequested(Fact):
    """More help is wanted than a colleague can give; the coordinator takes it from here (FOLLOW-10)."""

    about: ClassVar[str] = "case"
    case: CaseRef
    by_role: Role


class ReplacementNeeded(Fact):
    """This supporter no longer has the case, and another one is looked for; she is not asked for it again."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    case: CaseRef
    supporter: StaffRef
    why: Why = "coordinator"


class HandedOver(Fact):
    """Professional support takes over; the case ends with it."""

    about: ClassVar[str] = "case"
    case: CaseRef
    to: Professional
    by_role: Role


class DangerReported(Fact):
    """Somebody fears danger for the colleague or others; a second person must decide."""

    about: ClassVar[str] = "case"
    case: CaseRef
    by_role: Role


class DangerConfirmed(Fact):
    """A second person confirms it: the coordinator may now read the contact card and act."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    case: CaseRef


class DebriefRequested(Fact):
    """The supporter wants to talk about what the case does to herself; the coordinator arranges it."""

    about: ClassVar[str] = "case"
    case: CaseRef


class MoreAsked(Fact):
    """The colleague asks for one more conversation; the coordinator decides (FOLLOW-2)."""

    about: ClassVar[str] = "case"
    case: CaseRef


class CheckInsAgreed(Fact):
    """Whether the colleague wants to hear from us later, and when the event comes back (a milestone)."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    case: CaseRef
    later: bool
    milestones: bool


class MilestoneReached(Fact):
    """The event came back to this colleague: an interview, a report, a complaint. She is told that we are there."""

    about: ClassVar[str] = "case"
    case: CaseRef
    milestone: Milestone


class CheckInDue(Fact):
    """A later, light word to a colleague who said yes to it."""

    about: ClassVar[str] = "case"
    case: CaseRef
    moment: Moment


class CaseClosed(Fact):
    """The case is over. `supporter` is whoever had it, so that the place comes back; empty when nobody had."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    case: CaseRef
    ending: Ending
    supporter: StaffRef = ""


class CaseErased(Fact):
    """What joined this case and a person is gone; every service forgets the case but for the fact that it was over."""

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    erases: ClassVar[bool] = True
    case: CaseRef


class EvaluationDue(Fact):
    """It is time to ask the colleague how the support was."""

    about: ClassVar[str] = "case"
    case: CaseRef


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"


class TaskRaised(Fact):
    """Something waits for a person. `task` is its kind; raising it again replaces the reasons."""

    about: ClassVar[str] = "regarding"
    regarding: TopicRef
    task: str
    reasons: tuple[str, ...] = ()
    owner: Role = "coordinator"
    due_at: AwareDatetime


class TaskFinished(Fact):
    """A task was ended by hand, by this role."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    regarding: TopicRef
    task: str
