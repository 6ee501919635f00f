"""Who does what when, in simulated time."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count

Deed = Callable[[], Awaitable[None]]


class Agenda:
    """Deeds in order of their moment; those of one moment in the order in which they were planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._number = count()

    def plan(self, at: datetime, deed: Deed) -> None:
        heapq.heappush(self._heap, (at, next(self._number), deed))

    @property
    def next_at(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None

    def due(self, now: datetime) -> Deed | None:
        """The next deed that is due, taken off the agenda."""
        return heapq.heappop(self._heap)[2] if self._heap and self._heap[0][0] <= now else None
