"""Whoever left: her keys and links end in the deed that records it, and her card goes after a time (INTAKE-21).

The keys end first: should the rest be lost in a crash, the same list ends them again and records it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.intake import tables
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.states import Staff
from shared.db import Transaction
from shared.hospital import NotInForce
from shared.service import Running
from shared.sweep import Old, Shelf, Stretch


async def end_access(running: Running, hospital: str, leavers: Collection[str]) -> None:
    """Ends every key and link of these people (staff refs), those of their own cases too."""
    if not leavers:
        return
    async with running.database.read() as c:
        links = await tables.read_links_of(c, hospital, leavers)
    known_as = {link.colleague for link in links if link.colleague}
    await running.access.end_all(hospital, known_as | set(leavers))


def shelves(running: Running) -> tuple[Shelf, ...]:
    """What intake keeps for a time: what was refused, and the cards of those who left."""
    keep = running.settings
    return (
        Old("quarantine", ("hospital", "digest", "path", "reason"), "at < {since}", keep.keep_dead_letters),
        CardsOfLeavers(running),
    )


@dataclass(frozen=True, slots=True)
class CardsOfLeavers:
    """The card of somebody who left goes when the time of INTAKE-21 is over and no case of hers is open."""

    running: Running
    table: str = "contact"
    key: tuple[str, ...] = ("hospital", "staff")

    async def clear(self, c: Transaction, stretch: Stretch, now: datetime) -> int:
        rows = await c.rows(f"select hospital, staff from contact where {stretch.where}", *stretch.values)
        found: dict[str, list[str]] = {}
        for hospital, staff in rows:
            found.setdefault(hospital, []).append(staff)
        return sum([await self._clear(c, hospital, people, now) for hospital, people in found.items()])

    async def _clear(self, c: Transaction, id: str, people: list[str], now: datetime) -> int:
        try:
            limit = rules_of(self.running.hospital(id), now).duration("INTAKE-21")
        except (KeyError, NotInForce):
            return 0
        staff = await tables.read_states(c, Staff, id, people)
        gone = {one.id for one in staff.values() if one.left_at is not None and one.left_at + limit <= now}
        links = await tables.read_links_of(c, id, gone)
        return await tables.forget_cards(c, id, gone - {link.staff for link in links if not link.closed})
