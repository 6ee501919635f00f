"""Whether a process can do its work now: each check does what the work does, and says in one word what is wrong.

Whoever looks often, and without a key, costs no more than one look a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from shared.db import Database
from shared.passing import trouble

#: What is wrong, in one word of `shared.passing`, or that it takes too long; nothing when all is well.
Check = Callable[[], Awaitable[str]]

GOOD, SLOW, UNFORESEEN = "ok", "slow", "unforeseen"
#: Seconds that a check may take, and that its answer stands.
_PATIENCE, _STANDS = 2.0, 1.0


class Readiness:
    """What these checks say, by name."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._until = 0.0
        self._words: dict[str, str] = {}
        self._looking = asyncio.Lock()

    async def __call__(self) -> dict[str, str]:
        """The word of each check; "ok" where nothing is wrong."""
        async with self._looking:
            if time.monotonic() > self._until:
                words = await asyncio.gather(*(_word(check) for check in self._checks.values()))
                self._words = dict(zip(self._checks, words, strict=True))
                self._until = time.monotonic() + _STANDS
            return self._words


def writes(database: Database, statement: str) -> Check:
    """Whether this statement can be done in a database. What it does is undone."""

    async def check() -> str:
        await database.rehearse(statement)
        return ""

    return check


async def _word(check: Check) -> str:
    try:
        async with asyncio.timeout(_PATIENCE) as limit:
            return await check() or GOOD
    except Exception as error:
        return SLOW if limit.expired() else trouble(error) or UNFORESEEN
