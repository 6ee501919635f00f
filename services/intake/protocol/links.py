"""What a link in a letter is for, and which facts end that. Pure."""

from __future__ import annotations

from services.intake.protocol.states import Link
from shared.messages import Message, Role, followup, matching

#: After these endings a colleague may still want to know something.
SPOKEN = ("completed", "handed_over", "not_reached")
#: Facts that end what one supporter's link is for, and those that end it for all who were in the case.
OF_ONE = (matching.AskDeclined, matching.AskExpired, matching.AskWithdrawn, followup.ReplacementNeeded)
OF_ALL = (followup.CaseClosed, followup.SupportDeclined)


def opens(link: Link, role: Role, person: str) -> bool:
    """Whether a link that is made now for this reader would be for something; else a letter leads to the front door."""
    if role == "colleague":
        return not link.closed or link.ending in SPOKEN
    return not link.closed and person not in link.replaced


def ended(fact: Message, link: Link) -> tuple[tuple[Role, str], ...]:
    """Whose links this fact ends: role and ref; an empty ref means everybody in that role. link: as it is after it."""
    if isinstance(fact, OF_ONE):
        return (("supporter", fact.supporter),)
    if not isinstance(fact, OF_ALL) or not link.closed:
        return ()
    hers: tuple[tuple[Role, str], ...] = () if opens(link, "colleague", "") else (("colleague", ""),)
    return (("supporter", ""), *hers)
