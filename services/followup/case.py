"""What followup remembers: a case as the facts about it add up, and tasks about anything else. Pure.

Facts of different publishers come in any order, so a case is a sum of facts and its status follows from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import AwareDatetime, Field

from shared.messages import Event, Message, Part, Role, intake, matching, training
from shared.messages import followup as said
from shared.messages.followup import Clock
from shared.world import State

Status = Literal["unknown", "offered", "matched", "in_contact", "paused", "closed"]

#: A missed clock is a task of the same name.
CLOCK_TASKS: tuple[Clock, ...] = ("assignment", "attempt", "contact", "closing")
FIND_SUPPORTER = "find_supporter"
WITHDRAWN = "withdrawn"
HELP = "help"
NOTICE_FAILED = "notice_failed"
INTERVISIE = "intervisie"
_ENDS_WITH_CASE = (*CLOCK_TASKS, FIND_SUPPORTER, WITHDRAWN)


class Task(Part):
    """Something that waits for a person of a role; `reasons` are codes."""

    kind: str
    owner: Role = "coordinator"
    raised_at: AwareDatetime
    due_at: AwareDatetime
    reasons: tuple[str, ...] = ()


class Waiting(State):
    """The tasks about one thing that is no case: a report or a supporter. `left`: works here no more."""

    tasks: dict[str, Task] = Field(default_factory=dict)
    left: bool = False


class Case(State):
    """One colleague's support after one event. `counted`: talks that count as conversations (FOLLOW-1, FOLLOW-5).

    `missed`: when each clock was last told as missed. `parted`: the colleague was told that the case is over.
    """

    tasks: dict[str, Task] = Field(default_factory=dict)
    colleague: str = ""
    event_types: tuple[str, ...] = ()
    calamity: str = "unknown"
    t0: AwareDatetime | None = None
    offered_at: AwareDatetime | None = None
    supporter: str = ""
    matched_at: AwareDatetime | None = None
    attempts: int = 0
    first_contact_at: AwareDatetime | None = None
    conversations: int = 0
    phone_follow_ups: int = 0
    counted: int = 0
    extensions: int = 0
    paused: bool = False
    resumed_at: AwareDatetime | None = None
    missed: dict[Clock, AwareDatetime] = Field(default_factory=dict)
    closed_at: AwareDatetime | None = None
    ending: str = ""
    parted: bool = False

    @property
    def status(self) -> Status:
        reached: tuple[tuple[Status, bool], ...] = (
            ("closed", self.closed_at is not None),
            ("paused", self.paused),
            ("in_contact", self.first_contact_at is not None),
            ("matched", bool(self.supporter)),
            ("offered", self.offered_at is not None),
        )
        return next((status for status, holds in reached if holds), "unknown")

    @property
    def is_open(self) -> bool:
        return self.status not in ("unknown", "closed")


Tasked = TypeVar("Tasked", Case, Waiting, Case | Waiting)


def is_case(id: str) -> bool:
    """Cases are recognised by their id; whatever else a message is about is a report or a person."""
    return id.startswith("c-")


def kind_of(id: str) -> type[Case] | type[Waiting]:
    return Case if is_case(id) else Waiting


def touches(event: Event) -> Iterator[tuple[type[Case] | type[Waiting], str]]:
    """The states that a message concerns."""
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            yield from ((Case, colleague.case) for colleague in colleagues)
        case intake.SupportWithdrawn(cases=cases):
            yield from ((Case, id) for id in cases)
        case intake.TaskRaised() | intake.TaskDone() | intake.NoticeFailed():
            yield kind_of(event.subject), event.subject
        case intake.StaffLeft() | intake.StaffRecorded():
            yield Waiting, event.subject
        case training.SupporterSuspended() | training.SupporterReinstated():
            yield Waiting, event.subject
        case matching.SupporterAsked() | matching.SupporterMatched() | matching.MatchFailed():
            yield Case, event.subject
        case Message(publisher="followup"):
            yield kind_of(event.subject), event.subject


def evolve(state: Case | Waiting, event: Event) -> Case | Waiting:
    """The state after a message that has happened."""
    match event.data:
        case intake.TaskRaised() | said.TaskRaised() as raised:
            return _with(state, _task(raised, event.time))
        case intake.TaskDone(task=kind) | said.TaskFinished(task=kind):
            return without(state, kind)
    return _case(state, event) if isinstance(state, Case) else _waiting(state, event)


def _waiting(waiting: Waiting, event: Event) -> Waiting:
    after = waiting
    match event.data:
        case training.SupporterReinstated():
            after = without(waiting, INTERVISIE)
        case intake.StaffLeft():
            after = without(waiting, INTERVISIE, NOTICE_FAILED).but(left=True)
        case intake.StaffRecorded() if waiting.left:
            after = waiting.but(left=False)
    return after


def _case(case: Case, event: Event) -> Case:
    after = case
    match event.data:
        case intake.SupportOffered() as offer if case.offered_at is None:
            after = _offered(case, offer, event.time)
        case matching.SupporterAsked():
            after = without(case, FIND_SUPPORTER)
        case matching.SupporterMatched(supporter=supporter):
            matched_at = case.matched_at if supporter == case.supporter else event.time
            after = without(case, "assignment", FIND_SUPPORTER).but(supporter=supporter, matched_at=matched_at)
        case said.ClockMissed(clock=clock) as missed:
            told = case.but(missed=case.missed | {clock: event.time})
            after = _with(told, _task_of_clock(missed, event.time))
        case said.SupportPaused():
            after = without(case, *CLOCK_TASKS).but(paused=True)
        case said.SupportResumed():
            after = case.but(paused=False, resumed_at=event.time)
        case said.CaseClosed(ending=ending) if case.closed_at is None:
            after = without(case, *_ENDS_WITH_CASE).but(closed_at=event.time, ending=ending)
        case said.NoticeDue(to="colleague", template="closed" | "declined"):
            after = case.but(parted=True)
        case _:
            after = _contact(case, event)
    return after


def _contact(case: Case, event: Event) -> Case:
    after = case
    match event.data:
        case said.ContactAttempted(attempt=attempt):
            after = without(case, "attempt").but(attempts=attempt)
        case said.FirstContactMade():
            after = without(case, "attempt", "contact").but(first_contact_at=event.time)
        case said.ConversationHeld(kind="phone_follow_up", counts=counts):
            after = case.but(phone_follow_ups=case.phone_follow_ups + 1, counted=case.counted + counts)
        case said.ConversationHeld(counts=counts):
            after = case.but(conversations=case.conversations + 1, counted=case.counted + counts)
        case said.ExtensionGranted():
            after = case.but(extensions=case.extensions + 1)
    return after


def _offered(case: Case, offer: intake.SupportOffered, at: datetime) -> Case:
    mine = next(colleague for colleague in offer.colleagues if colleague.case == case.id)
    codes = {"colleague": mine.colleague, "event_types": offer.event_types, "calamity": offer.calamity}
    after: Case = case.but(offered_at=at, t0=offer.t0, **codes)
    return after


def _task(raised: intake.TaskRaised | said.TaskRaised, at: datetime) -> Task:
    return Task(kind=raised.task, owner=raised.owner, raised_at=at, due_at=raised.due_at, reasons=raised.reasons)


def _task_of_clock(missed: said.ClockMissed, at: datetime) -> Task:
    return Task(kind=missed.clock, owner=missed.owner, raised_at=at, due_at=missed.due_at, reasons=(missed.rule,))


def _with(state: Tasked, task: Task) -> Tasked:
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
