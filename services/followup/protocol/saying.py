"""The words that every part of followup uses: the rules in force, notices, tasks, and clocks that start or are missed.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.followup.protocol.case import NOT_REACHED, Case
from services.followup.protocol.clocks import CLOCKS, Running, running
from services.followup.protocol.facts import after
from services.followup.protocol.rules import RULES
from shared.engine.world import Later, Said, World
from shared.messages import Message, Role
from shared.messages import followup as said
from shared.messages.followup import Clock
from shared.rulebook import InForce


def rules_of(world: World) -> InForce:
    return RULES.at(world.now, world.hospital)


def conversations_allowed(rules: InForce, case: Case) -> int:
    """How many conversations a case may have, with its extensions."""
    return rules.number("FOLLOW-1") + case.extensions


# -- notices -----------------------------------------------------------------------------------------------------------


def to_coordinator(case: str, template: str, urgent: bool = False) -> said.NoticeDue:
    return said.NoticeDue(regarding=case, to="coordinator", template=template, urgent=urgent)


def to_supporter(case: str, supporter: str, template: str) -> said.NoticeDue:
    return said.NoticeDue(regarding=case, to="supporter", template=template, person=supporter)


def to_colleague(case: Case, template: str) -> Iterator[said.NoticeDue]:
    """The one place where the colleague is written to: whoever was let go and knows it hears nothing more
    (FOLLOW-52).
    """
    if not (case.is_let_go and case.parted) and not case.erased:
        yield said.NoticeDue(regarding=case.id, to="colleague", template=template, person=case.colleague)


# -- tasks -------------------------------------------------------------------------------------------------------------


def task(world: World, regarding: str, kind: str, *reasons: str) -> said.TaskRaised:
    """A task for the coordinator, due in her working time (FOLLOW-16)."""
    due_at = world.hospital.working_deadline(world.now, rules_of(world).duration("FOLLOW-16"))
    return said.TaskRaised(regarding=regarding, task=kind, reasons=reasons, due_at=due_at)


def urgent_task(world: World, regarding: str, kind: str, rule: str) -> said.TaskRaised:
    """A task for the coordinator that waits for no opening hours."""
    due_at = world.now + rules_of(world).duration(rule)
    return said.TaskRaised(regarding=regarding, task=kind, due_at=due_at)


def not_reached(world: World, case: Case) -> Iterator[Said]:
    """The coordinator decides what becomes of a colleague who cannot be reached; once."""
    if NOT_REACHED not in case.tasks:
        yield task(world, case.id, NOT_REACHED)


# -- clocks ------------------------------------------------------------------------------------------------------------


def happens(world: World, case: Case, *facts: Message) -> Iterator[Said]:
    """Says these facts about a case, and starts the clocks that run because of them."""
    yield from facts
    yield from start_new(world, case, after(case, world.now, *facts))


def start_new(world: World, before: Case, now: Case) -> Iterator[Said]:
    """Starts the clocks that run now and did not run like this before."""
    known = {clock[:2] for clock in running(before, world.hospital)}
    for clock in running(now, world.hospital):
        if clock[:2] not in known:
            yield from _begin(world, now, clock)


def start(world: World, case: Case, *names: Clock) -> Iterator[Said]:
    """Lets those of these clocks that run be told when they run out: now, if their moment has passed."""
    for clock in running(case, world.hospital, *names):
        yield from _begin(world, case, clock)


def _begin(world: World, case: Case, clock: Running) -> Iterator[Said]:
    if clock.due_at <= world.now:
        yield from _miss(world, case, clock)
    else:
        yield Later(said.ClockDue(case=case.id, clock=clock.clock, since=clock.since), clock.due_at)


def _miss(world: World, case: Case, clock: Running) -> Iterator[Said]:
    """A missed clock has one owner (FOLLOW-13): its own, or the coordinator where that would be nobody."""
    name, rule = clock.clock, CLOCKS[clock.clock]
    owner: Role = rule.owner if case.supporter else "coordinator"
    yield said.ClockMissed(case=case.id, clock=name, rule=rule.rule, due_at=clock.due_at, owner=owner)
    template = "closing" if name == "closing" else "clock" if owner == "supporter" else "clock_missed"
    if owner == "supporter":
        yield to_supporter(case.id, case.supporter, template)
    else:
        yield to_coordinator(case.id, template, urgent=name == "unassigned")
    if name == "third_attempt":
        yield from not_reached(world, case)
