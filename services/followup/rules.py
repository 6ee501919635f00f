"""The checks of followup: is there room for one more conversation, or one more phone follow-up beside them?"""

from __future__ import annotations

from dataclasses import dataclass

from shared.rulebook import Rulebook

RULES = Rulebook.of("services.followup")


@dataclass(frozen=True, slots=True)
class NextConversation:
    """One more conversation in a case. `conversations_held` includes phone follow-ups that count as one (FOLLOW-5)."""

    conversations_held: int = 0
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class NextFollowUp:
    """One more phone follow-up beside the conversations. Where it breaks FOLLOW-5 it counts as a conversation."""

    follow_ups_held: int = 0


@RULES.check("FOLLOW-1")
def has_a_conversation_left(talk: NextConversation, limit: int) -> bool:
    return talk.conversations_held < limit + talk.extensions


@RULES.check("FOLLOW-5")
def stands_beside_the_conversations(call: NextFollowUp, limit: int) -> bool:
    return call.follow_ups_held < limit
