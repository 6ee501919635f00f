"""What matching says: it knows asks and load.

A supporter is asked, accepts, declines or lets it pass; a match is made or it is said which rule removed how many.
"""

from __future__ import annotations

from shared.messages.matching.commands import (
    AcceptAsk,
    CancelLeave,
    CancelOnCall,
    ChoosePreferences,
    ConfirmPlan,
    DeclineAsk,
    PauseSupporter,
    PickSupporter,
    PlanLeave,
    PlanOnCall,
    ReturnSupporter,
    SearchAgain,
    SetWeek,
)
from shared.messages.matching.facts import (
    AskAccepted,
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    AvailabilityChanged,
    MatchFailed,
    NoticeDue,
    PlanMade,
    PreferencesChosen,
    Refused,
    SupporterAsked,
    SupporterMatched,
    SupporterPaused,
    SupporterReturned,
)
from shared.messages.matching.timers import AnswerDue, SearchDue
from shared.messages.matching.words import AskKind, PickReason, Unit

__all__ = [
    "AcceptAsk",
    "AnswerDue",
    "AskAccepted",
    "AskDeclined",
    "AskExpired",
    "AskKind",
    "AskWithdrawn",
    "AvailabilityChanged",
    "CancelLeave",
    "CancelOnCall",
    "ChoosePreferences",
    "ConfirmPlan",
    "DeclineAsk",
    "MatchFailed",
    "NoticeDue",
    "PauseSupporter",
    "PickReason",
    "PickSupporter",
    "PlanLeave",
    "PlanMade",
    "PlanOnCall",
    "PreferencesChosen",
    "Refused",
    "ReturnSupporter",
    "SearchAgain",
    "SearchDue",
    "SetWeek",
    "SupporterAsked",
    "SupporterMatched",
    "SupporterPaused",
    "SupporterReturned",
    "Unit",
]
