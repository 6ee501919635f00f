"""Contacts and conversations as people tell them: what is counted, what is not allowed, and what was known. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.followup.protocol.case import EXTENSION, Case
from services.followup.protocol.facts import after
from services.followup.protocol.rules import GroupTalk, NextConversation, NextFollowUp, NotReached, ToldLater
from services.followup.protocol.saying import (
    conversations_allowed,
    happens,
    not_reached,
    rules_of,
    start_new,
    task,
    to_coordinator,
)
from shared.engine.world import Said, World
from shared.messages import followup as said


def contact(world: World, case: Case, command: said.RecordContact) -> Iterator[Said]:
    if rule := _cannot_have_happened(world, case, command):
        yield said.Refused(regarding=case.id, command=command.name, rule=rule)
    elif command.reached:
        yield from happens(world, case, *_first_contact(world, case, command))
    elif not case.ledger.has("attempt", command.at):
        attempt = case.attempts + 1
        tried = said.ContactAttempted(case=case.id, channel=command.channel, attempt=attempt, at=command.at)
        yield from happens(world, case, tried)
        yield from _give_up(world, after(case, world.now, tried))


def conversation(world: World, case: Case, command: said.RecordConversation) -> Iterator[Said]:
    if case.ledger.has(command.kind, command.at):
        return
    if rule := _cannot_have_happened(world, case, command) or _is_no_group(world, case, command):
        yield said.Refused(regarding=case.id, command=command.name, rule=rule)
    elif rule := _is_too_much(world, case, command):
        limit = conversations_allowed(rules_of(world), case)
        yield said.ConversationNotAllowed(case=case.id, rule=rule, held=case.counted, limit=limit)
    else:
        contacts = list(_first_contact(world, case, command))
        held = _held(world, case, command)
        known = after(case, world.now, *contacts)
        yield from contacts
        yield from start_new(world, case, known)
        yield from happens(world, known, held)


def extend(world: World, case: Case, _: said.GrantExtension) -> Iterator[Said]:
    more: Case = case.but(extensions=case.extensions + 1)
    yield said.ExtensionGranted(case=case.id, conversations_allowed=conversations_allowed(rules_of(world), more))


def ask_more(world: World, case: Case, _: said.AskMore) -> Iterator[Said]:
    if EXTENSION not in case.tasks:
        yield said.MoreAsked(case=case.id)
        yield task(world, case.id, EXTENSION)
        yield to_coordinator(case.id, EXTENSION)


Told = said.RecordContact | said.RecordConversation


def _cannot_have_happened(world: World, case: Case, told: Told) -> str:
    """The rule that a moment told later breaks."""
    if told.at is None:
        return ""
    begun = min(filter(None, (case.t0, case.offered_at, case.matched_at)), default=told.at)
    contact = ToldLater(before_the_event=told.at < begun, in_the_future=told.at > world.now)
    return next(iter(rules_of(world).broken(contact)), "")


def _is_no_group(world: World, case: Case, talk: said.RecordConversation) -> str:
    """The rule that a talk with several breaks."""
    if talk.kind != "group":
        return ""
    group = GroupTalk(is_team=case.door == "group", people=talk.people)
    return next(iter(rules_of(world).broken(group)), "")


def _is_too_much(world: World, case: Case, talk: said.RecordConversation) -> str:
    """The rule that one more talk breaks; one that does not count breaks none."""
    if not _counts(world, case, talk):
        return ""
    return next(iter(rules_of(world).broken(NextConversation(case.counted, case.extensions))), "")


def _counts(world: World, case: Case, talk: said.RecordConversation) -> bool:
    return talk.kind != "phone_follow_up" or bool(rules_of(world).broken(NextFollowUp(case.phone_follow_ups)))


def _held(world: World, case: Case, talk: said.RecordConversation) -> said.ConversationHeld:
    kept = talk.model_dump(include={"case", "kind", "channel", "minutes", "at"})
    people = talk.people if talk.kind == "group" else 0
    counts = _counts(world, case, talk)
    return said.ConversationHeld(number=case.ledger.count(talk.kind) + 1, counts=counts, people=people, **kept)


def _first_contact(world: World, case: Case, told: Told) -> Iterator[said.FirstContactMade]:
    """The first time that these two spoke, or an earlier one than was known."""
    at, known = told.at or world.now, case.first_contact_at
    is_new = not case.is_reached or (known is not None and at < known)
    if is_new and not case.ledger.has("contact", told.at):
        yield said.FirstContactMade(case=case.id, channel=told.channel, at=told.at)


def _give_up(world: World, case: Case) -> Iterator[Said]:
    """Whoever was tried often enough, in several ways, is put to the coordinator."""
    search = NotReached(case.attempts, len(case.ledger.channels))
    if case.first_contact_at is None and not rules_of(world).broken(search):
        yield from not_reached(world, case)
