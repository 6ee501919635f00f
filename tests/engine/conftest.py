"""The same tests on both databases and on both buses."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.engine.engine import Engine
from tests.engine.house import House
from tests.engine.place import Place
from tests.engine.toy import Publisher

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty database of this test alone, and a clock that stands still."""
    if request.param == "sqlite":
        place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "")
    else:
        place = Place(request.getfixturevalue("postgres_server").url, f"t{next(_numbers)}")
    async with place.closing:
        yield place


@pytest.fixture
async def engine(place: Place) -> Engine:
    """A matching."""
    return await place.engine()


@pytest.fixture
def other() -> Publisher:
    """Every other service."""
    return Publisher()


@pytest.fixture(params=["local", pytest.param("rabbitmq", marks=pytest.mark.live)])
def house(request: pytest.FixtureRequest, place: Place) -> House:
    """A matching and an intake that hear each other; not yet at work."""
    return House(place, request.getfixturevalue("amqp_url") if request.param == "rabbitmq" else "")
