"""Real servers for the tests that need them, started only when a test asks; and how long a run goes on."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import fastapi.dependencies.models
import pytest

from tests import effort, servers, side_by_side
from tests.servers.shared import Borrowed, Places, Shared

PLACES = pytest.StashKey[Places]()
#: Fixtures that need a real server.
LIVE = {"fresh_place", "rabbit_server", "postgres_server"}
#: A worker takes a gigabyte at most, and beyond so many the longest test decides how long it takes.
MOST_WORKERS = 8


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="random histories and crashes fifty times over, for a night")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--long"):
        effort.go_on_for_long()
    counter = getattr(config, "workerinput", {}).get("counter")
    kinds: dict[str, Callable[[], servers.Server]] = {
        "rabbitmq": servers.rabbitmq,
        "postgresql": lambda: servers.postgres(durable=False),
    }
    config.stash[PLACES] = Borrowed(*counter) if counter else Shared(kinds)


def pytest_unconfigure(config: pytest.Config) -> None:
    if isinstance(places := config.stash.get(PLACES, None), Shared):
        places.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is told where to ask for a server."""
    node.workerinput["counter"] = node.config.stash[PLACES].counter


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_WORKERS)


def pytest_collection_finish() -> None:
    """What was loaded until now stays: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 5)
    gc.callbacks.append(_forget_apps)


def _forget_apps(phase: str, info: dict[str, int]) -> None:
    """FastAPI remembers the last 4,096 functions that it looked at, and with them every house that was ever open."""
    if phase == "start" and info["generation"] == 2:
        for name in ("_is_gen_callable_cached", "_is_async_gen_callable_cached", "_is_coroutine_callable_cached"):
            if cached := getattr(fastapi.dependencies.models, name, None):
                cached.cache_clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> side_by_side.Scheduling:
    config.option.loadscopereorder = False
    return side_by_side.Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        side_by_side.sort(items)
    for item in items:
        if LIVE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.live)


# -- a place of one's own on a server of all


@pytest.fixture(scope="session")
def fresh_place(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """Gives the url of a place that nobody has used, on a server of this kind ("rabbitmq" or "postgresql")."""

    def fresh(kind: str) -> str:
        with _missing_is_a_failure():
            return pytestconfig.stash[PLACES].fresh(kind)

    return fresh


@pytest.fixture
def amqp_url(fresh_place: Callable[[str], str]) -> str:
    """A virtual host of this test alone."""
    return fresh_place("rabbitmq")


@pytest.fixture
def postgres_url(fresh_place: Callable[[str], str]) -> str:
    """An empty database of this test alone."""
    return fresh_place("postgresql")


@pytest.fixture(scope="session")
def schemas_url(fresh_place: Callable[[str], str]) -> str:
    """A database of this process, for tests that make schemas of their own."""
    return fresh_place("postgresql")


# -- a server of one's own, which may be stopped and killed


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[servers.RabbitMQ]:
    with _missing_is_a_failure():
        server = servers.rabbitmq()
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgreSQL]:
    with _missing_is_a_failure():
        server = servers.postgres()
    with server:
        yield server


@contextmanager
def _missing_is_a_failure() -> Iterator[None]:
    try:
        yield
    except servers.ServerMissing as error:
        missing = str(error)
    else:
        return
    pytest.fail(missing, pytrace=False)
