"""Whether a letter about a case still has a reader who wants it; it may have waited for the morning. Pure."""

from __future__ import annotations

from services.intake.protocol.rules import ToColleague
from services.intake.protocol.states import Link
from shared.messages.intake import Notice
from shared.rulebook import InForce


def is_wanted(notice: Notice, link: Link | None, rules: InForce) -> bool:
    """`link`: what joins the case and the people, as it is now; None for a letter about anything else."""
    if notice.to not in ("colleague", "supporter"):
        return True
    if link is None or notice.to == "supporter":
        return link is None or not link.erased
    letter = ToColleague(notice.template, link.ending if link.closed else "", link.paused)
    return not link.erased and not rules.broken(letter)
