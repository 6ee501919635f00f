"""A town with two small hospitals, an embedded house as a process of its own, and a terminal for whoever attacks."""

from __future__ import annotations

from tests.journeys.conftest import terminal, town

__all__ = ["terminal", "town"]
