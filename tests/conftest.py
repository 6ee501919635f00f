"""Real servers for the tests that need them, each started once and only when a test asks for it."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests import servers

Kind = TypeVar("Kind", bound=servers.Server)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"rabbit_server", "postgres_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[servers.RabbitMQ]:
    with _or_fail(servers.rabbitmq) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgreSQL]:
    with _or_fail(servers.postgres) as server:
        yield server


@pytest.fixture
def amqp_url(rabbit_server: servers.RabbitMQ) -> str:
    """A virtual host of this test alone."""
    return rabbit_server.fresh()


@pytest.fixture
def postgres_url(postgres_server: servers.PostgreSQL) -> str:
    """An empty database of this test alone."""
    return postgres_server.fresh()


def _or_fail(make: Callable[[], Kind]) -> Kind:
    try:
        return make()
    except servers.ServerMissing as error:
        missing = str(error)
    pytest.fail(missing, pytrace=False)
