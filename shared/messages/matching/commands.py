"""What people ask of matching."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.messages.base import Command
from shared.messages.matching.words import PickReason, Unit


class AcceptAsk(Command):
    about: ClassVar[str] = "case"
    case: str


class DeclineAsk(Command):
    about: ClassVar[str] = "case"
    case: str


class SearchAgain(Command):
    about: ClassVar[str] = "case"
    case: str


class PickSupporter(Command):
    """The coordinator picks somebody by hand; what may be overruled is overruled, on record."""

    about: ClassVar[str] = "case"
    case: str
    supporter: str
    reason: PickReason


class ChoosePreferences(Command):
    about: ClassVar[str] = "case"
    case: str
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False


class ConfirmPlan(Command):
    """The coordinator lets the asks of a large event go out."""

    about: ClassVar[str] = "report"
    report: str


class SetWeek(Command):
    """The hours of each local weekday in which a supporter can be asked ("HH:MM-HH:MM"; a day that is missing is off);
    no days at all: the hospital's waking hours. `holidays`: also on public holidays.
    """

    about: ClassVar[str] = "supporter"
    supporter: str
    week: dict[str, str] = Field(default_factory=dict)
    holidays: bool = True


class PlanLeave(Command):
    """A supporter is away from the first to the last of these local days."""

    about: ClassVar[str] = "supporter"
    supporter: str
    first: date
    last: date


class CancelLeave(Command):
    about: ClassVar[str] = "supporter"
    supporter: str
    first: date


class PauseSupporter(Command):
    about: ClassVar[str] = "supporter"
    supporter: str


class ReturnSupporter(Command):
    about: ClassVar[str] = "supporter"
    supporter: str


class PlanOnCall(Command):
    """A supporter is on call between these moments."""

    about: ClassVar[str] = "supporter"
    supporter: str
    begin: AwareDatetime
    end: AwareDatetime


class CancelOnCall(Command):
    about: ClassVar[str] = "supporter"
    supporter: str
    begin: AwareDatetime
