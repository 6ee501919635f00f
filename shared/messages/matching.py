"""What matching says: it knows asks and load.

A supporter is asked, accepts, declines or lets it pass; a match is made or it is said which rule removed how many.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from .base import Command, Fact, Timer
from .parts import NoticeDueBase, RefusedBase


class SupporterAsked(Fact):
    """A supporter is asked for a case. `removed`: per rule, how many were not eligible; `open_cases`: why this one."""

    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int
    answer_by: AwareDatetime
    open_cases: int = 0
    eligible: int = 1
    removed: dict[str, int] = Field(default_factory=dict)


class AskAccepted(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class AskDeclined(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class AskExpired(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class AskWithdrawn(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str
    ask: int


class SupporterMatched(Fact):
    about: ClassVar[str] = "case"
    case: str
    supporter: str


class MatchFailed(Fact):
    """Nobody can be asked: of `pool` supporters of this hospital, which rule removed how many."""

    about: ClassVar[str] = "case"
    case: str
    pool: int
    removed: dict[str, int]


class NoticeDue(NoticeDueBase):
    about: ClassVar[str] = "regarding"


class Refused(RefusedBase):
    about: ClassVar[str] = "regarding"


class AcceptAsk(Command):
    about: ClassVar[str] = "case"
    case: str


class DeclineAsk(Command):
    about: ClassVar[str] = "case"
    case: str


class SearchAgain(Command):
    about: ClassVar[str] = "case"
    case: str


class AnswerDue(Timer):
    """The time to answer the n-th ask of this case is over."""

    about: ClassVar[str] = "case"
    case: str
    ask: int


class SearchDue(Timer):
    """Nobody was found the last time; the search runs again."""

    about: ClassVar[str] = "case"
    case: str
    search: int
