"""What several tests of the doors of followup share."""

from __future__ import annotations

from shared.messages import intake, matching
from shared.testing import NOW
from tests.engine.door import Door

CASE, OTHER, CLEO, ANNA, BRAM = "c-1", "c-2", "p-cleo", "s-anna", "s-bram"

LOCAL_NOW = "2026-03-11T10:00:00+01:00"


def offered(case: str = CASE, colleague: str = CLEO, report: str = "r-1") -> intake.SupportOffered:
    one = intake.Colleague(case=case, colleague=colleague, profession="nurse", department="icu")
    return intake.SupportOffered(report=report, t0=NOW, event_types=("aggression",), colleagues=(one,))


def matched(who: str = ANNA, case: str = CASE) -> matching.SupporterMatched:
    return matching.SupporterMatched(case=case, supporter=who)


async def two_cases(door: Door) -> None:
    await door.hear(offered(), matched(ANNA), offered(OTHER, "p-dirk", "r-2"), matched(BRAM, OTHER))
