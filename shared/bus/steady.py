"""A loop that goes on: work that raises what nobody foresaw is told and counted, and it alone pauses, ever longer.

What will pass (a connection, a full disk) is left to whoever runs the work, for he knows what waits with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared import log
from shared.clock import Clock
from shared.metrics import Metrics
from shared.passing import trouble

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)
_logger = log.logger("bus")


class Steady:
    """What of each service's work pauses, and until when."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock, self._metrics = clock, metrics
        #: By service and work: until when it pauses, and how long.
        self._pauses: dict[tuple[str, str], tuple[datetime, timedelta]] = {}

    async def do(self, service: str, work: str, job: Callable[[], Awaitable[int]]) -> int:
        """How much was done; nothing while the work pauses. Raises only what will pass."""
        key, now = (service, work), self._clock.now()
        until, last = self._pauses.get(key, (now, timedelta(0)))
        if until > now:
            return 0
        try:
            done = await job()
        except Exception as error:
            if reason := trouble(error):
                self._metrics.waited(service, reason)
                raise
            told(self._metrics, service, work, error)
            pause = min(max(last * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self._pauses[key] = (now + pause, pause)
            return 0
        self._pauses.pop(key, None)
        return done

    def pauses_until(self, service: str, *works: str) -> datetime | None:
        """When the last of these works that pauses goes on."""
        return max((self._pauses[service, work][0] for work in works if (service, work) in self._pauses), default=None)


def told(metrics: Metrics, service: str, work: str, error: Exception) -> None:
    """Counts and logs an error by its class; its text may quote anything."""
    metrics.loop_error(service, work)
    _logger.error("loop_error", service=service, work=work, error=type(error).__name__)
