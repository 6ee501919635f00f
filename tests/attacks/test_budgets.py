"""Nobody asks without an end: a key, an address without one and whoever tries keys each have so much, and then wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args
from unittest.mock import Mock, call

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest

from shared.clock import WallClock
from shared.db import Database, create_schema
from shared.http import access, budgets
from shared.http.access import Caller
from shared.http.answers import Holder, an_app
from shared.http.budgets import OF_ANYBODY, OF_FAILURES, OF_KEYS, Buckets, Budget, Budgets
from shared.http.gate import guard
from shared.http.terms import EVERY_ROLE, by_link, lets, open_always, open_to_all
from shared.messages import Role
from shared.metrics import Metrics

OTHER = "203.0.113.9"


@dataclass
class Door:
    """An app with budgets, whose clock the test moves."""

    keys: access.Access
    metrics: Metrics = field(default_factory=Metrics)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.app = an_app()
        guard(self.app, self.keys, {"example"}.__contains__, Budgets(self.metrics, 1, lambda: self.now))
        _add_routes(self.app)

    async def ask(self, path: str, key: str = "", times: int = 1, by: str = "198.51.100.7") -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=self.app, client=(by, 1))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://naast") as client:
            return [await client.get(path, headers=headers) for _ in range(times)]

    async def statuses(self, path: str, key: str = "", times: int = 1, by: str = "198.51.100.7") -> list[int]:
        return [one.status_code for one in await self.ask(path, key, times, by)]

    def counted(self) -> list[str]:
        lines = generate_latest(self.metrics.registry).decode().splitlines()
        return [one for one in lines if one.startswith(("naast_authentication", "naast_requests"))]


def _add_routes(app: FastAPI) -> None:
    @app.get("/v1/mine")
    @lets(*EVERY_ROLE, link=True)
    async def mine(who: Holder) -> str:
        return who.role

    @app.get("/open")
    @open_to_all
    async def anybody() -> str:
        return "open"

    @app.get("/health/live")
    @open_always
    async def live() -> str:
        return "alive"

    @app.get("/l/{token}")
    @by_link
    async def link(who: Holder) -> str:
        return who.case if who else "nobody"

    @app.post("/v1/large")
    @lets("feed", most=10**6)
    async def large() -> None: ...


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    database = Database(f"sqlite:///{tmp_path / 'access.sqlite'}", "access")
    await create_schema(database, access.metadata)
    yield Door(access.Access(database, WallClock()))
    await database.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "PAUSE", 0.0)


def some(budget: Budget) -> int:
    return int(budget.at_once)


def test_every_role_has_a_budget() -> None:
    assert OF_KEYS.keys() == set(get_args(Role))


async def test_a_key_that_asks_too_much_is_told_when_to_come_back_and_then_is_answered(door: Door) -> None:
    key = await door.keys.make_key("example", "supporter", "s-1")
    budget = OF_KEYS["supporter"]
    assert set(await door.statuses("/v1/mine", key, some(budget))) == {200}
    [refused] = await door.ask("/v1/mine", key)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["detail"]["error"] == "too_many"
    door.now += 1
    assert await door.statuses("/v1/mine", key, int(budget.a_second) + 1) == [200] * int(budget.a_second) + [429]
    assert door.counted() == ['naast_requests_over_budget_total{role="supporter"} 2.0']


async def test_what_one_key_spends_no_other_lacks(door: Door) -> None:
    mine, hers = [await door.keys.make_key("example", "feed") for _ in range(2)]
    await door.ask("/v1/mine", mine, some(OF_KEYS["feed"]) + 1)
    assert await door.statuses("/v1/mine", mine) + await door.statuses("/v1/mine", hers) == [429, 200]


@pytest.mark.usefixtures("at_once")
async def test_whoever_tries_keys_is_slowed_and_nobody_else_at_her_address(door: Door) -> None:
    good = await door.keys.make_key("example", "supporter", "s-1")
    tried = await door.statuses("/v1/mine", "naast_of_nobody", some(OF_FAILURES) + 1)
    assert (set(tried[:-1]), tried[-1]) == ({401}, 429)
    assert await door.statuses("/l/naast_of_nobody") == [429]
    assert await door.statuses("/v1/mine", good) == [200]
    assert await door.statuses("/v1/mine", "naast_of_nobody", by=OTHER) == [401]


async def test_whoever_fails_too_often_waits_for_the_answer(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[float]()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("shared.http.budgets.asyncio.sleep", sleep)
    await door.ask("/v1/mine", "naast_of_nobody", some(OF_FAILURES))
    assert budgets.PAUSE not in waited
    await door.ask("/v1/mine", "naast_of_nobody")
    assert budgets.PAUSE in waited


async def test_what_fails_is_counted_and_logged_without_what_was_tried(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Mock()
    monkeypatch.setattr(budgets, "_logger", log)
    await door.ask("/v1/mine", "naast_marker")
    await door.ask("/v1/mine")
    assert door.counted() == [
        'naast_authentication_failures_total{key="unknown"} 1.0',
        'naast_authentication_failures_total{key="none"} 1.0',
    ]
    assert log.mock_calls == [call.warning("no_good_key", key=key) for key in ("unknown", "none")]


async def test_without_a_key_an_address_has_its_budget_and_health_has_none(door: Door) -> None:
    answers = await door.statuses("/open", times=some(OF_ANYBODY) + 1)
    assert (set(answers[:-1]), answers[-1]) == ({200}, 429)
    assert set(await door.statuses("/health/live", times=2 * some(OF_ANYBODY))) == {200}
    assert await door.statuses("/open", by=OTHER) == [200]


async def test_all_addresses_of_one_network_are_one(door: Door) -> None:
    await door.ask("/open", times=some(OF_ANYBODY), by="2001:db8:1:2::1")
    assert await door.statuses("/open", by="2001:db8:1:2:ffff::2") == [429]
    assert await door.statuses("/open", by="2001:db8:1:3::1") == [200]


def test_of_many_names_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "REMEMBERED", 3)
    buckets, budget = Buckets(lambda: 0.0), Budget(1, 1)
    assert [buckets.take(name, budget) for name in "abcd"] == [0.0] * 4
    assert (buckets.take("d", budget), buckets.take("a", budget)) == (1.0, 0.0)


async def test_the_large_bodies_of_one_hospital_leave_room_for_those_of_another() -> None:
    order = list[str]()

    async def send(hospital: str) -> None:
        async with house.large(Caller(hospital, "feed", "")):
            order.append(hospital)
            await over.wait()

    house, over = Budgets(), asyncio.Event()
    sending = [asyncio.create_task(send(hospital)) for hospital in ("here", "here", "here", "there")]
    for _ in range(10):
        await asyncio.sleep(0)
    assert order == ["here", "there"]
    over.set()
    await asyncio.gather(*sending)
    assert order == ["here", "there", "here", "here"]


async def test_a_key_that_asks_for_much_at_one_moment_leaves_turns_to_others(door: Door) -> None:
    begun, over = list[str](), asyncio.Event()

    @door.app.get("/v1/slow")
    @lets("supporter")
    async def slow(who: Holder) -> None:
        begun.append(who.person)
        await over.wait()

    keys = {who: await door.keys.make_key("example", "supporter", who) for who in ("s-1", "s-2")}
    asking = [asyncio.create_task(door.ask("/v1/slow", keys[who])) for who in ["s-1"] * 50 + ["s-2"]]
    async with asyncio.timeout(60):
        while "s-2" not in begun:  # noqa: ASYNC110 - it looks from outside
            await asyncio.sleep(0)
    assert begun.count("s-1") == budgets.OF_ONE_KEY
    over.set()
    assert {one.status_code for [one] in await asyncio.gather(*asking)} == {200}
    assert len(begun) == 51


async def test_a_page_that_waits_for_another_request_has_no_turn_of_its_own(door: Door) -> None:
    link = await door.keys.make_link("example", "colleague", "p-1", "c-1")

    @door.app.get("/l/{token}/on")
    @by_link
    async def on(who: Holder) -> int:
        return (await door.statuses("/v1/mine", link))[0]

    asking = [asyncio.create_task(door.ask(f"/l/{link}/on")) for _ in range(20)]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*asking)
    assert {one.text for [one] in answers} == {"200"}
