"""What training remembers of supporters and of the coverage of professions, and how each fact changes it. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, get_args

from shared.engine.world import State
from shared.messages import intake
from shared.messages.training import (
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    SupporterNominated,
    SupporterQualified,
)

#: "none": neither nominated nor a supporter, or not any more.
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
    stepped_back: bool = False
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
        if self.stepped_back:
            return "none"
        if self.qualified_on is not None:
            return "suspended" if self.suspended else "ready"
        return "none" if self.nominated_at is None and not self.listed else "nominated"


class Coverage(State):
    """A profession: its headcount as it was last heard, and the figures that were last told."""

    headcount: int | None = None
    told: CoverageMeasured | None = None


# -- a supporter after each fact ---------------------------------------------------------------------------------------


def recorded(supporter: Supporter, row: intake.StaffRecorded, _: datetime) -> Supporter:
    was_of = supporter.profession if supporter.profession != row.profession else ""
    codes = {"profession": row.profession, "listed": row.supporter, "stepped_back": row.stepped_back}
    return supporter.but(**codes, was_of=was_of, left=False)


def nominated(supporter: Supporter, _: SupporterNominated, at: datetime) -> Supporter:
    return supporter.but(nominated_at=at)


def qualified(supporter: Supporter, fact: SupporterQualified, _: datetime) -> Supporter:
    return supporter.but(qualified_on=fact.on, qualified_assumed=fact.assumed)


def attended(supporter: Supporter, fact: IntervisieAttended, _: datetime) -> Supporter:
    return supporter.but(last_intervisie=fact.on)


def due(supporter: Supporter, fact: IntervisieDue, _: datetime) -> Supporter:
    return supporter.but(due_on=fact.due_on, assumed=fact.assumed)


# -- the coverage of a profession after each fact ----------------------------------------------------------------------


def counted(coverage: Coverage, fact: intake.HeadcountMeasured, _: datetime) -> Coverage:
    return coverage.but(headcount=fact.headcount)


def measured(coverage: Coverage, fact: CoverageMeasured, _: datetime) -> Coverage:
    return coverage.but(told=fact)
