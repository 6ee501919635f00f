"""A town with two small hospitals, and an embedded house as a process of its own."""

from __future__ import annotations

from tests.journeys.conftest import town

__all__ = ["town"]
