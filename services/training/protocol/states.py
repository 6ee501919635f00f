"""What training remembers of supporters and of the coverage of professions, and how each fact changes it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal, get_args

from shared.engine.world import State
from shared.messages import Event, intake
from shared.messages.training import (
    AttendIntervisie,
    CompleteTraining,
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    IntervisieLapsed,
    IntervisieNear,
    Nominate,
    NoticeDue,
    Refused,
    SupporterNominated,
    SupporterQualified,
    SupporterReinstated,
    SupporterSuspended,
)

#: "none": neither nominated nor a supporter.
Standing = Literal["ready", "suspended", "nominated", "left", "none"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)


class Supporter(State):
    """Somebody who is, or may become, a supporter.

    `qualified_assumed`: the day of her training was not known at the import. `assumed`: `due_on` follows from the day
    of the import, because her last intervisie was not known (TRAIN-4). `was_of`: her profession before the last change.
    """

    profession: str = ""
    was_of: str = ""
    listed: bool = False
    left: bool = False
    nominated_at: datetime | None = None
    qualified_on: date | None = None
    qualified_assumed: bool = False
    last_intervisie: date | None = None
    due_on: date | None = None
    assumed: bool = False
    suspended: bool = False

    @property
    def standing(self) -> Standing:
        if self.left:
            return "left"
        if self.qualified_on is not None:
            return "suspended" if self.suspended else "ready"
        return "none" if self.nominated_at is None and not self.listed else "nominated"


class Coverage(State):
    """A profession: its headcount as it was last heard, and the figures that were last told."""

    headcount: int | None = None
    told: CoverageMeasured | None = None


def touches(event: Event) -> Iterable[tuple[type[State], str]]:
    match event.data:
        case intake.StaffRecorded(person=who, profession=profession):
            return [(Supporter, who), (Coverage, profession)]
        case intake.StaffLeft() | Nominate() | CompleteTraining() | AttendIntervisie():
            return [(Supporter, event.subject)]
        case SupporterNominated() | SupporterQualified() | SupporterSuspended() | SupporterReinstated():
            return [(Supporter, event.subject)]
        case IntervisieAttended() | IntervisieDue() | IntervisieLapsed() | IntervisieNear() | NoticeDue() | Refused():
            return [(Supporter, event.subject)]
        case intake.HeadcountMeasured() | CoverageMeasured():
            return [(Coverage, event.subject)]
    return []


def evolve(state: Any, event: Event) -> State:
    return _coverage_after(state, event) if isinstance(state, Coverage) else supporter_after(state, event)


def supporter_after(supporter: Supporter, event: Event) -> Supporter:
    changes: dict[str, Any] = {}
    match event.data:
        case intake.StaffRecorded(profession=profession, supporter=listed):
            was_of = supporter.profession if supporter.profession != profession else ""
            changes = {"profession": profession, "was_of": was_of, "listed": listed, "left": False}
        case intake.StaffLeft():
            changes = {"left": True}
        case SupporterNominated():
            changes = {"nominated_at": event.time}
        case SupporterQualified(on=on, assumed=assumed):
            changes = {"qualified_on": on, "qualified_assumed": assumed}
        case IntervisieAttended(on=on):
            changes = {"last_intervisie": on}
        case IntervisieDue(due_on=due_on, assumed=assumed):
            changes = {"due_on": due_on, "assumed": assumed}
        case SupporterSuspended():
            changes = {"suspended": True}
        case SupporterReinstated():
            changes = {"suspended": False}
    after: Supporter = supporter.but(**changes) if changes else supporter
    return after


def _coverage_after(coverage: Coverage, event: Event) -> Coverage:
    after = coverage
    match event.data:
        case intake.HeadcountMeasured(headcount=headcount):
            after = coverage.but(headcount=headcount)
        case CoverageMeasured() as told:
            after = coverage.but(told=told)
    return after
