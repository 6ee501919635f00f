"""The coordinator's numbers and her list, and what auditor and ops see of them."""

from __future__ import annotations

import json
from pathlib import Path

from shared.messages import Role
from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, BRAM, CARLA, EVA, EVERYBODY, FINN, IRIS, Person, _supporter

MORE = tuple(_supporter(Person(str(300 + n), f"Near{n} Vries", "nurse", "nurse", "internal")) for n in range(4))


async def own(s: Scene, role: Role, who: Person | None) -> list[str]:
    """What somebody finds on the one task list."""
    return [one["task"] for one in (await s.town.get("tasks", await s.key(role, who)))["tasks"]]


async def test_what_is_overdue_comes_first_and_each_sees_her_own(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.town.wait(days=4)
        await s.press(ANNA, "help")
        listed = (await s.town.get("tasks", await s.key("coordinator", EVA)))["tasks"]
        assert [(one["task"], one["overdue"]) for one in listed] == [
            ("intervisie", True),
            ("attempt", True),
            ("contact", True),
            ("second_attempt", True),
            ("help", False),
        ]
        assert [case in one["command"] for one in listed] == [False, True, True, True, True]
        others: tuple[tuple[Role, Person | None], ...] = (("supporter", CARLA), ("supporter", BRAM), ("trainer", None))
        for role in ("auditor", "ops", "feed"):
            assert (await s.town.ask("GET", "tasks", await s.key(role))).status_code == 403
        assert [await own(s, role, who) for role, who in others] == [[], [], []]
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        await s.town.wait(days=36)
        assert [await own(s, role, who) for role, who in others] == [["closing"], [], []]


async def test_the_numbers_are_the_coordinators_and_counts_are_for_who_runs_the_house(tmp_path: Path) -> None:
    async with scene(tmp_path, staff=(*EVERYBODY, *MORE)) as s:
        await s.report(ANNA, FINN)
        await s.report(IRIS, number="2026-2")
        supporters = [one for one in s.people if "ask" in s.told(one)]
        await s.press(supporters[0], "accept")
        await s.press(supporters[0], "contact", reached="yes", channel="phone")
        await s.town.wait(days=4)
        full = await s.town.get("overview", await s.key("coordinator", EVA))
        short = [await s.town.get("overview", await s.key(role)) for role in ("auditor", "ops")]
        assert full == {
            "cases": {"offered": 2, "matched": 0, "in_contact": 1, "paused": 0, "closed": 0},
            "tasks": {
                "open": 8,
                "overdue": 8,
                "by_kind": {
                    kind: {"open": n, "overdue": n}
                    for kind, n in {
                        "assignment": 2,
                        "contact": 2,
                        "find_supporter": 1,
                        "intervisie": 1,
                        "unassigned": 2,
                    }.items()
                },
            },
            "oldest_hours": {"without_supporter": 96.0, "without_first_contact": 97.0},
            "first_contact": {"limit_hours": 72.0, "cases": 3, "median_hours": 1.0, "share_in_time": 0.333},
            "clocks_missed": {"assignment": 2, "contact": 2, "unassigned": 2},
            "extensions": 0,
            "handed_over": 0,
            "not_reached": 0,
            "erased": 0,
        }
        assert (
            short
            == [{"cases": full["cases"], "tasks": {name: full["tasks"][name] for name in ("open", "overdue")}}] * 2
        )
        for role, who in (("supporter", CARLA), ("trainer", None), ("feed", None), ("staff", ANNA)):
            for path in ("overview", "fairness"):
                assert (await s.town.ask("GET", path, await s.key(role, who))).status_code == 403  # type: ignore[arg-type]
        divided = [await s.town.get("fairness", await s.key(role)) for role in ("coordinator", "auditor", "ops")]
        assert divided == [divided[0]] * 3
        assert not any(ref in json.dumps([divided, short, full]) for ref in s.refs.values())
        nothing = dict.fromkeys(("cases", "fewest", "most", "spread"))
        assert divided[0]["professions"] == [
            {"profession": "doctor", "supporters": 1, **nothing},
            {"profession": "nurse", "supporters": 7, "cases": 1, "fewest": 0, "most": 1, "spread": 1},
        ]
        statistics = await s.town.ask("GET", "statistics", await s.key("ops"))
        assert statistics.status_code == 403
