"""Erases again what a restored backup brought back: each service holds the list of erased cases against its state."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from shared.engine.engine import BATCH
from shared.engine.erasure import Subject, erased_key
from shared.engine.tables import BLANK
from shared.erased import erased_list
from shared.messages import Event
from shared.messages.followup import CaseErased
from shared.service import Running


async def erase_again(running: Running) -> int:
    """Forgets every case that is on the list and is remembered all the same. Returns how many were found on it.

    Those of a hospital whose settings are not in force are forgotten as soon as these are.
    """
    erased, engine = erased_list(running.settings, running.secret, running.old_secrets), running.engine
    if not erased.path.exists():
        return 0
    listed = sorted(erased.among(await _subjects(running)))
    later = {hospital for hospital, _ in listed if engine.out_of_force(hospital)}
    engine.watch(later)
    engine.returned = partial(erase_again, running) if later else None
    found = [one for one in listed if one[0] not in later]
    for start in range(0, len(found), BATCH):
        now = running.clock.now()
        batch = [Event(erased_key(*one), one[0], now, CaseErased(case=one[1])) for one in found[start : start + BATCH]]
        await engine.handle(batch)
    return len(found)


async def _subjects(running: Running) -> set[Subject]:
    """Whatever this service remembers or heard of."""
    store = running.engine.store
    found: set[Subject] = set()
    async with running.database.read() as c:
        for kind in store.states.values():
            t = kind.table
            found |= {(h, id) for h, id in await c.execute(select(t.c.hospital, t.c.id).where(t.c.state != BLANK))}
        heard = select(store.t.heard.c.hospital, store.t.heard.c.subject).distinct()
        return found | {(hospital, subject) for hospital, subject in await c.execute(heard)}
