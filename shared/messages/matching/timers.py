"""What matching says to itself: moments that become due."""

from __future__ import annotations

from typing import ClassVar

from shared.messages.base import Timer
from shared.messages.refs import CaseRef


class AnswerDue(Timer):
    """The time to answer the n-th ask of this case is over."""

    about: ClassVar[str] = "case"
    case: CaseRef
    ask: int


class SearchDue(Timer):
    """Nobody was found the last time; the search runs again."""

    about: ClassVar[str] = "case"
    case: CaseRef
    search: int
