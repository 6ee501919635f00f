"""Contact cards: who may read whose, and the record of every look (INTAKE-8)."""

from __future__ import annotations

from typing import Any

from services.intake import tables
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.rules import CardLook
from services.intake.protocol.states import Link
from shared.http.access import Caller
from shared.http.answers import gone, looked
from shared.service import Running

RULE = "INTAKE-8"


class Closed(Exception):
    """The card may not be read by this caller, or not any more, or not yet (INTAKE-8)."""


async def open_card(running: Running, caller: Caller, case: str) -> dict[str, Any]:
    """The card of the other one in a case: name, function, phone, mail; the colleague's, if the coordinator must act.
    Raises Closed, or 404 for an unknown case.
    """
    async with running.database.read() as c:
        link = await tables.read_state(c, Link, caller.hospital, case)
    if link is None or not link.staff:
        raise gone()
    if not may_open(running, caller, link):
        raise Closed
    other = link.supporter if caller.role == "colleague" else link.staff
    what = "card" if caller.role != "coordinator" else "card_in_danger"
    await looked(running, caller, what, [case])
    async with running.database.read() as c:
        found = await tables.read_contacts(c, caller.hospital, [other])
    if other not in found:
        raise gone()
    return found[other].card


def may_open(running: Running, caller: Caller, link: Link) -> bool:
    """Whether a card is open to this caller (INTAKE-8)."""
    rules = rules_of(running.hospital(caller.hospital), running.clock.now())
    in_danger = link.danger and caller.role == "coordinator"
    look = CardLook(accepted=bool(link.supporter), closed=link.closed, danger=in_danger)
    return rules.may(RULE, caller.role, own=_is_in(link, caller)) and not rules.broken(look)


def _is_in(link: Link, caller: Caller) -> bool:
    if caller.role == "coordinator":
        return link.danger
    own = {"supporter": link.supporter, "colleague": link.colleague}.get(caller.role)
    return bool(own) and own == caller.person
