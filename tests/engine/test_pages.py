"""No list is longer than a page, and none is cut without saying so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.house.parts import services
from shared.http.answers import routes_of
from shared.http.pages import Page
from shared.service import Running, Service
from tests.engine.door import Door
from tests.engine.intake_house import open_intake

#: Lists that cannot grow: one line for each profession, each coordinator, or each ref that was asked for.
SHORT = {"coverage", "fairness", "on-duty", "names", "overview", "statistics"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


def numbers(*given: int) -> dict[str, Any]:
    limit, offset, many = given
    return Page(limit, offset).cut("numbers", range(many), str)


def test_a_page_says_where_the_next_begins_and_the_last_one_does_not() -> None:
    assert numbers(2, 0, 5) == {"numbers": ["0", "1"], "next": 2, "total": 5}
    assert numbers(2, 2, 5) == {"numbers": ["2", "3"], "next": 4, "total": 5}
    assert numbers(2, 4, 5) == {"numbers": ["4"]}
    assert numbers(5, 0, 5) == {"numbers": ["0", "1", "2", "3", "4"]}
    assert numbers(5, 9, 5) == {"numbers": []}


async def test_a_list_is_read_page_by_page_to_its_end(door: Door) -> None:
    key = await door.key("coordinator")
    first = (await door.get(key, "staff?limit=3")).json()
    second = (await door.get(key, f"staff?limit=3&offset={first['next']}")).json()
    assert [len(first["staff"]), len(second["staff"])] == [3, 1]
    assert (first["total"], "next" in second) == (4, False)
    assert len({one["person"] for one in (*first["staff"], *second["staff"])}) == 4


async def test_a_look_at_a_long_log_goes_on_where_the_last_page_ended(door: Door) -> None:
    key = await door.key("auditor")
    for _ in range(3):
        await door.get(key, "access-log")
    page = (await door.get(key, "access-log?limit=2")).json()
    rest = (await door.get(key, "access-log?limit=1000&offset=2")).json()
    assert (len(page["access_log"]), page["next"]) == (2, 2)
    assert len(rest["access_log"]) == 3
    assert "next" not in rest


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=-1", "offset=-1", "offset=1000001", "limit=x"])
async def test_a_page_without_bounds_is_refused(door: Door, query: str) -> None:
    assert (await door.get(await door.key("coordinator"), f"staff?{query}")).status_code == 422


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_every_list_has_pages(door: Door, service: Service) -> None:
    routes = routes_of()
    routes.routes.extend(service.router(_running(door, service)).routes)
    lists = {}
    for route in routes.routes:
        path = getattr(route, "path", "").removeprefix("/v1/hospitals/{hospital}/")
        if "GET" in getattr(route, "methods", ()) and "{" not in path and path.isascii() and "/" not in path:
            asked = {one.name for one in _parameters(route)}
            lists[path] = {"limit", "offset"} <= asked
    assert {path for path, has_pages in lists.items() if not has_pages} <= SHORT
    assert any(lists.values())


def _running(door: Door, service: Service) -> Running:
    door.running.name = service.name
    return door.running


def _parameters(route: Any) -> list[Any]:
    """The query parameters of a route and of what it depends on."""
    found, todo = [], [route.dependant]
    while todo:
        one = todo.pop()
        found += one.query_params
        todo += one.dependencies
    return found
