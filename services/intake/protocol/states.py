"""What intake remembers: reports with whom they name, staff in codes, who is whose case, and headcounts. Frozen.

Nothing here tells a name or an address; those are in the table of contacts and nowhere else.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from services.intake.protocol.rules import Incident, triggers
from shared.engine.world import State
from shared.messages import Part
from shared.messages.intake import Door

#: How somebody stands whom a report names. unknown: not on the staff list; declined: said so in the report;
#: settled: unknown, and the coordinator said who it was; removed: an amendment took her off; kept: it did so too late.
Standing = Literal["prepared", "offered", "unknown", "declined", "settled", "removed", "kept"]

GONE: tuple[Standing, ...] = ("removed", "settled")
OPEN: tuple[Standing, ...] = ("offered", "kept")
#: Whoever stands so is still to be dealt with.
PENDING: tuple[Standing, ...] = ("prepared", "unknown")


class Person(Part):
    """Somebody whom a report names. `round`: the veto window she waits in, 0 if none. `named`: by the coordinator.

    next_case, next_colleague: fresh refs for another case, should the one that she has turn out to be withdrawn.
    """

    staff: str
    case: str
    colleague: str
    role: str
    standing: Standing
    round: int = 0
    named: bool = False
    wish: str = "default"
    next_case: str = ""
    next_colleague: str = ""

    def but(self, **changes: object) -> Person:
        return self.model_copy(update=changes)


class Report(State):
    """A report with all versions of it that came. `reasons`: why its task is open; empty when it has none.
    system, number: by which the hospital knows it.

    stopped: the coordinator put it aside; nothing goes out by itself until there is a new cause. accepted: reasons that
    the coordinator ended by hand. withdrawn_late: by its source, when offers were out. door: how it came to be, if not
    by a report. erased: somebody was taken off because her case was erased; it takes nobody from its source any more.
    came_again: a version came after that.
    """

    seen: tuple[str, ...] = ()
    system: str = ""
    number: str = ""
    revision: str | None = None
    status: str = "new"
    kind: str = ""
    harm: str = "unknown"
    calamity: str = "unknown"
    event_types: tuple[str, ...] = ()
    wish: str = "default"
    anonymous: bool = False
    department: str | None = None
    department_given: bool = False
    received_at: datetime | None = None
    t0: datetime | None = None
    too_old: bool = False
    people: tuple[Person, ...] = ()
    round: int = 0
    dismissed: bool = False
    stopped: bool = False
    withdrawn_late: bool = False
    accepted: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    due_at: datetime | None = None
    door: Door = "report"
    erased: bool = False
    came_again: bool = False

    @property
    def incident(self) -> Incident:
        victim = any(person.role == "victim" for person in self.people if person.standing not in GONE)
        return Incident(self.kind, self.harm, self.calamity, self.event_types, victim, self.wish)

    @property
    def causes(self) -> tuple[str, ...]:
        """What gives cause for an offer by itself; a withdrawn report gives none."""
        return () if self.status == "withdrawn" else triggers(self.incident)

    def with_standing(self, *standings: Standing) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.standing in standings)

    def person(self, staff: str) -> Person | None:
        return next((person for person in self.people if person.staff == staff), None)

    @property
    def present(self) -> tuple[Person, ...]:
        """Everybody who is named now."""
        return tuple(person for person in self.people if person.standing not in GONE)


class Staff(State):
    """Somebody of the staff, in codes. `listed`: a supporter on the staff list; `stepped_back`: she was, and the list
    says so no more; `told`: the other services know her. `left_at`: when it became known that she works here no more.
    `doors`: her open case for each door without a report (INTAKE-16).
    """

    profession: str = ""
    department: str = ""
    site: str = ""
    languages: tuple[str, ...] = ()
    line: str | None = None
    active: bool = False
    listed: bool = False
    stepped_back: bool = False
    nominated: bool = False
    qualified: bool = False
    trained_on: date | None = None
    intervisie_on: date | None = None
    told: bool = False
    left_at: datetime | None = None
    doors: dict[str, str] = Field(default_factory=dict)

    @property
    def supporter(self) -> bool:
        """Whether she is, or may become, a supporter."""
        return self.active and (self.listed or self.nominated or self.qualified)


class Link(State):
    """What joins a case (its id) and a person. `asked`: who is asked now; `matched`: who said yes last. `ending`: how
    it was closed. `danger`: two people say so. later, milestones: whether she wants to hear from us; None: not said.
    """

    staff: str = ""
    colleague: str = ""
    report: str = ""
    asked: str = ""
    answer_by: datetime | None = None
    matched: str = ""
    replaced: tuple[str, ...] = ()
    contacted: bool = False
    paused: bool = False
    closed: bool = False
    door: Door = "report"
    ending: str = ""
    danger: bool = False
    later: bool | None = None
    milestones: bool | None = None

    @property
    def erased(self) -> bool:
        """Whether nothing joins the case and a person any more, because it was erased."""
        return self.closed and not self.staff

    @property
    def supporter(self) -> str:
        """Who has the case now; empty when nobody has."""
        return "" if self.matched in self.replaced else self.matched


class Headcount(State):
    """How many staff of a profession (its id) were counted last."""

    headcount: int = -1
