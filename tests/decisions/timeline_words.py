"""What several tests of the timeline share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.messages import Event, Message, intake
from shared.testing import NOW

CASE, OTHER, ANNA = "c-1", "c-2", "s-anna"

DUE = NOW + timedelta(hours=4)


def heard(message: Message, at: datetime = NOW) -> Event:
    return Event("e-1", "example", at, message, sequence=1)


def colleague(case: str) -> intake.Colleague:
    return intake.Colleague(case=case, colleague="p-1", profession="nurse", department="icu", not_by=(ANNA,))


OFFER = intake.SupportOffered(
    report="r-1", t0=NOW, event_types=("aggression",), door="self", colleagues=(colleague(CASE), colleague(OTHER))
)

WITHDRAWAL = intake.SupportWithdrawn(report="r-1", cases=(CASE, OTHER), reason="amended")

ASK: dict[str, Any] = {"case": CASE, "supporter": ANNA, "ask": 2}

TASK: dict[str, Any] = {"regarding": CASE, "task": "find_supporter"}

TALK: dict[str, Any] = {"case": CASE, "number": 1, "channel": "in_person", "minutes": 40}
