"""What training says to itself: moments that become due."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.messages.base import Timer
from shared.messages.refs import StaffRef


class IntervisieLapsed(Timer):
    """The day came on which a year without intervisie is over."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    due_on: date


class IntervisieNear(Timer):
    """Intervisie is due soon; the supporter is told."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    due_on: date
