"""What is wrong with the settings of a hospital, as the services tell it: since when, and per field what to do."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from services.cli.stop import AWAY, Stop
from services.cli.words import Words


def nothing_in_force(words: Words, zone: tzinfo | None, told: dict[str, Any]) -> Stop:
    """Where nothing of a hospital is in force: it waits until somebody corrects the file."""
    says = words("settings.none", since=words.moment(told["since"], zone))
    return Stop(says, "\n       ".join(fields(words, told)), AWAY, told)


def fields(words: Words, told: dict[str, Any]) -> list[str]:
    """A line for each mistake: the field, and what to do."""
    return [f"{one['field']}: {one['do'][words.lang]}" for one in told["problems"]]
