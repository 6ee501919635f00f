"""How often the same letter goes to the same coordinator: a handful of times by itself, then now and then for many.

A report that comes makes a letter that says no more than that there is something on the list. Of hundreds at once
whoever gets them reads none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.clock import Clock

#: Letters that leave each by itself, and after how long there is room for one more.
HANDFUL, EACH = 10, timedelta(seconds=20)


class Pace:
    """What there is room for, by hospital, reader and template."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: dict[tuple[str, str, str], tuple[float, datetime]] = {}

    def room(self, hospital: str, reader: str, template: str, count: int) -> int:
        """How many mails there may be for so many letters: as many, or one for all of them, or none for now."""
        now = self._clock.now()
        left, at = self._left.get((hospital, reader, template), (HANDFUL, now))
        left = min(HANDFUL, left + (now - at) / EACH)
        mails = count if count <= left else min(1, int(left))
        self._left[hospital, reader, template] = left - mails, now
        return mails
