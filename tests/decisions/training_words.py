"""Words of the tests of training, one each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.training.protocol.domain import PROTOCOL
from shared.engine.world import Said
from shared.messages import Message, Role, intake
from shared.messages.training import (
    AttendIntervisie,
    CompleteTraining,
    CoverageMeasured,
    Nominate,
    Refused,
)
from shared.testing import NOW, Story

ANNA, BRAM = "s-anna", "s-bram"

TODAY = NOW.date()

YEAR = timedelta(days=365)

MAY, JUNE, LAST_WEEK = date(2025, 5, 1), date(2025, 6, 1), TODAY - timedelta(days=7)


def staff(who: str = ANNA, **changes: Any) -> intake.StaffRecorded:
    fields: dict[str, Any] = {"profession": "nurse", "department": "icu", "supporter": True}
    return intake.StaffRecorded(person=who, **(fields | changes))


def left(who: str = ANNA) -> intake.StaffLeft:
    return intake.StaffLeft(person=who)


def headcount(number: int = 20, profession: str = "nurse") -> intake.HeadcountMeasured:
    return intake.HeadcountMeasured(profession=profession, headcount=number, on=TODAY)


def nominate(nominator: str = "", *, who: str = ANNA, role: Role = "supporter", by: str = BRAM) -> Nominate:
    return Nominate(supporter=who, nominator=nominator, by_role=role, by=by)


def completes(on: date = TODAY, role: Role = "trainer") -> CompleteTraining:
    return CompleteTraining(supporter=ANNA, on=on, by_role=role, by="s-trainer")


def attends(on: date = TODAY, role: Role = "trainer") -> AttendIntervisie:
    return AttendIntervisie(supporter=ANNA, on=on, by_role=role, by="s-trainer")


def midnight(day: date) -> datetime:
    """The beginning of a day in Amsterdam, in UTC; winter time from November to March."""
    summer = 4 <= day.month <= 10
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2 if summer else 1)


def coverage(supporters: int, count: int = 20, profession: str = "nurse", wanted: float = 0.1) -> CoverageMeasured:
    return CoverageMeasured(profession=profession, supporters=supporters, headcount=count, wanted=wanted, on=TODAY)


def refused(command: str, rule: str) -> list[Said]:
    return [Refused(regarding=ANNA, command=command, rule=rule)]


KNOWN = staff(trained_on=MAY, intervisie_on=JUNE)


def story(*messages: Message) -> Story:
    return Story(PROTOCOL).given(*messages)
