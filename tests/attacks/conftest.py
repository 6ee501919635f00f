"""Whoever attacks has a terminal as well."""

from tests.journeys.conftest import terminal

__all__ = ["terminal"]
