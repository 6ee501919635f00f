"""Clocks that pause: deadlines that count only certain hours of the local day.

Hours are said in local time and counted in UTC, so that a day of 23 or 25 hours is exactly as long as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MIDNIGHT = 24 * 60


class Span(NamedTuple):
    """A stretch of one local day in minutes after its midnight; an end beyond 1440 lies on the next day."""

    begin: int
    end: int


@dataclass(frozen=True)
class Hours:
    """The hours in which a clock runs: at most one span per local day, `None` for a day without.

    A window holds its first moment and not its last. So a deadline that would fall on closing time falls on the next
    opening: it never ends in a pause, and two durations one after the other end where their sum does.
    """

    zone: ZoneInfo
    span: Callable[[date], Span | None]

    def runs_at(self, at: datetime) -> bool:
        """Whether the clock runs at this moment."""
        return self.deadline(at, timedelta(0)) == at

    def deadline(self, start: datetime, duration: timedelta, longest_pause: timedelta = timedelta.max) -> datetime:
        """The first moment (UTC) at which the clock runs and has run for `duration` since `start`; where it then
        stands still for more than `longest_pause`, the moment at which it stops.

        Raises ValueError for a moment without time zone or a negative duration.
        """
        if start.tzinfo is None or duration < timedelta(0):
            raise ValueError("a deadline needs a moment with a time zone and a duration that is not negative")
        moment, left, ran = start.astimezone(UTC), duration, False
        for begin, end in self._windows(start):
            if ran and begin - moment > longest_pause:
                return moment
            moment = max(moment, begin)
            if moment + left < end:
                return moment + left
            left -= max(end - moment, timedelta(0))
            ran = ran or end > moment
            moment = max(moment, end)
        raise AssertionError("the windows never end")

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        # From the day before: its span may reach past midnight.
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        while True:
            span = self.span(day)
            if span is not None:
                yield self._utc(day, span.begin), self._utc(day, span.end)
            day += timedelta(days=1)

    def _utc(self, day: date, minutes: int) -> datetime:
        days, minutes = divmod(minutes, MIDNIGHT)
        clock = time(minutes // 60, minutes % 60)
        return datetime.combine(day + timedelta(days=days), clock, self.zone).astimezone(UTC)


def minutes(text: str) -> int:
    """Minutes after midnight of `HH:MM`, from 00:00 to 24:00. Raises ValueError."""
    hour, colon, minute = text.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()):
        raise ValueError('write a time as "08:00"')
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > MIDNIGHT:
        raise ValueError("a day runs from 00:00 to 24:00")
    return value


def opening(text: str) -> Span:
    """The span of `HH:MM-HH:MM` on one day. Raises ValueError."""
    begin, dash, end = text.partition("-")
    span = Span(minutes(begin.strip()), minutes(end.strip()))
    if not dash or span.begin >= span.end:
        raise ValueError('write opening hours as "08:00-17:00", the end after the beginning')
    return span


def awake(quiet_from: str, quiet_to: str) -> Span:
    """The span between the end of one quiet time and the beginning of the next. ValueError when all day is quiet."""
    begin, end = minutes(quiet_to) % MIDNIGHT, minutes(quiet_from) % MIDNIGHT
    if begin == end:
        raise ValueError("the quiet hours must not last all day; leave them out if there are none")
    return Span(begin, end if begin < end else end + MIDNIGHT)
