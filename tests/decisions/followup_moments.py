"""What several tests of the clocks share."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.followup.protocol.case import Case
from services.followup.protocol.clocks import running
from services.followup.protocol.domain import PROTOCOL
from shared.messages.followup import Clock
from shared.testing import Story, a_hospital
from tests.decisions.followup_tale import (
    CASE,
    offered,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def due_at(clock: Clock, offered_at: str) -> str:
    """When a clock of an offer at this local moment runs out, in local time."""
    tale = Story(PROTOCOL, a_hospital(), local(offered_at).astimezone(UTC)).given(offered(local(offered_at)))
    [at] = [one.due_at for one in running(tale.state(Case, CASE), tale.hospital) if one.clock == clock]
    return f"{at.astimezone(AMSTERDAM):%Y-%m-%dT%H:%M}"
