"""The contracts: one folder per publishing service, which owns its messages: `facts.py` for the others, `commands.py`
for people, `timers.py` for itself.

Each fact names its hearers (`heard_by`), and nobody else gets it. What each hearer gets about one subject is numbered,
so that it can tell a gap from silence.
"""

from __future__ import annotations

from . import followup, intake, matching, training
from .base import (
    CATALOGUE,
    Command,
    Event,
    Fact,
    Letter,
    Message,
    Part,
    Sealed,
    Timer,
    Unreadable,
    counted,
    heard_by,
    opened,
    read,
    read_all,
    spelled,
    write,
    write_batch,
)
from .parts import Role
from .refs import kind_of

SERVICES: tuple[str, ...] = ("intake", "matching", "followup", "training")

__all__ = [
    "CATALOGUE",
    "SERVICES",
    "Command",
    "Event",
    "Fact",
    "Letter",
    "Message",
    "Part",
    "Role",
    "Sealed",
    "Timer",
    "Unreadable",
    "counted",
    "followup",
    "heard_by",
    "intake",
    "kind_of",
    "matching",
    "opened",
    "read",
    "read_all",
    "spelled",
    "training",
    "write",
    "write_batch",
]
