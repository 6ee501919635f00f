"""When a supporter is there: her week, her leave, holidays and her turns on call. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from services.matching.protocol.states import Leave, Supporter
from shared.hospital import DAYS, MIDNIGHT, Hospital, Hours, Span, minutes

#: week, holidays, leave: what her hours are made of.
Ways = tuple[tuple[tuple[str, str], ...], bool, tuple[Leave, ...]]
_NONE = timedelta(0)


def span_of(text: str) -> Span:
    """The hours of one weekday; an end that is not after the beginning lies on the next day. Raises ValueError."""
    begin, _, end = text.partition("-")
    first, last = minutes(begin.strip()), minutes(end.strip())
    if first == last:
        raise ValueError('write hours as "08:00-17:00"')
    return Span(first, last if first < last else last + MIDNIGHT)


def check_week(week: Mapping[str, str]) -> None:
    """Raises ValueError for a day that is none or hours that are none."""
    for day, hours in week.items():
        if day not in DAYS:
            raise ValueError("write a day of the week in English, for example monday")
        span_of(hours)


def is_on_call(one: Supporter, now: datetime) -> bool:
    return any(turn.begin <= now < turn.end for turn in one.on_call)


class Presence:
    """The hours of the supporters of one hospital, as they are seen at one moment. Many share theirs."""

    def __init__(self, hospital: Hospital, now: datetime, horizon: timedelta) -> None:
        """horizon: who is not there within that time is away (MATCH-14)."""
        self.hospital, self.now, self.horizon = hospital, now, horizon
        self._today = now.astimezone(hospital.tz).date()
        self._soon = self._today + horizon + timedelta(days=2)
        self._off_duty: dict[Ways, timedelta] = {}

    def off_duty(self, one: Supporter) -> timedelta:
        """How long until she is there: nothing where she is, or where she is on call."""
        if one.on_call and is_on_call(one, self.now):
            return _NONE
        ways = self._ways(one) if one.leave else (one.week, one.holidays, ())
        wait = self._off_duty.get(ways)
        if wait is None:
            wait = self._off_duty[ways] = self._hours(ways).deadline(self.now, _NONE) - self.now
        if not one.on_call:
            return wait
        return min([wait, *(turn.begin - self.now for turn in one.on_call if turn.begin > self.now)])

    def answer_by(self, one: Supporter, duration: timedelta, always: bool = False) -> datetime:
        """Until when she may answer (MATCH-8). `always`: her own hours do not matter for this ask."""
        if is_on_call(one, self.now):
            return self.now + duration
        ways: Ways = ((), True, ()) if always else (one.week, one.holidays, one.leave)
        return self._hours(ways).deadline(self.now, duration, self.horizon)

    def _ways(self, one: Supporter) -> Ways:
        """Without the leave that is of no concern now, so that more of them are alike."""
        leave = tuple(each for each in one.leave if each.last >= self._today and each.first <= self._soon)
        return one.week, one.holidays, leave

    def _hours(self, ways: Ways) -> Hours:
        week, holidays, leave = ways
        hospital = self.hospital
        if not week and holidays and not leave:
            return hospital.waking
        spans = {DAYS.index(day): span_of(hours) for day, hours in week if day in DAYS}
        usual = hospital.waking.span

        def span(day: date) -> Span | None:
            if any(each.first <= day <= each.last for each in leave):
                return None
            hers = spans.get(day.weekday()) if spans else usual(day)
            return hers if holidays else hospital.open_hours(day, hers)

        return Hours(hospital.tz, span)
