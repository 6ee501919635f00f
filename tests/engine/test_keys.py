"""A key ends, says when it was last used, and brings the reports of its own system alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.http.access import LIVES, KeyInfo
from shared.http.terms import EVERY_ROLE
from shared.messages import Role
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


async def newest(door: Door) -> KeyInfo:
    return (await door.running.access.keys("example", links=True))[-1]


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
async def test_a_key_of_any_role_works_until_its_end_and_no_longer(door: Door, role: Role) -> None:
    key = await door.key(role, "x-1", "c-1" if role == "colleague" else "")
    token = key["Authorization"].removeprefix("Bearer ")
    door.clock.move_to(door.clock.now() + LIVES[role] - MINUTE)
    assert await door.running.access.who(token) is not None
    door.clock.move_to(door.clock.now() + 2 * MINUTE)
    assert await door.running.access.who(token) is None
    assert (await door.get(key, "on-duty")).status_code == 401


async def test_the_last_use_is_noted_once_a_day(door: Door) -> None:
    key, begun = await door.key("coordinator"), door.clock.now()
    assert (await newest(door)).used_at is None
    seen = []
    for after in (0, 1, 23, 24, 30, 47, 49):
        door.clock.move_to(begun + after * HOUR)
        await door.get(key, "on-duty")
        used = (await newest(door)).used_at
        assert used is not None
        seen.append((used - begun) / HOUR)
    assert seen == [0, 0, 0, 24, 24, 24, 48 + 1]


async def test_a_feed_brings_the_reports_of_its_own_system_alone(door: Door) -> None:
    named = {"report_id": "7", "revision": "1", "mapping": "vim@1"}
    bodies = [canonical("1", data={"source": {"system": system, **named}}) for system in ("vim", "other")]
    answers = {}
    for system in ("vim", "other", ""):
        token = await door.running.access.make_key("example", "feed", system=system)
        sent = [await feed(door, body, who={"Authorization": f"Bearer {token}"}) for body in bodies]
        answers[system] = [(one.status_code, one.json()["rejected"]) for one in sent]
    refused = [{"reason": "other_system", "path": "source.system"}]
    assert answers == {
        "vim": [(202, []), (400, refused)],
        "other": [(400, refused), (202, [])],
        "": [(202, []), (202, [])],
    }
    kept = (await door.get(await door.key("auditor"), "quarantine")).json()["quarantine"]
    assert {row["reason"] for row in kept} == {"other_system"}
