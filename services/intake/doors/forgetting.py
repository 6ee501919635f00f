"""What intake lets go of when a case is erased, beside what the engine forgets: links, who looked, and it is noted.

The list of erased cases comes first: should the rest be lost in a crash, the case is erased again at the next start.
"""

from __future__ import annotations

from shared.db import Transaction
from shared.engine.engine import Forget
from shared.engine.erasure import Subject
from shared.erased import erased_list
from shared.service import Running


def forget(running: Running) -> Forget:
    """Run in the engine's transaction. Links and looks live in a database of their own; to take them away twice is to
    do it once.
    """
    erased = erased_list(running.settings, running.secret)

    async def let_go(_: Transaction, subjects: list[Subject]) -> None:
        erased.add(subjects)
        await running.access.forget(subjects)

    return let_go
