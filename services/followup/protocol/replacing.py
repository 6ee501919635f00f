"""Who has the case: a supporter is matched, gives it back, is replaced, leaves or turns out to be involved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.followup.protocol.case import FIND_SUPPORTER, STEPPED_BACK, Case, Waiting
from services.followup.protocol.closing import end
from services.followup.protocol.facts import after
from services.followup.protocol.saying import start, start_new, task, to_colleague, to_coordinator, to_supporter
from shared.engine.world import Said, World
from shared.messages import followup as said
from shared.messages import intake
from shared.messages.followup import Why


def matched(world: World, case: Case, supporter: str) -> Iterator[Said]:
    """A match on a case that is over, or that somebody else had, gives a place back."""
    if case.is_over:
        yield from end(case, case.ending or "withdrawn", supporter=supporter)
        return
    for other in case.displaced:
        yield said.ReplacementNeeded(case=case.id, supporter=other)
        yield to_supporter(case.id, other, "ended")
    if world.get(Waiting, supporter).left:
        yield from replace(world, case, "left")
    elif supporter in case.involved:
        yield from replace(world, case, "involved")
    else:
        yield from start(world, case, "attempt", "second_attempt", "third_attempt")
        if world.get(Waiting, supporter).stepped_back:
            yield from _ask_whether_she_keeps(world, case)


def left(world: World, cases: Iterable[str], supporter: str) -> Iterator[Said]:
    """Somebody works here no more: each of her open cases needs another."""
    for case in world.all(Case, cases):
        if case.is_open and case.supporter == supporter:
            yield from replace(world, case, "left")


def recorded(world: World, row: intake.StaffRecorded) -> Iterator[Said]:
    """Somebody is a supporter no more: the coordinator decides on what she has, and need not once she is one again."""
    her = world.get(Waiting, row.person)
    if her.stepped_back == row.stepped_back:
        return
    yield her.but(stepped_back=row.stepped_back)
    for case in world.all(Case, her.cases):
        if not (case.is_open and case.supporter == her.id):
            continue
        if row.stepped_back:
            yield from _ask_whether_she_keeps(world, case)
        elif STEPPED_BACK in case.tasks:
            yield said.TaskFinished(regarding=case.id, task=STEPPED_BACK)


def _ask_whether_she_keeps(world: World, case: Case) -> Iterator[Said]:
    """A colleague who talks to somebody does not lose her by a list (FOLLOW-55)."""
    yield task(world, case.id, STEPPED_BACK, "FOLLOW-55")
    yield to_coordinator(case.id, STEPPED_BACK)


def involved(world: World, cases: Iterable[str], supporters: Iterable[str]) -> Iterator[Said]:
    """Somebody who was part of the event herself does not support another of it."""
    for case in world.all(Case, cases):
        if case.is_open and case.supporter in (set(supporters) - {""}):
            yield from replace(world, case, "involved")


def replace(world: World, case: Case, why: Why, by: str = "") -> Iterator[Said]:
    """Another supporter is looked for. She who went herself, or works here no more, is not told."""
    if not case.supporter:
        return
    needed = said.ReplacementNeeded(case=case.id, supporter=case.supporter, why=why)
    yield needed
    if case.supporter != by and why != "left":
        yield to_supporter(case.id, case.supporter, "ended")
    if case.taken_back:
        # Nobody is looked for, so nobody is promised (FOLLOW-57).
        yield task(world, case.id, FIND_SUPPORTER, "FOLLOW-57")
        yield to_coordinator(case.id, FIND_SUPPORTER)
    else:
        yield from to_colleague(case, "replaced")
    yield from start_new(world, case, after(case, world.now, needed))


def hand_back(world: World, case: Case, command: said.HandBack) -> Iterator[Said]:
    yield from replace(world, case, "handed_back", by=command.by)


def choose_another(world: World, case: Case, _: said.ChooseAnother) -> Iterator[Said]:
    yield from replace(world, case, "chosen")


def take_away(world: World, case: Case, command: said.ReplaceSupporter) -> Iterator[Said]:
    yield from replace(world, case, command.why)
