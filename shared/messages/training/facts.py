"""What training tells the others: facts, each about one subject."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.messages.base import Fact
from shared.messages.parts import NoticeDueBase, RefusedBase
from shared.messages.refs import Profession, StaffRef


class SupporterNominated(Fact):
    """A colleague put this person forward; who did stays unsaid."""

    about: ClassVar[str] = "supporter"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    supporter: StaffRef


class SupporterQualified(Fact):
    """May be asked from now on. `assumed` marks a training date that was imported, not seen."""

    about: ClassVar[str] = "supporter"
    heard_by: ClassVar[tuple[str, ...]] = ("intake", "matching")
    supporter: StaffRef
    on: date
    assumed: bool = False


class IntervisieAttended(Fact):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    on: date


class IntervisieDue(Fact):
    """The day on which a year without intervisie is over. `assumed` marks a date that follows from an import, not from
    attendance.
    """

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    due_on: date
    assumed: bool = False


class SupporterSuspended(Fact):
    """Gets no new cases; open ones stay."""

    about: ClassVar[str] = "supporter"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    supporter: StaffRef
    rule: str


class SupporterReinstated(Fact):
    about: ClassVar[str] = "supporter"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "matching")
    supporter: StaffRef


class CoverageMeasured(Fact):
    """Supporters in good standing of a profession against its headcount, and the share that is wanted (0..1)."""

    about: ClassVar[str] = "profession"
    profession: Profession
    supporters: int
    headcount: int
    wanted: float
    on: date


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)
    regarding: StaffRef


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"
    regarding: StaffRef
