"""The town of the journeys, for whoever comes with bad intentions."""

from tests.journeys.conftest import town

__all__ = ["town"]
