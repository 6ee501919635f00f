"""The town and the terminal of the journeys, for whoever comes with bad intentions."""

from __future__ import annotations

from tests.journeys.conftest import terminal, town

__all__ = ["terminal", "town"]
