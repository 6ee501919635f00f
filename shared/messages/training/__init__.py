"""What training says: it knows the pool.

Supporters are nominated, qualify, attend intervisie, are suspended when a year passes without, and come back when they
attend.
"""

from __future__ import annotations

from shared.messages.training.commands import AttendIntervisie, CompleteTraining, Nominate
from shared.messages.training.facts import (
    CoverageMeasured,
    IntervisieAttended,
    IntervisieDue,
    NoticeDue,
    Refused,
    SupporterNominated,
    SupporterQualified,
    SupporterReinstated,
    SupporterSuspended,
)
from shared.messages.training.timers import IntervisieLapsed, IntervisieNear

__all__ = [
    "AttendIntervisie",
    "CompleteTraining",
    "CoverageMeasured",
    "IntervisieAttended",
    "IntervisieDue",
    "IntervisieLapsed",
    "IntervisieNear",
    "Nominate",
    "NoticeDue",
    "Refused",
    "SupporterNominated",
    "SupporterQualified",
    "SupporterReinstated",
    "SupporterSuspended",
]
