"""How a case ends: it is closed, declined, stopped, withdrawn or handed over, and in the end erased. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.followup.protocol.case import WITHDRAWN, Case
from services.followup.protocol.facts import after
from services.followup.protocol.moments import at_the_end
from services.followup.protocol.rules import Completion, NotReached
from services.followup.protocol.saying import rules_of, task, to_colleague, to_coordinator, to_supporter
from shared.engine.world import Said, World
from shared.messages import followup as said
from shared.messages.followup import Ending

#: What the colleague is told at the end; everything else is `closed`.
_FAREWELLS = {"declined": "declined", "not_reached": "not_reached"}


def end(case: Case, ending: Any, by: str = "", supporter: str = "") -> Iterator[Said]:
    """Closes, and tells the supporter and the colleague, unless it was she, or she was never told of the other."""
    who = supporter or case.supporter
    yield said.CaseClosed(case=case.id, ending=ending, supporter=who)
    if who not in ("", by):
        yield to_supporter(case.id, who, "ended")
    knows_of_it = who or case.first_contact_at or ending in _FAREWELLS
    if knows_of_it and not case.parted:
        yield from to_colleague(case, _FAREWELLS.get(ending, "closed"))


def over(world: World, case: Case, ending: Ending, by: str = "") -> Iterator[Said]:
    """Ends an open case, and says when what comes after it is due."""
    last = list(end(case, ending, by))
    yield from last
    facts = [one for one in last if isinstance(one, said.CaseClosed)]
    yield from at_the_end(world, after(case, world.now, *facts))


def close(world: World, case: Case, command: said.CloseCase) -> Iterator[Said]:
    if rule := _forbids(world, case, command):
        yield said.Refused(regarding=case.id, command=command.name, rule=rule)
    else:
        yield from over(world, case, command.ending, command.by)


def _forbids(world: World, case: Case, command: said.CloseCase) -> str:
    """The rule that this closing breaks, if any."""
    rules, by_coordinator = rules_of(world), command.by_role == "coordinator"
    broken: tuple[str, ...] = ()
    if command.ending == "completed":
        broken = rules.broken(Completion(case.conversations, by_coordinator))
    elif command.ending == "not_reached":
        broken = rules.broken(NotReached(case.attempts, len(case.ledger.channels)))
    elif command.ending == "handed_over" and not _may_refer(world, command.by_role):
        broken = ("FOLLOW-32",)
    return next(iter(broken), "")


def _may_refer(world: World, role: str) -> bool:
    return role == "coordinator" or rules_of(world).option("FOLLOW-32") == "supporter_may_refer"


def hand_over(world: World, case: Case, command: said.HandOver) -> Iterator[Said]:
    if not _may_refer(world, command.by_role):
        yield said.Refused(regarding=case.id, command=command.name, rule="FOLLOW-32")
        return
    role: Any = command.by_role
    yield said.HandedOver(case=case.id, to=command.to, by_role=role)
    yield from over(world, case, "handed_over", command.by)
    if command.by_role != "coordinator":
        yield to_coordinator(case.id, "handed_over")


def decline(world: World, case: Case, command: said.DeclineSupport) -> Iterator[Said]:
    yield said.SupportDeclined(case=case.id)
    yield from over(world, case, "declined", command.by)


def stop(world: World, case: Case, command: said.StopSupport) -> Iterator[Said]:
    """Ends everything, also what would come after a closing; she gets the one confirmation."""
    if case.stopped_at is not None:
        return
    stopped: Case = case.but(stopped_at=world.now)
    yield stopped
    yield said.SupportDeclined(case=case.id)
    if case.is_open:
        yield from over(world, stopped, "declined", command.by)
    else:
        if not case.is_let_go:
            yield from to_colleague(case, "declined")
        yield from at_the_end(world, stopped)


def withdraw(world: World, case: Case, reason: str) -> Iterator[Said]:
    """Somebody who was already spoken to is not dropped by a correction of the report; the coordinator decides."""
    if case.is_over:
        return
    if case.first_contact_at is None:
        yield from over(world, case, "withdrawn")
    else:
        yield task(world, case.id, WITHDRAWN, reason)
