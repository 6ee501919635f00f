"""What a key may ask of a replica, and an address that has none: so much at once, and so much a second in the long run.

It is counted in the memory of each replica. Whoever has a good key is never held up by what others do at her address.
What fails is counted and logged without content, and is slowed.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from math import ceil

from fastapi import HTTPException
from starlette.types import Scope

from shared import log
from shared.http.access import Caller
from shared.metrics import Metrics

#: Names that are remembered at one moment; beyond these the one that was seen longest ago is forgotten.
REMEMBERED = 10_000
#: Seconds that an answer waits to somebody who fails too often, and how many such answers wait at one moment.
PAUSE, PAUSING = 1.0, 50
#: Requests that are at work at one moment, and those of one caller; the others wait for their turn.
AT_WORK, OF_ONE_KEY = 16, 2
#: Bodies larger than small that are in memory at one moment, and those of one hospital.
LARGE_AT_ONCE, LARGE_OF_ONE = 4, 1
_logger = log.logger("http.budgets")


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests: so many at once, and so many a second in the long run."""

    at_once: float
    a_second: float


#: By role. A feed may bring what it has one by one, or a month of it in one body; a link costs two for each button.
OF_KEYS: Mapping[str, Budget] = {
    "feed": Budget(300, 10),
    "coordinator": Budget(300, 20),
    "ops": Budget(300, 10),
    "auditor": Budget(120, 5),
    "trainer": Budget(120, 5),
    "supporter": Budget(120, 5),
    "staff": Budget(120, 5),
    "colleague": Budget(120, 5),
}
#: Of an address: what needs no key, and what fails.
OF_ANYBODY, OF_FAILURES = Budget(300, 20), Budget(200, 2)


class TooMany(HTTPException):
    """The budget is spent. `seconds`: when there is something in it again."""

    def __init__(self, seconds: float) -> None:
        wait = max(1, ceil(seconds))
        hint = f"This is more than is answered at a time; nothing was done. Send it again in {wait} s."
        super().__init__(429, {"error": "too_many", "hint": hint}, {"Retry-After": str(wait), "Connection": "close"})


class Buckets:
    """How much each name has left; one that was never seen has all of it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        #: By name, the one that was seen longest ago first: how much was left, and when.
        self._left: dict[Hashable, tuple[float, float]] = {}

    def take(self, name: Hashable, budget: Budget) -> float:
        """Takes one. Gives 0, or the seconds until there is one; then nothing is taken."""
        now = self._now()
        left, at = self._left.pop(name, (budget.at_once, now))
        left = min(budget.at_once, left + (now - at) * budget.a_second)
        enough = left >= 1
        self._left[name] = (left - 1 if enough else left, now)
        if len(self._left) > REMEMBERED:
            del self._left[next(iter(self._left))]
        return 0.0 if enough else (1 - left) / budget.a_second


class Places:
    """So many places, of which nobody has more than a few: whoever fills her own leaves the others to the rest."""

    def __init__(self, all: int, of_one: int) -> None:
        self._all, self._of_one = asyncio.Semaphore(all), of_one
        #: By name, as long as somebody of that name has a place or waits for one: her own, and how many they are.
        self._of: dict[Hashable, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def place(self, name: Hashable) -> AsyncIterator[None]:
        """Waits for a place, and has it meanwhile."""
        own, they = self._of.get(name, (asyncio.Semaphore(self._of_one), 0))
        self._of[name] = own, they + 1
        try:
            async with own, self._all:
                yield
        finally:
            _, they = self._of.pop(name)
            if they > 1:
                self._of[name] = own, they - 1


class Budgets:
    """times: how many times the usual budgets; 0: there are none, as where nobody comes in from outside."""

    def __init__(
        self, metrics: Metrics | None = None, times: float = 0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.times = times
        self._large, self._at_work = Places(LARGE_AT_ONCE, LARGE_OF_ONE), Places(AT_WORK, OF_ONE_KEY)
        self._metrics = metrics or Metrics()
        self._buckets = Buckets(now)
        self._pausing = 0

    def large(self, caller: Caller | None) -> AbstractAsyncContextManager[None]:
        """A place for a large body."""
        return self._large.place(caller.hospital if caller else "")

    def turn(self, caller: Caller | None) -> AbstractAsyncContextManager[None]:
        """The turn of a request with a key in its header: what waits for another request must not have one."""
        if caller is None or not self.times:
            return nullcontext()
        return self._at_work.place(caller)

    async def spend(self, scope: Scope, token: str, caller: Caller | None, needed: bool) -> None:
        """Counts a request. needed: whether it needed a key. Raises TooMany."""
        address = _address(scope)
        if caller is not None:
            self._take(caller.role, (caller.role, _name(token)), OF_KEYS[caller.role])
        elif not needed:
            self._take("", ("anybody", address), OF_ANYBODY)
        else:
            await self._failed(address, bool(token))

    async def _failed(self, address: str, has_token: bool) -> None:
        self._metrics.authentication_failed("unknown" if has_token else "none")
        _logger.warning("no_good_key", key="unknown" if has_token else "none")
        try:
            self._take("", ("failures", address), OF_FAILURES)
        except TooMany:
            await self._pause()
            raise

    async def _pause(self) -> None:
        """A while, unless many wait already; a connection that waits is one that others have not."""
        if self._pausing >= PAUSING:
            return
        self._pausing += 1
        try:
            await asyncio.sleep(PAUSE)
        finally:
            self._pausing -= 1

    def _take(self, role: str, name: Hashable, usual: Budget) -> None:
        if not self.times:
            return
        wait = self._buckets.take(name, Budget(usual.at_once * self.times, usual.a_second * self.times))
        if wait:
            self._metrics.over_budget(role)
            raise TooMany(wait)


def _name(token: str) -> bytes:
    """A key in memory is a key that may leak."""
    return hashlib.sha256(token.encode()).digest()


def _address(scope: Scope) -> str:
    """Where a request comes from; of IPv6 the network, for whoever has one address there has them all."""
    host = str((scope.get("client") or ("", 0))[0])
    return ":".join(host.split(":")[:4]) if host.count(":") > 1 else host
