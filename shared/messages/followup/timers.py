"""What followup says to itself: moments that become due."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from shared.messages.base import Timer
from shared.messages.followup.words import Clock, Moment
from shared.messages.refs import CaseRef


class MomentDue(Timer):
    """The moment of something that the case itself does. `since`: what it is counted from; later counts anew."""

    about: ClassVar[str] = "case"
    case: CaseRef
    moment: Moment
    since: AwareDatetime


class ClockDue(Timer):
    """A clock may have run out. `since` is when it began; started anew, it has a timer of its own."""

    about: ClassVar[str] = "case"
    case: CaseRef
    clock: Clock
    since: AwareDatetime


class PauseDue(Timer):
    """A pause has lasted for so long that it is asked about. `since`: when it began; another one has its own timer."""

    about: ClassVar[str] = "case"
    case: CaseRef
    since: AwareDatetime
