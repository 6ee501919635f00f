"""What followup decides: what a case allows, which clocks start or are missed, and what waits for a person. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from services.followup.case import (
    FIND_SUPPORTER,
    HELP,
    INTERVISIE,
    NOTICE_FAILED,
    WITHDRAWN,
    Case,
    Waiting,
    evolve,
    kind_of,
    touches,
)
from services.followup.clocks import CLOCKS, Running, running
from services.followup.rules import RULES, NextConversation, NextFollowUp
from shared.messages import Command, Event, Role, intake, matching, training
from shared.messages import followup as said
from shared.rulebook import InForce
from shared.world import Later, Protocol, Said, World


def decide(world: World, event: Event) -> Iterator[Said]:
    """What is said in answer to a message."""
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            for colleague in colleagues:
                yield from _start(world, world.get(Case, colleague.case), "assignment", "contact")
        case intake.SupportWithdrawn(cases=cases, reason=reason):
            for id in cases:
                yield from _withdraw(world, world.get(Case, id), reason)
        case matching.SupporterMatched(case=id):
            yield from _matched(world, world.get(Case, id))
        case said.ClockDue(case=id, clock=clock, since=since):
            case = world.get(Case, id)
            if any(one.clock == clock and one.since == since for one in running(case, world.hospital)):
                yield from _start(world, case, clock)
        case said.FinishTask() as command:
            yield from _finish(world, command)
        case Command() as command:
            yield from _answer(world, command)
        case _:
            yield from _put_on_the_list(world, event)


# -- commands ----------------------------------------------------------------------------------------------------------


def _answer(world: World, command: Any) -> Iterator[Said]:
    """What a person asks of a case: who may is looked at first, then whether the case still takes anything."""
    case = world.get(Case, command.case)
    rule, act = COMMANDS[type(command)]
    if not _rules(world).may(rule, command.by_role, _is_own(case, command)):
        yield said.Refused(regarding=case.id, command=command.name, rule=rule)
    elif not case.is_open:
        yield said.Refused(regarding=case.id, command=command.name, rule="FOLLOW-14")
    else:
        yield from act(world, case, command)


def _contact(world: World, case: Case, command: said.RecordContact) -> Iterator[Said]:
    if not command.reached:
        yield said.ContactAttempted(case=case.id, channel=command.channel, attempt=case.attempts + 1)
    elif case.first_contact_at is None:
        yield from _first_contact(world, case, command.channel)


def _conversation(world: World, case: Case, command: said.RecordConversation) -> Iterator[Said]:
    rules, is_follow_up = _rules(world), command.kind == "phone_follow_up"
    counts = not is_follow_up or bool(rules.broken(NextFollowUp(case.phone_follow_ups)))
    if counts and (broken := rules.broken(NextConversation(case.counted, case.extensions))):
        limit = conversations_allowed(rules, case)
        yield said.ConversationNotAllowed(case=case.id, rule=broken[0], held=case.counted, limit=limit)
        return
    if case.first_contact_at is None:
        yield from _first_contact(world, case, command.channel)
    yield said.ConversationHeld(
        case=case.id,
        kind=command.kind,
        number=1 + (case.phone_follow_ups if is_follow_up else case.conversations),
        counts=counts,
        channel=command.channel,
        minutes=command.minutes,
    )


def _first_contact(world: World, case: Case, channel: said.Channel) -> Iterator[Said]:
    yield said.FirstContactMade(case=case.id, channel=channel)
    yield from _start(world, case.but(first_contact_at=world.now), "closing")


def _extend(world: World, case: Case, _: said.GrantExtension) -> Iterator[Said]:
    more: Case = case.but(extensions=case.extensions + 1)
    yield said.ExtensionGranted(case=case.id, conversations_allowed=conversations_allowed(_rules(world), more))


def _close(world: World, case: Case, command: said.CloseCase) -> Iterator[Said]:
    yield from _end(case, command.ending, command.by)


def _decline(world: World, case: Case, command: said.DeclineSupport) -> Iterator[Said]:
    yield said.SupportDeclined(case=case.id)
    yield from _end(case, "declined", command.by)


def _pause(world: World, case: Case, _: said.PauseSupport) -> Iterator[Said]:
    if not case.paused:
        yield said.SupportPaused(case=case.id)


def _resume(world: World, case: Case, _: said.ResumeSupport) -> Iterator[Said]:
    if case.paused:
        yield said.SupportResumed(case=case.id)
        yield from _start(world, case.but(paused=False, resumed_at=world.now), *CLOCKS)


def _help(world: World, case: Case, command: said.RequestHelp) -> Iterator[Said]:
    if HELP not in case.tasks:
        yield said.HelpRequested(case=case.id, by_role=cast(Role, command.by_role))
        yield _task(world, case.id, HELP)
        yield said.NoticeDue(regarding=case.id, to="coordinator", template="help", urgent=True)


#: Each command about a case: the rule that says who may give it, and what it does.
COMMANDS: dict[type[Command], tuple[str, Callable[[World, Case, Any], Iterator[Said]]]] = {
    said.RecordContact: ("FOLLOW-7", _contact),
    said.RecordConversation: ("FOLLOW-7", _conversation),
    said.GrantExtension: ("FOLLOW-2", _extend),
    said.CloseCase: ("FOLLOW-11", _close),
    said.DeclineSupport: ("FOLLOW-8", _decline),
    said.PauseSupport: ("FOLLOW-8", _pause),
    said.ResumeSupport: ("FOLLOW-8", _resume),
    said.RequestHelp: ("FOLLOW-10", _help),
}


def _finish(world: World, command: said.FinishTask) -> Iterator[Said]:
    state = world.get(kind_of(command.regarding), command.regarding)
    task = state.tasks.get(command.task)
    if task is None:
        return
    person = state.supporter if isinstance(state, Case) else state.id
    own = command.by_role == task.owner and (task.owner != "supporter" or command.by == person)
    if _rules(world).may("FOLLOW-15", command.by_role, own):
        yield said.TaskFinished(regarding=state.id, task=task.kind)
    else:
        yield said.Refused(regarding=state.id, command=command.name, rule="FOLLOW-15")


# -- what happens to a case --------------------------------------------------------------------------------------------


def _matched(world: World, case: Case) -> Iterator[Said]:
    """A match on a case that is over gives the supporter's place back."""
    if case.closed_at is None:
        yield from _start(world, case, "attempt")
    else:
        yield from _end(case, case.ending)


def _withdraw(world: World, case: Case, reason: str) -> Iterator[Said]:
    """Somebody who was already spoken to is not dropped by a correction of the report; the coordinator decides."""
    if case.closed_at is not None:
        return
    if case.first_contact_at is None:
        yield from _end(case, "withdrawn")
    else:
        yield _task(world, case.id, WITHDRAWN, reason)


def _end(case: Case, ending: Any, by: str = "") -> Iterator[Said]:
    """Closes, and tells the supporter and the colleague, unless it was she, or she was never told of the other."""
    yield said.CaseClosed(case=case.id, ending=ending, supporter=case.supporter)
    if case.supporter not in ("", by):
        yield _notice(case, "supporter", "ended")
    if ending == "declined" and not case.parted:
        yield _notice(case, "colleague", "declined")
    elif (case.supporter or case.first_contact_at) and not case.parted:
        yield _notice(case, "colleague", "closed")


# -- clocks and tasks --------------------------------------------------------------------------------------------------


def _start(world: World, case: Case, *names: said.Clock) -> Iterator[Said]:
    """Lets those of these clocks that run be told when they run out: now, if their moment has passed."""
    for clock in running(case, world.hospital):
        if clock.clock not in names:
            continue
        if clock.due_at <= world.now:
            yield from _miss(case, clock)
        else:
            yield Later(said.ClockDue(case=case.id, clock=clock.clock, since=clock.since), clock.due_at)


def _miss(case: Case, clock: Running) -> Iterator[Said]:
    """A missed clock goes to the coordinator (FOLLOW-13); the closing is put to the supporter (FOLLOW-6)."""
    is_closing = clock.clock == "closing"
    owner: Role = "supporter" if is_closing and case.supporter else "coordinator"
    rule = CLOCKS[clock.clock].rule
    yield said.ClockMissed(case=case.id, clock=clock.clock, rule=rule, due_at=clock.due_at, owner=owner)
    yield _notice(case, owner, "closing" if is_closing else "clock_missed")


def _put_on_the_list(world: World, event: Event) -> Iterator[Said]:
    """What cannot go on without a person becomes a task."""
    match event.data:
        case matching.MatchFailed(case=id, removed=removed):
            case = world.get(Case, id)
            if case.closed_at is None and not case.supporter:
                most_first = sorted(removed, key=lambda rule: (-removed[rule], rule))
                yield _task(world, id, FIND_SUPPORTER, *most_first)
                if FIND_SUPPORTER not in case.tasks:
                    yield _notice(case, "coordinator", FIND_SUPPORTER)
        case intake.NoticeFailed(regarding=id, template=template, reason=reason):
            known = world.get(kind_of(id), id).tasks.get(NOTICE_FAILED)
            reasons = dict.fromkeys((*(known.reasons if known else ()), template, reason))
            yield _task(world, id, NOTICE_FAILED, *reasons)
        case training.SupporterSuspended(supporter=id, rule=rule):
            if not world.get(Waiting, id).left:
                yield _task(world, id, INTERVISIE, rule)


def _task(world: World, regarding: str, kind: str, *reasons: str) -> said.TaskRaised:
    """A task for the coordinator, due in her working time (FOLLOW-16)."""
    due_at = world.hospital.working_deadline(world.now, _rules(world).duration("FOLLOW-16"))
    return said.TaskRaised(regarding=regarding, task=kind, reasons=reasons, due_at=due_at)


def _notice(case: Case, to: Role, template: str) -> said.NoticeDue:
    person = {"supporter": case.supporter, "colleague": case.colleague}.get(to, "")
    return said.NoticeDue(regarding=case.id, to=to, template=template, person=person)


# -- rules -------------------------------------------------------------------------------------------------------------


def conversations_allowed(rules: InForce, case: Case) -> int:
    """How many conversations a case may have, with its extensions."""
    return rules.number("FOLLOW-1") + case.extensions


def _rules(world: World) -> InForce:
    return RULES.on(world.now.astimezone(world.hospital.tz).date(), world.hospital.rules)


def _is_own(case: Case, command: Any) -> bool:
    """Whether the case is this person's: its supporter's, or its colleague's."""
    person = {"supporter": case.supporter, "colleague": case.colleague}.get(command.by_role, "")
    return person != "" and command.by == person


PROTOCOL = Protocol(name="followup", kinds=(Case, Waiting), touches=touches, evolve=evolve, decide=decide)
