"""What followup remembers: cases, tasks about anything else, and the anonymous tally of what is erased. Pure.

Facts of different publishers come in any order, so a case is a sum of facts and its status follows from them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeVar, get_args

from pydantic import AwareDatetime, Field

from services.followup.protocol.ledger import CONVERSATIONS, EntryKind, Ledger
from shared.engine.world import State
from shared.messages import Part, Role, kind_of
from shared.messages.followup import Clock, Moment
from shared.messages.intake import Door

Status = Literal["unknown", "offered", "matched", "in_contact", "paused", "closed"]

#: A missed clock is a task of the same name.
CLOCK_TASKS: tuple[Clock, ...] = get_args(Clock)
FIND_SUPPORTER = "find_supporter"
LARGE_EVENT = "large_event"
WITHDRAWN = "withdrawn"
NOT_REACHED = "not_reached"
HELP = "help"
EXTENSION = "extension"
DANGER = "danger"
DEBRIEF = "debrief"
LOOK_AGAIN = "look_again"
STEPPED_BACK = "stepped_back"
PAUSE = "pause"
NOTICE_FAILED = "notice_failed"
INTERVISIE = "intervisie"
#: What nobody needs to do any more once a case is closed.
ENDS_WITH_CASE = (
    *CLOCK_TASKS,
    FIND_SUPPORTER,
    WITHDRAWN,
    NOT_REACHED,
    EXTENSION,
    LOOK_AGAIN,
    STEPPED_BACK,
    PAUSE,
)
#: Kinds of harm after which the event stays with somebody for long (FOLLOW-47).
_SEVERE = ("severe", "death")


class Task(Part):
    """Something that waits for a person of a role; `reasons` are codes."""

    kind: str
    owner: Role = "coordinator"
    raised_at: AwareDatetime
    due_at: AwareDatetime
    reasons: tuple[str, ...] = ()


class Waiting(State):
    """One thing that is no case, a report or a supporter: the tasks about it. Of a supporter: `left`, she works here no
    more; `stepped_back`, she is a supporter no more; `cases`, those that she has.
    """

    tasks: dict[str, Task] = Field(default_factory=dict)
    left: bool = False
    stepped_back: bool = False
    cases: tuple[str, ...] = ()


class Tally(State):
    """How many erased cases were alike; its id says in what (tally.py)."""

    count: int = 0


class Case(State):
    """One colleague's support after one event.

    `replaced_at`: since when another supporter is looked for. `displaced`: had the case when somebody else was matched.
    `involved`: supporters who turned out to be part of the event. `taken_back`: its offer was, after a contact, and
    nobody has said yet that the support goes on. `missed`: when each clock was last told as missed.
    `parted`: the colleague was told that the case is over. `later`, `milestones`: what she agreed to. `done`: moments
    that came. `erased`: nothing is left but that it was over.
    """

    tasks: dict[str, Task] = Field(default_factory=dict)
    colleague: str = ""
    profession: str = ""
    door: Door = "report"
    event_types: tuple[str, ...] = ()
    calamity: str = "unknown"
    harm: str = "unknown"
    t0: AwareDatetime | None = None
    offered_at: AwareDatetime | None = None
    supporter: str = ""
    matched_at: AwareDatetime | None = None
    replaced_at: AwareDatetime | None = None
    displaced: tuple[str, ...] = ()
    involved: tuple[str, ...] = ()
    taken_back: bool = False
    ledger: Ledger = Ledger()
    extensions: int = 0
    paused: bool = False
    paused_at: AwareDatetime | None = None
    resumed_at: AwareDatetime | None = None
    missed: dict[Clock, AwareDatetime] = Field(default_factory=dict)
    danger: Literal["", "reported", "confirmed"] = ""
    danger_by: str = ""
    later: bool = False
    milestones: bool = False
    done: tuple[Moment, ...] = ()
    closed_at: AwareDatetime | None = None
    ending: str = ""
    stopped_at: AwareDatetime | None = None
    parted: bool = False
    erased: bool = False

    @property
    def status(self) -> Status:
        reached: tuple[tuple[Status, bool], ...] = (
            ("closed", self.is_over),
            ("paused", self.paused),
            ("in_contact", self.first_contact_at is not None),
            ("matched", bool(self.supporter)),
            ("offered", self.offered_at is not None),
        )
        return next((status for status, holds in reached if holds), "unknown")

    @property
    def is_over(self) -> bool:
        return self.closed_at is not None or self.erased

    @property
    def is_open(self) -> bool:
        return self.status not in ("unknown", "closed")

    @property
    def is_kept(self) -> bool:
        """Whether it is known and not erased."""
        return self.status != "unknown" and not self.erased

    @property
    def is_let_go(self) -> bool:
        """Whether the colleague said no or the offer was taken back: she is left alone (FOLLOW-52)."""
        return self.stopped_at is not None or self.ending in ("declined", "withdrawn")

    @property
    def is_severe(self) -> bool:
        return self.harm in _SEVERE

    @property
    def first_contact_at(self) -> datetime | None:
        return self.ledger.first_contact_at

    @property
    def attempts(self) -> int:
        return self.ledger.count("attempt")

    @property
    def conversations(self) -> int:
        return self.ledger.count(*CONVERSATIONS)

    @property
    def phone_follow_ups(self) -> int:
        return self.ledger.count("phone_follow_up")

    @property
    def counted(self) -> int:
        """Talks that count as conversations (FOLLOW-1, FOLLOW-5)."""
        return self.ledger.counted

    @property
    def attempts_of_supporter(self) -> int:
        """How often the present supporter tried."""
        return self._told_by_supporter("attempt")

    @property
    def is_reached(self) -> bool:
        """Whether the present supporter and the colleague have spoken."""
        return self._told_by_supporter("contact") > 0

    def _told_by_supporter(self, kind: EntryKind) -> int:
        """What was told while nobody had heard yet that she has the case was not hers."""
        since = self.matched_at
        mine = (one for one in self.ledger.entries if one.kind == kind and one.of == self.supporter)
        return sum(since is None or one.at >= since for one in mine)


Tasked = TypeVar("Tasked", Case, Waiting, Case | Waiting)


def home_of(id: str) -> type[Case] | type[Waiting]:
    """What is remembered about an id; whatever is no case has its tasks and no more."""
    return Case if kind_of(id) == "case" else Waiting


def with_task(state: Tasked, task: Task) -> Tasked:
    """The state with this task; one that was there already keeps its beginning."""
    before = state.tasks.get(task.kind)
    since = before.raised_at if before else task.raised_at
    after: Tasked = state.but(tasks=state.tasks | {task.kind: task.model_copy(update={"raised_at": since})})
    return after


def without(state: Tasked, *kinds: str) -> Tasked:
    """The state without tasks of these kinds."""
    after = state
    if not state.tasks.keys().isdisjoint(kinds):
        after = state.but(tasks={kind: task for kind, task in state.tasks.items() if kind not in kinds})
    return after
