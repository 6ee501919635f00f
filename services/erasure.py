"""Erases again what a restored backup brought back: each service holds the list of erased cases against its state."""

from __future__ import annotations

from sqlalchemy import select

from shared.engine import BATCH
from shared.erased import erased_list
from shared.erasure import Subject, erased_key
from shared.messages import Event
from shared.messages.followup import CaseErased
from shared.service import Running
from shared.tables import BLANK


async def erase_again(running: Running) -> int:
    """Forgets every case that is on the list and is remembered all the same. Returns how many were found on it."""
    found = erased_list(running.settings, running.secret).among(await _cases(running))
    for start in range(0, len(found), BATCH):
        now = running.clock.now()
        batch = [Event(erased_key(*one), one[0], now, CaseErased(case=one[1])) for one in found[start : start + BATCH]]
        await running.engine.handle(batch)
    return len(found)


async def _cases(running: Running) -> list[Subject]:
    """Whatever this service remembers that a case may be erased from."""
    probe = Event("", "", running.clock.now(), CaseErased(case=""))
    kinds = {kind.__name__ for kind, _ in running.engine.protocol.touches(probe)}
    found: list[Subject] = []
    async with running.database.read() as c:
        for name in sorted(kinds):
            t = running.engine.store.states[name].table
            rows = await c.execute(select(t.c.hospital, t.c.id).where(t.c.state != BLANK))
            found += [(hospital, id) for hospital, id in rows]
    return found
