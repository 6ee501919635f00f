"""The words in which matching speaks: its codes, and the parts of its messages."""

from __future__ import annotations

from typing import Literal

#: How a supporter came to be asked: in turn, because she is on call, in the plan of a large event, for a team, or
#: picked by the coordinator.
AskKind = Literal["normal", "on_call", "large_event", "group", "by_hand"]

#: Why the coordinator picks somebody by hand.
PickReason = Literal["colleague_asks", "language", "continuity", "nobody_else", "urgency"]

Unit = Literal["own", "other", "any"]
