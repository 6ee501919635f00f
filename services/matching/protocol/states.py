"""What matching remembers: cases, supporters, plans of large events, and which cases wait. Pure.

A place is the case's id in its supporter's `places`: giving or freeing it twice is the same as once.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from shared.engine.world import State
from shared.messages.matching import Unit

Status = Literal["new", "asked", "matched", "failed", "resting", "over"]
#: "none": no supporter.
Standing = Literal["ready", "suspended", "unqualified", "left", "none"]
STATUSES: tuple[Status, ...] = get_args(Status)
STANDINGS: tuple[Standing, ...] = get_args(Standing)


class Case(State):
    """What a supporter for this case must be like, who is asked, and who is not asked again.

    `team`: it is support of a team. unit, independent, same_site, own_line: what the colleague wishes. `overruled`: the
    rules that were set aside for the open ask. `passed_by`: who let an ask of this case pass. `excluded`: whom the
    colleague did not want. `failed`: what the last search removed, if it was in vain. `held`: the plan of its event
    waits for the coordinator. `withdrawn`: the offer was taken back, and followup has not said that it is over; the
    coordinator may look for somebody all the same. `resting`: the colleague wants no support for now. A case that is
    over forgets all but whose place it still takes, and its event.
    """

    report: str = ""
    offered_at: datetime | None = None
    profession: str = ""
    department: str = ""
    site: str = ""
    languages: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    urgent: bool = False
    team: bool = False
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False
    asked: str = ""
    ask: int = 0
    answer_by: datetime | None = None
    overruled: tuple[str, ...] = ()
    supporter: str = ""
    declined_by: tuple[str, ...] = ()
    passed_by: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    failed: dict[str, int] | None = None
    search: int = 0
    held: bool = False
    withdrawn: bool = False
    resting: bool = False
    over: bool = False

    @property
    def open(self) -> bool:
        """Offered, wanted and without a supporter; somebody may be asked already."""
        return self.offered_at is not None and not (self.supporter or self.resting or self.over)

    @property
    def needs_somebody(self) -> bool:
        return self.open and not (self.asked or self.held or self.withdrawn)

    @property
    def status(self) -> Status:
        if self.over:
            return "over"
        if self.supporter:
            return "matched"
        if self.resting or self.withdrawn:
            return "resting"
        return "asked" if self.asked else "new" if self.failed is None else "failed"


class Turn(NamedTuple):
    """A time on call."""

    begin: datetime
    end: datetime


class Leave(NamedTuple):
    """The first and the last local day of a leave."""

    first: date
    last: date


class Supporter(State):
    """Somebody who is, or may become, a supporter. `places` are the cases in which she is asked or matched.

    `idle_since`: when she last said yes to a case. `matched_on`: on which days she did, of late. `week`: her hours of
    each weekday, none for the hospital's waking hours; `holidays`: also on public holidays. Facts of intake and of
    training fill different fields; what she says herself fills the last five.
    """

    profession: str = ""
    department: str = ""
    site: str = ""
    languages: tuple[str, ...] = ()
    listed: bool = False
    left: bool = False
    stepped_back: bool = False
    qualified: bool = False
    suspended: bool = False
    places: tuple[str, ...] = ()
    idle_since: datetime | None = None
    matched_on: tuple[date, ...] = ()
    week: tuple[tuple[str, str], ...] = ()
    holidays: bool = True
    leave: tuple[Leave, ...] = ()
    on_call: tuple[Turn, ...] = ()
    paused: bool = False

    @property
    def in_pool(self) -> bool:
        return (self.qualified or self.listed) and not (self.left or self.stepped_back)

    @property
    def standing(self) -> Standing:
        if not self.in_pool:
            return "left" if self.left else "none"
        return "unqualified" if not self.qualified else "suspended" if self.suspended else "ready"


class Plan(State):
    """The plan of a large event (MATCH-27, MATCH-28); without cases there is none. `event`: every case of the event and
    its department, also those that are not in the plan.
    """

    event: tuple[tuple[str, str], ...] = ()
    made_at: datetime | None = None
    cases: tuple[str, ...] = ()
    departments: int = 0
    asked: int = 0
    left: int = 0
    confirmed: bool = False


class Waits(NamedTuple):
    """A case that was searched for in vain. `department`: from where nobody may come; empty where that is no matter."""

    since: datetime
    case: str
    profession: str
    department: str


class Waiting(State):
    """The cases of a hospital that wait in vain, the longest waiting first."""

    cases: tuple[Waits, ...] = ()


#: The id of a hospital's one Waiting.
ALL = "all"
