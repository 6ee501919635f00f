"""The same tests on both databases and on both buses; what only replicas can do, on PostgreSQL."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.bus import level, local
from shared.engine.engine import Engine
from tests.engine.house import House
from tests.engine.place import Place
from tests.engine.toy import Publisher

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _nobody_calls_the_roll(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost in these tests does not come back by another way than the one that they try."""
    monkeypatch.setattr(level, "PACE", 3600.0)
    monkeypatch.setattr(local, "PACE", 3600.0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty database of this test alone, and a clock that stands still."""
    if request.param == "sqlite":
        place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "")
    else:
        place = on_postgresql(request.getfixturevalue("schemas_url"))
    async with place.closing:
        yield place


def on_postgresql(url: str) -> Place:
    return Place(url, f"t{next(_numbers)}")


@pytest.fixture
async def engine(place: Place) -> Engine:
    """A matching."""
    return await place.engine()


@pytest.fixture
async def callers(place: Place) -> tuple[Engine, Engine]:
    """A matching as two meet it who call at the same moment."""
    return await place.callers()


@pytest.fixture
async def replicas(schemas_url: str) -> AsyncIterator[tuple[Engine, Engine]]:
    """A matching in two processes."""
    place = on_postgresql(schemas_url)
    async with place.closing:
        yield await place.engine(), await place.engine()


@pytest.fixture
def other() -> Publisher:
    """Every other service."""
    return Publisher()


@pytest.fixture(params=["local", pytest.param("rabbitmq", marks=pytest.mark.live)])
def house(request: pytest.FixtureRequest, place: Place) -> House:
    """A matching and an intake that hear each other; not yet at work."""
    return House(place, request.getfixturevalue("amqp_url") if request.param == "rabbitmq" else "")
