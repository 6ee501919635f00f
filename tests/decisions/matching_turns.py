"""What several tests of hours share."""

from __future__ import annotations

from datetime import UTC, datetime


def at(text: str) -> datetime:
    """A moment in Amsterdam, in winter."""
    return datetime.fromisoformat(text + "+01:00").astimezone(UTC)
