"""The words in which followup speaks: its codes, and the parts of its messages."""

from __future__ import annotations

from typing import Literal

#: What must have happened by a moment; FOLLOW says by when, and what starts it.
Clock = Literal[
    "assignment",
    "unassigned",
    "attempt",
    "second_attempt",
    "third_attempt",
    "contact",
    "follow_up",
    "second_conversation",
    "third_conversation",
    "last_check",
    "closing",
]

#: What the case itself does when its moment comes.
Moment = Literal["self_check", "evaluation", "check_in_first", "check_in_second", "look_again", "erasure"]

Channel = Literal["phone", "in_person", "video", "message"]

Talk = Literal["conversation", "phone_follow_up", "group"]

Ending = Literal["completed", "declined", "not_reached", "withdrawn", "handed_over"]

#: Why a case needs another supporter.
Why = Literal["handed_back", "chosen", "ill", "left", "involved", "coordinator"]

#: Who may take over from a supporter.
Professional = Literal["occupational_physician", "staff_social_work", "psychologist", "general_practitioner"]

Milestone = Literal["interview", "report", "complaint"]
