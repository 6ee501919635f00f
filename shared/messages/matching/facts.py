"""What matching tells the others: facts, each about one subject."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.messages.base import Fact
from shared.messages.matching.words import AskKind, PickReason, Unit
from shared.messages.parts import NoticeDueBase, RefusedBase
from shared.messages.refs import CaseRef, Profession, ReportRef, StaffRef


class SupporterAsked(Fact):
    """A supporter is asked for a case. `removed`: per rule, how many were not eligible; why this one: `open_cases`,
    `recent` (cases in the days that MATCH-11 counts) and `misses` (wishes of the colleague that she does not meet).
    `overruled`: rules that the coordinator set aside, and the `reason`.
    """

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef
    ask: int
    answer_by: AwareDatetime
    open_cases: int = 0
    eligible: int = 1
    removed: dict[str, int] = Field(default_factory=dict)
    kind: AskKind = "normal"
    recent: int = 0
    misses: int = 0
    overruled: tuple[str, ...] = ()
    reason: PickReason | None = None


class AskAccepted(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef
    ask: int


class AskDeclined(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef
    ask: int


class AskExpired(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef
    ask: int


class AskWithdrawn(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef
    ask: int


class SupporterMatched(Fact):
    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup", "intake")
    case: CaseRef
    supporter: StaffRef


class MatchFailed(Fact):
    """Nobody can be asked: of `pool` supporters of this hospital, which rule removed how many (each counted once).

    `nearly`: of those, how many break that rule alone, so that it tells what would help. `planned`: the case is part of
    the plan of a large event (PlanMade), whose task covers it.
    """

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    case: CaseRef
    pool: int
    removed: dict[str, int]
    nearly: dict[str, int] = Field(default_factory=dict)
    profession: Profession = ""
    department: str = ""
    planned: bool = False


class PlanMade(Fact):
    """A large event: its colleagues are matched in one plan. `asked` asks go out together; `left` cases have nobody.
    `confirmed`: false while the plan waits for the coordinator (only where the hospital wants that).
    """

    about: ClassVar[str] = "report"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    report: ReportRef
    cases: tuple[CaseRef, ...]
    departments: int
    asked: int
    left: int
    confirmed: bool = True


class SupporterPaused(Fact):
    """Wants no new cases for now."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef


class SupporterReturned(Fact):
    """May be asked again after a pause."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef


class AvailabilityChanged(Fact):
    """Her week, her leave or her turns on call changed; when exactly stays in matching."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef


class PreferencesChosen(Fact):
    """What the colleague wishes: of her own or another unit, somebody independent, at her site; `own_line`: somebody in
    her management line is all right for her.
    """

    about: ClassVar[str] = "case"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
    case: CaseRef
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("intake",)


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"
    heard_by: ClassVar[tuple[str, ...]] = ("followup",)
