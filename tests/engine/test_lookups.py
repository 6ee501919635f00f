"""Keys that are looked up at one moment share a query, and no answer is older than its question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.clock import SimulatedClock
from shared.db import Database, create_schema
from shared.http import access as access_module
from shared.http.access import Access
from shared.http.lookups import Lookups
from shared.testing import NOW
from tests.engine.place import Place


class Register:
    """What is known, and which questions came."""

    def __init__(self) -> None:
        self.known = {"a": 1, "b": 2}
        self.asked: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def find(self, keys: Sequence[str]) -> dict[str, int]:
        self.asked.append(sorted(keys))
        found = {key: self.known[key] for key in keys if key in self.known}
        await self.gate.wait()
        if "bad" in keys:
            raise ConnectionRefusedError
        return found


async def test_questions_of_one_moment_are_one_query() -> None:
    register = Register()
    lookups = Lookups(register.find)
    assert await asyncio.gather(*(lookups.of(key) for key in ("a", "b", "c", "a"))) == [1, 2, None, 1]
    assert register.asked == [["a", "b", "c"]]


async def test_a_question_is_never_answered_by_what_was_found_before_it_was_asked() -> None:
    register = Register()
    lookups = Lookups(register.find)
    register.gate.clear()
    before = asyncio.create_task(lookups.of("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert register.asked == [["a"]]
    del register.known["a"]  # revoked while the first is on its way
    after = asyncio.create_task(lookups.of("a"))
    await asyncio.sleep(0)
    register.gate.set()
    assert [await before, await after] == [1, None]


async def test_what_goes_wrong_is_told_to_those_who_asked_and_to_nobody_later() -> None:
    register = Register()
    lookups = Lookups(register.find)
    answers = await asyncio.gather(lookups.of("bad"), lookups.of("a"), return_exceptions=True)
    assert [type(one) for one in answers] == [ConnectionRefusedError] * 2
    assert await lookups.of("a") == 1


async def test_whoever_gives_up_leaves_the_others_their_answer() -> None:
    register = Register()
    lookups = Lookups(register.find)
    register.gate.clear()
    gone, stays = asyncio.create_task(lookups.of("a")), asyncio.create_task(lookups.of("a"))
    await asyncio.sleep(0)
    gone.cancel()
    register.gate.set()
    assert await stays == 1


@pytest.mark.parametrize("way", ["revoked", "expired"])
async def test_a_key_that_is_no_longer_good_is_refused_at_once_by_every_replica(place: Place, way: str) -> None:
    clock, url = SimulatedClock(NOW), place.url.format(service="access")
    one, two = (Access(Database(url, f"{place.schema}access"), clock) for _ in range(2))
    for access in (one, two):
        place.closing.push_async_callback(access.database.close)
    await create_schema(one.database, access_module.metadata)
    token = await one.make_link("example", "supporter", "s-1", "c-1")
    found = await one.who(token)
    assert found == await two.who(token)
    assert found is not None
    assert replace(found, key="") == access_module.Caller("example", "supporter", "s-1", "c-1")
    if way == "revoked":
        [key] = await one.keys("example", links=True)
        await one.revoke("example", key.id)
    else:
        clock.move_to(NOW + access_module.LINK_LIFE)
    assert [await one.who(token), await two.who(token), await two.who("nonsense")] == [None] * 3
