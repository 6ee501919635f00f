"""What matching says: it knows asks and load.

A supporter is asked, accepts, declines or lets it pass; a match is made or it is said which rule removed how many.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from .base import Command, Fact, Timer
from .parts import NoticeDueBase, RefusedBase

#: How a supporter came to be asked: in turn, because she is on call, in the plan of a large event, for a team, or
#: picked by the coordinator.
AskKind = Literal["normal", "on_call", "large_event", "group", "by_hand"]
#: Why the coordinator picks somebody by hand.
PickReason = Literal["colleague_asks", "language", "continuity", "nobody_else", "urgency"]
Unit = Literal["own", "other", "any"]


class SupporterAsked(Fact):
    """A supporter is asked for a case. `removed`: per rule, how many were not eligible; why this one: `open_cases`,
    `recent` (cases in the days that MATCH-11 counts) and `misses` (wishes of the colleague that she does not meet).
    `overruled`: rules that the coordinator set aside, and the `reason`.
    """

    about: ClassVar[str] = "case"
    case: str
    supporter: str
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
    case: str
    supporter: str
    ask: int


class AskDeclined(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class AskExpired(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class AskWithdrawn(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class SupporterMatched(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str


class MatchFailed(Fact):
    """Nobody can be asked: of `pool` supporters of this hospital, which rule removed how many (each counted once).

    `nearly`: of those, how many break that rule alone, so that it tells what would help. `planned`: the case is part of
    the plan of a large event (PlanMade), whose task covers it.
    """

    about: ClassVar[str] = "case"
    case: str
    pool: int
    removed: dict[str, int]
    nearly: dict[str, int] = Field(default_factory=dict)
    profession: str = ""
    department: str = ""
    planned: bool = False


class PlanMade(Fact):
    """A large event: its colleagues are matched in one plan. `asked` asks go out together; `left` cases have nobody.
    `confirmed`: false while the plan waits for the coordinator (only where the hospital wants that).
    """

    about: ClassVar[str] = "report"
    report: str
    cases: tuple[str, ...]
    departments: int
    asked: int
    left: int
    confirmed: bool = True

    @property
    def mentions(self) -> tuple[str, ...]:
        return self.cases

    def without(self, subject: str) -> PlanMade | None:
        kept = tuple(case for case in self.cases if case != subject)
        return self.model_copy(update={"cases": kept}) if kept else None


class SupporterPaused(Fact):
    """Wants no new cases for now."""

    about: ClassVar[str] = "supporter"
    supporter: str


class SupporterReturned(Fact):
    """May be asked again after a pause."""

    about: ClassVar[str] = "supporter"
    supporter: str


class AvailabilityChanged(Fact):
    """Her week, her leave or her turns on call changed; when exactly stays in matching."""

    about: ClassVar[str] = "supporter"
    supporter: str


class PreferencesChosen(Fact):
    """What the colleague wishes: of her own or another unit, somebody independent, at her site; `own_line`: somebody in
    her management line is all right for her.
    """

    about: ClassVar[str] = "case"
    case: str
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"


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


class AnswerDue(Timer):
    """The time to answer the n-th ask of this case is over."""

    about: ClassVar[str] = "case"
    case: str
    ask: int


class SearchDue(Timer):
    """Nobody was found the last time; the search runs again."""

    about: ClassVar[str] = "case"
    case: str
    search: int
