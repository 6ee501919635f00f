"""What intake lets go of beside what the engine forgets: links that are for nothing any more; when a case is erased,
all of its links and who looked, and it is noted.

The list of erased cases comes first: should the rest be lost in a crash, the case is erased again at the next start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.intake.protocol.links import OF_ALL, OF_ONE, ended
from services.intake.protocol.states import Link
from shared.db import Transaction
from shared.engine.elsewhere import After, Forget
from shared.engine.erasure import Subject
from shared.erased import erased_list
from shared.messages import Event
from shared.service import Running


def forget(running: Running) -> Forget:
    """Run in the engine's transaction. Links and looks live in a database of their own; to take them away twice is to
    do it once.
    """
    erased = erased_list(running.settings, running.secret, running.old_secrets)

    async def let_go(_: Transaction, subjects: list[Subject]) -> None:
        erased.add(subjects)
        await running.access.forget(subjects)

    return let_go


def end_links(running: Running) -> After:
    """Ends the links that are for nothing any more. Run before the transaction ends; ending them twice is once."""

    async def end(events: list[Event], state: Callable[[Event, type[Any], str], Any]) -> None:
        for event in events:
            if isinstance(event.data, (*OF_ONE, *OF_ALL)):
                over = ended(event.data, state(event, Link, event.subject))
                await running.access.end(event.hospital, [(role, who, event.subject) for role, who in over])

    return end
