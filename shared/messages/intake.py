"""What intake says: it knows people and doors.

A report becomes an offer to each colleague involved; supporters and headcounts are told in codes; notices are sent and
accounted for.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from .base import Command, Fact, Letter, Part, Timer
from .parts import NoticeDueBase, RefusedBase, Role

#: How a case came about: after a report, without one by oneself, a colleague, a manager or the coordinator, or for a
#: whole team.
Door = Literal["report", "self", "colleague", "manager", "coordinator", "group"]


class Colleague(Part):
    """One colleague of an event, as matching needs to know her: codes and refs. `not_by`: supporters who are herself or
    were involved in the event; `line`: supporters in her management line. Of a team (door "group") the one who called.
    """

    case: str
    colleague: str
    profession: str
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


class SupportOffered(Fact):
    """Support is offered to the colleagues of one report. `t0` starts the clocks (design section 4)."""

    about: ClassVar[str] = "report"
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
    person: str


class HeadcountMeasured(Fact):
    """How many staff of a profession work here on a day; the base of the coverage figures (TRAIN-5, TRAIN-6)."""

    about: ClassVar[str] = "profession"
    profession: str
    headcount: int
    on: date


class NoticeSent(Fact):
    """A notice left for a mailbox. In practice mode nothing leaves and `channel` says so."""

    about: ClassVar[str] = "regarding"
    regarding: str
    template: str
    to: Role
    channel: Literal["mail", "practice"] = "mail"


class NoticeFailed(Fact):
    """A notice could not be sent; the coordinator gets a task."""

    about: ClassVar[str] = "regarding"
    regarding: str
    template: str
    to: Role
    reason: str


class TaskRaised(Fact):
    """Something waits for a person. `task` is its kind; raising it again replaces the reasons."""

    about: ClassVar[str] = "regarding"
    regarding: str
    task: str
    reasons: tuple[str, ...] = ()
    owner: Role = "coordinator"
    due_at: AwareDatetime


class TaskDone(Fact):
    """What waited is done."""

    about: ClassVar[str] = "regarding"
    regarding: str
    task: str


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"


class Involved(Part):
    """Somebody whom a report names: the staff ref, and fresh refs for a case that may be opened for her."""

    staff: str
    role: str = "involved"
    case: str
    colleague: str


class TakeReport(Command):
    """A report, or a later version of it, as the adapters made it: refs and codes only. `key` names this version.

    system, number: by which the hospital knows the report; they stay in intake.
    """

    about: ClassVar[str] = "report"
    report: str
    key: str
    system: str = ""
    number: str = ""
    revision: str | None = None
    status: Literal["new", "amended", "withdrawn"] = "new"
    kind: str
    occurred_at: AwareDatetime | None = None
    reported_at: AwareDatetime
    event_types: tuple[str, ...]
    harm: str
    calamity: str
    department: str | None = None
    department_given: bool = False
    staff: tuple[Involved, ...] = ()
    support_wish: str = "default"
    anonymous: bool = False


class NameInvolved(Command):
    """The coordinator says who was involved; the offers go out."""

    about: ClassVar[str] = "report"
    report: str
    staff: tuple[Involved, ...]


class SetDepartment(Command):
    about: ClassVar[str] = "report"
    report: str
    department: str


class OfferNow(Command):
    """The coordinator's one click: offer support to everybody whom the report names, now."""

    about: ClassVar[str] = "report"
    report: str


class DismissReport(Command):
    about: ClassVar[str] = "report"
    report: str


class Refer(Command):
    """Support without a report: somebody of the staff speaks for herself, for a colleague, for one of her team, or the
    coordinator for anybody. `by_staff`: who opens the door, a staff ref, empty for the coordinator.
    """

    about: ClassVar[str] = "report"
    report: str
    door: Door
    colleague: Involved
    event_types: tuple[str, ...] = ("other",)
    by_staff: str = ""


class CallGroup(Command):
    """The coordinator asks for support of a whole team. `caller`: who receives the supporter there."""

    about: ClassVar[str] = "report"
    report: str
    department: str
    profession: str
    caller: Involved
    event_types: tuple[str, ...] = ("other",)


class RecordStaff(Command):
    """One row of the staff list, in codes; names and addresses go to the contact table and nowhere else."""

    about: ClassVar[str] = "person"
    person: str
    profession: str
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    line: str | None = None
    active: bool = True
    supporter: bool = False
    trained_on: date | None = None
    intervisie_on: date | None = None


class MeasureHeadcount(Command):
    about: ClassVar[str] = "profession"
    profession: str
    headcount: int
    on: date


class VetoPassed(Timer):
    """The veto window of the offers prepared in this round is over: silence sends them."""

    about: ClassVar[str] = "report"
    report: str
    round: int


class Notice(Letter):
    """One mail: to whom, which template, about which case."""

    about: ClassVar[str] = "regarding"
    regarding: str
    to: Role
    person: str
    template: str


class NoticeGone(Timer):
    """What became of one mail; private, because only NoticeSent and NoticeFailed are worth telling."""

    about: ClassVar[str] = "regarding"
    regarding: str
    to: Role
    template: str
    outcome: Literal["sent", "practice", "failed"]
    reason: str = ""
