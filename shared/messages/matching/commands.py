"""What people ask of matching."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.messages.base import Command
from shared.messages.matching.words import PickReason, Unit
from shared.messages.refs import CaseRef, ReportRef, StaffRef


class AcceptAsk(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class DeclineAsk(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class SearchAgain(Command):
    about: ClassVar[str] = "case"
    case: CaseRef


class PickSupporter(Command):
    """The coordinator picks somebody by hand; what may be overruled is overruled, on record."""

    about: ClassVar[str] = "case"
    case: CaseRef
    supporter: StaffRef
    reason: PickReason


class ChoosePreferences(Command):
    about: ClassVar[str] = "case"
    case: CaseRef
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False


class ConfirmPlan(Command):
    """The coordinator lets the asks of a large event go out."""

    about: ClassVar[str] = "report"
    report: ReportRef


class SetWeek(Command):
    """The hours of each local weekday in which a supporter can be asked ("HH:MM-HH:MM"; a day that is missing is off);
    no days at all: the hospital's waking hours. `holidays`: also on public holidays.
    """

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    week: dict[str, str] = Field(default_factory=dict)
    holidays: bool = True


class PlanLeave(Command):
    """A supporter is away from the first to the last of these local days."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    first: date
    last: date


class CancelLeave(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    first: date


class PauseSupporter(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef


class ReturnSupporter(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef


class PlanOnCall(Command):
    """A supporter is on call between these moments."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    begin: AwareDatetime
    end: AwareDatetime


class CancelOnCall(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    begin: AwareDatetime
