"""The contracts: one folder per publishing service, which owns its messages: `facts.py` for the others, `commands.py`
for people, `timers.py` for itself.

`SUBSCRIBERS` is who hears whom. A subscriber hears everything of a publisher, so that it can tell a gap from silence.
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
    opened,
    read,
    read_all,
    write,
    write_batch,
)
from .parts import Role

SERVICES: tuple[str, ...] = ("intake", "matching", "followup", "training")

SUBSCRIBERS: dict[str, tuple[str, ...]] = {
    "intake": ("matching", "followup", "training"),
    "matching": ("intake", "followup", "training"),
    "followup": ("intake", "matching", "training"),
    "training": ("intake", "matching", "followup"),
}

__all__ = [
    "CATALOGUE",
    "SERVICES",
    "SUBSCRIBERS",
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
    "followup",
    "intake",
    "matching",
    "opened",
    "read",
    "read_all",
    "training",
    "write",
    "write_batch",
]
