"""A clock that jumps: what time alone sets going waits until somebody of ops says that the clock is right.

While a process runs, the wall's clock is held against one that cannot be set. When it starts, it is held against what
was said last: it must not stand before that, nor long after. Until the clock is back, or a word of ops, no timer fires,
no letter leaves and nothing is swept; what people ask and what other services say is taken as always. A simulated clock
jumps by design.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shared import log
from shared.clock import Clock, SimulatedClock
from shared.db import Database, Transaction
from shared.metrics import Metrics

#: The clock may be put right by so much without a word.
JUMP = timedelta(hours=1)
#: A machine may have been off for so long.
OFF = timedelta(days=45)
#: Seconds after which the word of ops is looked for again.
_PAUSE = 1.0
#: What the word of ops begins with, among what was received from outside.
_WORD = "clock|"
_LATEST = "select id from journal where due_at is null order by seq desc limit 1"
_GIVEN = f"select 1 from received where key like '{_WORD}%' and at >= $1 limit 1"
_GIVE = (
    "insert into received (key, hospital, correlation, at) values ($1, '', '', $2) on conflict do nothing returning 1"
)
_logger = log.logger("engine")


def steady() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Held:
    """Whether what time sets going in one service must wait."""

    def __init__(
        self, name: str, database: Database, clock: Clock, metrics: Metrics, ticks: Callable[[], float] = steady
    ) -> None:
        self._name, self._database, self._clock, self._metrics, self._ticks = name, database, clock, metrics, ticks
        self._exempt = isinstance(clock, SimulatedClock)
        self._offset = self._now_offset()
        self._begun = False
        #: Since which moment of the clock that jumped, and by how much it had before this process began.
        self._since: datetime | None = None
        self._at_start = timedelta(0)
        #: When the word of ops is looked for again, by the clock that nobody sets.
        self._looks_from = 0.0

    async def holds(self) -> bool:
        """Whether to wait; looks at the clock."""
        if self._exempt:
            return False
        if not self._begun:
            self._at_start, self._begun = await self._from_what_was_said(), True
        jumped = self._apart() > JUMP.total_seconds()
        if jumped and self._since is None:
            self._since, self._looks_from = self._clock.now(), 0.0
            _logger.error("clock_jumped", service=self._name)
        if jumped and await self._is_given(self._since):
            self._offset, self._at_start, jumped = self._now_offset(), timedelta(0), False
        if not jumped:
            self._since = None
        self._metrics.clock_jumped(self._name, self._apart() if jumped else 0.0)
        return jumped

    async def accept(self) -> None:
        """Somebody of ops says that the clock is right now; every replica of this service hears it."""
        await self._database.transact(self._note)
        self._looks_from = 0.0

    async def _note(self, c: Transaction) -> None:
        now = self._clock.now()
        await c.rows(_GIVE, f"{_WORD}{now.isoformat()}", now)

    async def _is_given(self, since: datetime | None) -> bool:
        if self._ticks() < self._looks_from:
            return False
        self._looks_from = self._ticks() + _PAUSE
        async with self._database.read() as c:
            return bool(await c.rows(_GIVEN, since))

    async def _from_what_was_said(self) -> timedelta:
        """How far the clock is from where it may be after what was said last."""
        async with self._database.read() as c:
            rows = await c.rows(_LATEST)
        if not rows:
            return timedelta(0)
        apart = self._clock.now() - _moment(rows[0][0])
        return timedelta(0) if timedelta(0) <= apart <= OFF else apart

    def _apart(self) -> float:
        """Seconds between this clock and what it should show, at the start and since."""
        return abs(self._now_offset() - self._offset + self._at_start.total_seconds())

    def _now_offset(self) -> float:
        return self._clock.now().timestamp() - self._ticks()


def _moment(id: str) -> datetime:
    """When a message was said, by its id (UUIDv7)."""
    return datetime.fromtimestamp(int(id[:8] + id[9:13], 16) / 1000, UTC)
