"""What people ask of intake."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.messages.base import Command
from shared.messages.intake.words import Door, Involved
from shared.messages.refs import Profession, ReportRef, StaffRef


class TakeReport(Command):
    """A report, or a later version of it, as the adapters made it: refs and codes only. `key` names this version.

    system, number: by which the hospital knows the report; they stay in intake.
    """

    about: ClassVar[str] = "report"
    report: ReportRef
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
    report: ReportRef
    staff: tuple[Involved, ...]


class SetDepartment(Command):
    about: ClassVar[str] = "report"
    report: ReportRef
    department: str


class OfferNow(Command):
    """The coordinator's one click: offer support to everybody whom the report names, now."""

    about: ClassVar[str] = "report"
    report: ReportRef


class DismissReport(Command):
    about: ClassVar[str] = "report"
    report: ReportRef


class Refer(Command):
    """Support without a report: somebody of the staff speaks for herself, for a colleague, for one of her team, or the
    coordinator for anybody. `by_staff`: who opens the door, a staff ref, empty for the coordinator.
    """

    about: ClassVar[str] = "report"
    report: ReportRef
    door: Door
    colleague: Involved
    event_types: tuple[str, ...] = ("other",)
    by_staff: StaffRef = ""


class CallGroup(Command):
    """The coordinator asks for support of a whole team. `caller`: who receives the supporter there."""

    about: ClassVar[str] = "report"
    report: ReportRef
    department: str
    profession: Profession
    caller: Involved
    event_types: tuple[str, ...] = ("other",)


class RecordStaff(Command):
    """One row of the staff list, in codes; names and addresses go to the contact table and nowhere else."""

    about: ClassVar[str] = "person"
    person: StaffRef
    profession: Profession
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    line: StaffRef | None = None
    active: bool = True
    supporter: bool = False
    trained_on: date | None = None
    intervisie_on: date | None = None


class MeasureHeadcount(Command):
    about: ClassVar[str] = "profession"
    profession: Profession
    headcount: int
    on: date
