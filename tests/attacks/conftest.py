"""The town and the terminal of the journeys, the deployment of the live tests, and a place on the broker, for whoever
comes with bad intentions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.engine.engine import Engine
from tests.engine.place import Place
from tests.journeys.conftest import terminal, town
from tests.live.counted import deployment

__all__ = ["deployment", "terminal", "town"]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A place for services on the broker, with a database of this test alone."""
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        yield place


@pytest.fixture
async def engine(place: Place) -> Engine:
    """A matching."""
    return await place.engine()
