"""What people ask of followup."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.messages.base import Command
from shared.messages.followup.words import Channel, Ending, Milestone, Professional, Talk
from shared.messages.refs import CaseRef, TopicRef


class RecordContact(Command):
    """An attempt, or the first contact itself. `at`: when it was, if it is told later."""

    about: ClassVar[str] = "case"
    case: CaseRef
    reached: bool
    channel: Channel = "phone"
    at: AwareDatetime | None = None


class RecordConversation(Command):
    """A talk. `at`: when it was, if it is told later. `people`: of a group, how many took part."""

    about: ClassVar[str] = "case"
    case: CaseRef
    kind: Talk = "conversation"
    channel: Channel = "in_person"
    minutes: int
    at: AwareDatetime | None = None
    people: int = 0


class GrantExtension(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class CloseCase(Command):
    about: ClassVar[str] = "case"
    case: CaseRef
    ending: Ending = "completed"


class DeclineSupport(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class PauseSupport(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class ResumeSupport(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class RequestHelp(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class HandBack(Command):
    """The supporter gives the case back, without a reason."""

    about: ClassVar[str] = "case"
    case: CaseRef


class ChooseAnother(Command):
    """The colleague wants another supporter, without a reason."""

    about: ClassVar[str] = "case"
    case: CaseRef


class ReplaceSupporter(Command):
    """The coordinator takes the case from its supporter."""

    about: ClassVar[str] = "case"
    case: CaseRef
    why: Literal["ill", "involved", "coordinator"] = "coordinator"


class HandOver(Command):
    about: ClassVar[str] = "case"
    case: CaseRef
    to: Professional


class ReportDanger(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class ConfirmDanger(Command):
    """By another person than the one who reported it."""

    about: ClassVar[str] = "case"
    case: CaseRef


class AskDebrief(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class AskMore(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class StopSupport(Command):
    """The colleague stops everything: the case ends, a confirmation goes out, and what joined her to it is erased."""

    about: ClassVar[str] = "case"
    case: CaseRef


class AgreeToCheckIns(Command):
    about: ClassVar[str] = "case"
    case: CaseRef
    later: bool
    milestones: bool


class ReportMilestone(Command):
    about: ClassVar[str] = "case"
    case: CaseRef
    milestone: Milestone


class FinishTask(Command):
    """The one who owns a task says that it is dealt with; `regarding` is the case, report or supporter that it is
    about.
    """

    about: ClassVar[str] = "regarding"
    regarding: TopicRef
    task: str
