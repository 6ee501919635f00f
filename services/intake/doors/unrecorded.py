"""What a button leads to when nothing came of it: a page that says so, what to do now, and whom to call.

It can be pressed again from there, and then counts once: it is the same word with the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake import tables
from services.intake.doors.coordinators import reachable
from services.intake.protocol.states import Link
from shared.http.access import Caller
from shared.http.answers import looked
from shared.service import Running

#: It was not done; with any other status of a service that failed nobody knows whether it was.
NOT_DONE = 503


async def unrecorded(
    running: Running, caller: Caller, action: str, form: Mapping[str, str], status: int
) -> dict[str, Any]:
    """What such a page says. form: as it was filled in. status: what the owner of the case answered."""
    return {
        "view": "not_recorded" if status == NOT_DONE else "unsure",
        "urgent": action == "danger",
        "call": await _whom_to_call(running, caller),
        "action": action,
        "form": dict(form),
    }


async def _whom_to_call(running: Running, caller: Caller) -> list[dict[str, Any]]:
    """The cards of who coordinates now, but never her own; a look at them is a look like any other."""
    hospital, now = running.hospital(caller.hospital), running.clock.now()
    async with running.database.read() as c:
        link = await tables.read_state(c, Link, caller.hospital, caller.case)
        own = link.staff if link and caller.role == "colleague" else caller.person
        found = await reachable(c, hospital, now, lambda one: one.phone if one.staff != own else "")
        found = found or await reachable(c, hospital, now, lambda one: one.mail if one.staff != own else "")
    if found:
        await looked(running, caller, "coordinator", [caller.case])
    return [one.card for one in found]
