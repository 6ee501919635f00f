"""A large event at night: nine colleagues of three departments, one plan, one letter, and asks that go out together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.journeys.scene import Scene, scene
from tests.journeys.staff import CARLA, DIRK, EVA, GERDA, Person, _supporter

NIGHT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
PLACES = ("icu", "surgery", "emergency")
#: Three nurses of each of three departments, and a supporter for each of them at a fourth.
HURT = tuple(Person(str(200 + n), f"Hurt{n} Jansen", "nurse", "nurse", PLACES[n % 3]) for n in range(9))
NEAR = tuple(_supporter(Person(str(300 + n), f"Near{n} Vries", "nurse", "nurse", "internal")) for n in range(9))
STAFF = (EVA, DIRK, GERDA, CARLA, *HURT, *NEAR)
AT_NIGHT: dict[str, Any] = {
    "occurred_at": {"value": "2026-03-11T01:00:00Z", "precision": "minute"},
    "reported_at": "2026-03-11T01:30:00Z",
}
AWAY = (('deputies = ["102"]', 'deputies = ["102"]\naway = [{who = "101", from = 2026-03-09, to = 2026-03-13}]'),)


async def plan(s: Scene) -> dict[str, Any]:
    [one] = (await s.town.get("plans", await s.key("coordinator", EVA)))["plans"]
    return dict(one)


async def test_nine_colleagues_are_asked_for_together_and_the_coordinator_hears_it_once(tmp_path: Path) -> None:
    async with scene(tmp_path, staff=STAFF, at=NIGHT) as s:
        await s.report(*HURT, **AT_NIGHT)
        asked = await s.asked()
        assert (len(asked), len(set(asked)), set(asked) - {one.name.split()[0] for one in (*NEAR, CARLA)}) == (
            9,
            9,
            set(),
        )
        assert await s.tasks() == ["large_event"]
        assert s.told_at(EVA) == [("large_event", NIGHT)]
        # Each of those who are asked got one letter, at once, for it is urgent; nobody else any.
        assert s.all_told() == {"Eva": ["large_event"]} | {name: ["ask"] for name in asked}
        assert {at for one in NEAR for _, at in s.told_at(one)} == {NIGHT}
        told = await plan(s)
        facts = {name: told[name] for name in ("departments", "asked", "left", "confirmed", "without_anybody", "helps")}
        assert facts == {"departments": 3, "asked": 9, "left": 0, "confirmed": True, "without_anybody": 0, "helps": []}
        assert sorted(told["cases"]) == sorted(one["case"] for one in await s.cases())
        for role in ("supporter", "auditor", "ops"):
            assert (await s.town.ask("GET", "plans", await s.key(role, NEAR[0]))).status_code == 403
        assert await s.do("coordinator", EVA, f"tasks/{told['report']}/large_event/done") == ""
        assert await s.tasks() == []


async def test_who_is_away_is_not_woken_her_deputy_is(tmp_path: Path) -> None:
    async with scene(tmp_path, staff=STAFF, at=NIGHT, settings=AWAY) as s:
        await s.report(*HURT, **AT_NIGHT)
        assert (s.told(EVA), s.told_at(DIRK)) == ([], [("large_event", NIGHT)])


async def test_where_a_hospital_confirms_first_nothing_is_asked_before_that(tmp_path: Path) -> None:
    async with scene(tmp_path, staff=STAFF, at=NIGHT, rules='MATCH-29 = "confirmed"') as s:
        await s.report(*HURT, **AT_NIGHT)
        assert (await s.asked(), await s.tasks(), s.all_told()) == ([], ["large_event"], {"Eva": ["large_event"]})
        told = await plan(s)
        assert (told["confirmed"], told["asked"], told["left"]) == (False, 9, 0)
        await s.town.wait(hours=3)
        assert (await s.asked(), s.all_told()) == ([], {"Eva": ["large_event"]})
        path = f"plans/{told['report']}/confirm"
        assert await s.do("supporter", NEAR[0], path) == "MATCH-25"
        assert await s.do("coordinator", EVA, path) == ""
        asked = await s.asked()
        assert (len(set(asked)), (await plan(s))["confirmed"]) == (9, True)
        assert await s.do("coordinator", EVA, path) == ""
        assert s.all_told() == {"Eva": ["large_event"]} | {name: ["ask"] for name in asked}
        assert await s.tasks() == []
        for one in s.people:
            if one.name.split()[0] in asked:
                await s.press(one, "accept")
        held = Counter(s.named(one["supporter"]) for one in await s.cases())
        assert held == dict.fromkeys(asked, 1)
        # It is six in the morning: a colleague is not woken to hear that somebody will call.
        assert [s.told(one) for one in HURT] == [[]] * 9
        await s.town.wait(hours=2)
        assert [s.told(one) for one in HURT] == [["matched"]] * 9


async def test_where_there_are_too_few_the_rest_is_named_and_what_helps(tmp_path: Path) -> None:
    few = (EVA, DIRK, *HURT, *NEAR[:2])
    async with scene(tmp_path, staff=few, at=NIGHT) as s:
        await s.report(*HURT, **AT_NIGHT)
        told = await plan(s)
        assert (told["asked"], told["left"], told["without_anybody"]) == (6, 3, 3)
        assert Counter(await s.asked()) == {"Near0": 3, "Near1": 3}
        assert [one["en"] for one in told["helps"]] == [
            f"Qualify 1 more supporter (nurse) outside {place}."
            for place in ("emergency department", "intensive care", "surgery")
        ]
        assert s.all_told() == {"Eva": ["large_event"], "Near0": ["ask"] * 3, "Near1": ["ask"] * 3}
        assert await s.tasks() == ["large_event"]
