"""What `naast doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "look", "bad"]


@dataclass(frozen=True)
class Finding:
    """What one look found. `do` is what to do about it; empty when nothing is."""

    what: str
    state: State
    says: str
    do: str = ""
