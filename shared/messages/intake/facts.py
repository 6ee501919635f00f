"""What intake tells the others: facts, each about one subject."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.messages.base import Fact
from shared.messages.intake.words import Colleague, Door
from shared.messages.parts import NoticeDueBase, RefusedBase, Role


class SupportOffered(Fact):
    """Support is offered to the colleagues of one report. `t0` starts the clocks (design section 4)."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: str
    t0: AwareDatetime
    event_types: tuple[str, ...]
    calamity: str = "unknown"
    harm: str = "unknown"
    door: Door = "report"
    colleagues: tuple[Colleague, ...]

    @property
    def mentions(self) -> tuple[str, ...]:
        return tuple(one.case for one in self.colleagues)

    def without(self, subject: str) -> SupportOffered | None:
        """Who else was involved is forgotten with her, for that may be she."""
        left = [one for one in self.colleagues if one.case != subject]
        kept = tuple(one.model_copy(update={"not_by": (), "line": ()}) for one in left)
        return self.model_copy(update={"colleagues": kept}) if kept else None


class SupportWithdrawn(Fact):
    """The offer to these cases is taken back: the person was not involved after all, or the report was withdrawn."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: str
    cases: tuple[str, ...]
    reason: Literal["amended", "withdrawn", "dismissed"]

    @property
    def mentions(self) -> tuple[str, ...]:
        return self.cases

    def without(self, subject: str) -> SupportWithdrawn | None:
        kept = tuple(case for case in self.cases if case != subject)
        return self.model_copy(update={"cases": kept}) if kept else None


class SupporterInvolved(Fact):
    """These supporters turn out to have been involved in the event of these cases."""

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    report: str
    cases: tuple[str, ...]
    supporters: tuple[str, ...]

    @property
    def mentions(self) -> tuple[str, ...]:
        return self.cases

    def without(self, subject: str) -> SupporterInvolved | None:
        kept = tuple(case for case in self.cases if case != subject)
        return self.model_copy(update={"cases": kept}) if kept else None


class StaffRecorded(Fact):
    """Somebody of the staff who is, or may become, a supporter: codes only. Dates are what the hospital's list says."""

    about: ClassVar[str] = "person"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching", "training")
    person: str
    profession: str
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    supporter: bool = False
    trained_on: date | None = None
    intervisie_on: date | None = None


class StaffLeft(Fact):
    """A supporter no longer works here."""

    about: ClassVar[str] = "person"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching", "training")
    person: str


class HeadcountMeasured(Fact):
    """How many staff of a profession work here on a day; the base of the coverage figures (TRAIN-5, TRAIN-6)."""

    about: ClassVar[str] = "profession"
    heard_by: ClassVar[tuple[str, ...]] = ("training",)
    profession: str
    headcount: int
    on: date


class NoticeSent(Fact):
    """A notice left for a mailbox. In practice mode nothing leaves and `channel` says so."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: str
    template: str
    to: Role
    channel: Literal["mail", "practice"] = "mail"


class NoticeFailed(Fact):
    """A notice could not be sent; the coordinator gets a task."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: str
    template: str
    to: Role
    reason: str


class TaskRaised(Fact):
    """Something waits for a person. `task` is its kind; raising it again replaces the reasons."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: str
    task: str
    reasons: tuple[str, ...] = ()
    owner: Role = "coordinator"
    due_at: AwareDatetime


class TaskDone(Fact):
    """What waited is done."""

    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    regarding: str
    task: str


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
