"""The checks of followup: what a case has room for, when it may be closed, and what may be told and sent."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rulebook import Rulebook

RULES = Rulebook.of("services.followup.protocol")


@dataclass(frozen=True, slots=True)
class NextConversation:
    """One more conversation in a case. `conversations_held` includes phone follow-ups that count as one (FOLLOW-5)."""

    conversations_held: int = 0
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class NextFollowUp:
    """One more phone follow-up beside the conversations. Where it breaks FOLLOW-5 it counts as a conversation."""

    follow_ups_held: int = 0


@dataclass(frozen=True, slots=True)
class GroupTalk:
    """A conversation with several at once."""

    is_team: bool
    people: int


@dataclass(frozen=True, slots=True)
class ToldLater:
    """When a contact happened that is told afterwards."""

    before_the_event: bool = False
    in_the_future: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """A case is closed because the support is completed."""

    conversations_held: int
    by_coordinator: bool = False


@dataclass(frozen=True, slots=True)
class NotReached:
    """A case is closed because the colleague was not reached."""

    attempts: int
    channels: int


@dataclass(frozen=True, slots=True)
class TwoPersons:
    """Danger is confirmed. Somebody without a ref is nobody: no first person, and no second."""

    reported_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class LaterWord:
    """The colleague agrees to hear from us later."""

    severe: bool


@dataclass(frozen=True, slots=True)
class MilestoneWord:
    """The colleague is told that we are there when the event comes back."""

    agreed: bool


@RULES.check("FOLLOW-1")
def has_a_conversation_left(talk: NextConversation, limit: int) -> bool:
    return talk.conversations_held < limit + talk.extensions


@RULES.check("FOLLOW-5")
def stands_beside_the_conversations(call: NextFollowUp, limit: int) -> bool:
    return call.follow_ups_held < limit


@RULES.check("FOLLOW-24")
def is_long_enough(completion: Completion, limit: int) -> bool:
    return completion.by_coordinator or completion.conversations_held >= limit


@RULES.check("FOLLOW-25")
def was_tried_often_enough(search: NotReached, limit: int) -> bool:
    return search.attempts >= limit


@RULES.check("FOLLOW-26")
def was_tried_in_several_ways(search: NotReached, limit: int) -> bool:
    return search.channels >= limit


@RULES.check("FOLLOW-27")
def can_have_happened_then(contact: ToldLater) -> bool:
    return not (contact.before_the_event or contact.in_the_future)


@RULES.check("FOLLOW-28")
def is_of_a_team(talk: GroupTalk, limit: int) -> bool:
    return talk.is_team and talk.people >= limit


@RULES.check("FOLLOW-36")
def is_confirmed_by_another(danger: TwoPersons) -> bool:
    return "" not in (danger.reported_by, danger.confirmed_by) and danger.reported_by != danger.confirmed_by


@RULES.check("FOLLOW-47")
def stays_with_somebody_for_long(word: LaterWord) -> bool:
    return word.severe


@RULES.check("FOLLOW-49")
def was_agreed_to(word: MilestoneWord) -> bool:
    return word.agreed
