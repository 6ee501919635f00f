"""Whoever presses a button again and again that a rule does not allow fills no timeline and no table."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.followup.app import SERVICE
from services.followup.tables import SHELVES, read_timeline
from shared.sweep import Sweeper
from tests.engine.door import Door, open_door
from tests.engine.followup_told import ANNA, CASE, two_cases
from tests.engine.place import Place, rows
from tests.engine.toy import accept

TIMES = 5


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as opened:
        yield opened


async def kept(door: Door) -> Counter[str]:
    async with door.running.database.read() as c:
        return Counter(told.type for told in await read_timeline(c, "example", CASE))


async def test_of_a_refusal_that_came_again_the_last_one_is_told_and_kept(door: Door) -> None:
    await two_cases(door)
    anna, coordinator = await door.key("supporter", ANNA), await door.key("coordinator")
    before = await kept(door)
    for _ in range(TIMES):
        assert (await door.post(anna, f"cases/{CASE}/extension")).status_code == 403
    other = await door.post(anna, f"cases/{CASE}/close", {"ending": "not_reached"})
    assert other.status_code == 409
    lines = [line["text"] for line in (await door.get(coordinator, f"cases/{CASE}?lang=en")).json()["timeline"]]
    assert len([line for line in lines if line.startswith("Not allowed by rule")]) == 2
    running = door.running
    await Sweeper("followup", running.database, door.clock, running.metrics, SHELVES, ()).round()
    assert await kept(door) == before + Counter({"refused": 2})


async def test_whoever_asks_about_what_nobody_mentioned_is_told_the_rule_and_nothing_is_kept(place: Place) -> None:
    engine = await place.engine()
    for _ in range(2):
        [told] = await engine.ask(accept("c-unheard-of", "s-1"))
        assert (told.data.name, told.subject) == ("refused", "c-unheard-of")
    assert [await rows(engine, table) for table in ("journal", "received", "case", "pending")] == [[], [], [], []]
