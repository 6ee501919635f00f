"""Where the time comes from: the wall, or a simulation that jumps to the next due moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, UTC-aware."""

    def now(self) -> datetime: ...


class WallClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """Stands still until it is moved, and never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Jumps to `moment`; a moment in the past changes nothing."""
        self._now = max(self._now, moment.astimezone(UTC))
