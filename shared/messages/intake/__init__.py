"""What intake says: it knows people and doors.

A report becomes an offer to each colleague involved; supporters and headcounts are told in codes; notices are sent and
accounted for.
"""

from __future__ import annotations

from shared.messages.intake.commands import (
    CallGroup,
    DismissReport,
    MeasureHeadcount,
    NameInvolved,
    OfferNow,
    RecordStaff,
    Refer,
    SetDepartment,
    TakeReport,
)
from shared.messages.intake.facts import (
    EventReassessed,
    HeadcountMeasured,
    NoticeDue,
    NoticeFailed,
    NoticeSent,
    Refused,
    StaffLeft,
    StaffRecorded,
    SupporterInvolved,
    SupportOffered,
    SupportWithdrawn,
    TaskDone,
    TaskRaised,
)
from shared.messages.intake.timers import Notice, NoticeDivided, NoticeGone, VetoPassed
from shared.messages.intake.words import Colleague, Door, Involved

__all__ = [
    "CallGroup",
    "Colleague",
    "DismissReport",
    "Door",
    "EventReassessed",
    "HeadcountMeasured",
    "Involved",
    "MeasureHeadcount",
    "NameInvolved",
    "Notice",
    "NoticeDivided",
    "NoticeDue",
    "NoticeFailed",
    "NoticeGone",
    "NoticeSent",
    "OfferNow",
    "RecordStaff",
    "Refer",
    "Refused",
    "SetDepartment",
    "StaffLeft",
    "StaffRecorded",
    "SupportOffered",
    "SupportWithdrawn",
    "SupporterInvolved",
    "TakeReport",
    "TaskDone",
    "TaskRaised",
    "VetoPassed",
]
