"""What several tests of what comes later share."""

from __future__ import annotations

from shared.messages.followup import (
    AgreeToCheckIns,
    CheckInsAgreed,
)
from shared.testing import NOW
from tests.decisions.followup_tale import (
    CASE,
    COLLEAGUE,
    HOUR,
    TALKED,
    by,
    offered,
)

T0 = NOW - HOUR

SEVERE = [offered(harm="severe"), *TALKED[1:]]

LATER_ONLY = by(AgreeToCheckIns, COLLEAGUE, later=True, milestones=False)

MILESTONES_ONLY = by(AgreeToCheckIns, COLLEAGUE, later=False, milestones=True)


def agreed(later: bool, milestones: bool) -> CheckInsAgreed:
    return CheckInsAgreed(case=CASE, later=later, milestones=milestones)
