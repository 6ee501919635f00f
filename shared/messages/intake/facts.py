"""What intake tells the others: facts, each about one subject."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import AwareDatetime

from shared.messages.base import Fact
from shared.messages.intake.words import Colleague, Door
from shared.messages.parts import NoticeDueBase, RefusedBase, Role
from shared.messages.refs import CaseRef, Profession, ReportRef, StaffRef, TopicRef


class SupportOffered(Fact):
    """Support is offered to the colleagues of one report. `t0` starts the clocks (design section 4)."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: ReportRef
    t0: AwareDatetime
    event_types: tuple[str, ...]
    calamity: str = "unknown"
    harm: str = "unknown"
    door: Door = "report"
    colleagues: tuple[Colleague, ...]

    def without(self, case: str) -> Self | None:
        """Who else was involved is forgotten with her, for that may be she."""
        left = super().without(case)
        if left is None or left is self:
            return left
        alone = (one.model_copy(update={"not_by": (), "line": ()}) for one in left.colleagues)
        return left.model_copy(update={"colleagues": tuple(alone)})


class SupportWithdrawn(Fact):
    """The offer to these cases is taken back: the person was not involved after all, or the report was withdrawn."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: ReportRef
    cases: tuple[CaseRef, ...]
    reason: Literal["amended", "withdrawn", "dismissed"]


class EventReassessed(Fact):
    """The event of these cases is graver, or less grave, than was known when support was offered. `t0`: since when the
    clocks run anew, where the amendment gave cause; else they go on.
    """

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: ReportRef
    event_types: tuple[str, ...]
    calamity: str
    harm: str
    t0: AwareDatetime | None = None
    cases: tuple[CaseRef, ...]


class SupporterInvolved(Fact):
    """These supporters turn out to have been involved in the event of these cases."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: ReportRef
    cases: tuple[CaseRef, ...]
    supporters: tuple[StaffRef, ...]


class StaffRecorded(Fact):
    """Somebody of the staff who is, or may become, a supporter: codes only. Dates are what the hospital's list says.
    `stepped_back`: it said that she is a supporter, and says so no more.
    """

    about: ClassVar[str] = "person"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching", "training")
    person: StaffRef
    profession: Profession
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    supporter: bool = False
    stepped_back: bool = False
    trained_on: date | None = None
    intervisie_on: date | None = None


class StaffLeft(Fact):
    """A supporter no longer works here."""

    about: ClassVar[str] = "person"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching", "training")
    person: StaffRef


class HeadcountMeasured(Fact):
    """How many staff of a profession work here on a day; the base of the coverage figures (TRAIN-5, TRAIN-6)."""

    about: ClassVar[str] = "profession"
    heard_by: ClassVar[tuple[str, ...]] = ("training",)
    profession: Profession
    headcount: int
    on: date


class NoticeSent(Fact):
    """A notice left for a mailbox. In practice mode nothing leaves and `channel` says so."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: TopicRef
    template: str
    to: Role
    channel: Literal["mail", "practice"] = "mail"


class NoticeFailed(Fact):
    """A notice could not be sent; the coordinator gets a task."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: TopicRef
    template: str
    to: Role
    reason: str


class TaskRaised(Fact):
    """Something waits for a person. `task` is its kind; raising it again replaces the reasons."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: TopicRef
    task: str
    reasons: tuple[str, ...] = ()
    owner: Role = "coordinator"
    due_at: AwareDatetime


class TaskDone(Fact):
    """What waited is done."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: TopicRef
    task: str


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
