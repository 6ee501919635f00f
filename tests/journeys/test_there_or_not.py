"""When supporters are there changes who is asked, and until when she may answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA

EVENING = datetime(2026, 3, 11, 20, 0, tzinfo=UTC)
WEEK = {
    "week": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00"),
    "holidays": False,
}
HARMLESS = {"harm": "mild", "support_wish": "requested"}


async def answer_by(s: Scene) -> str:
    [ask] = (await s.town.get("asks", await s.key("coordinator", EVA)))["asks"]
    return str(ask["answer_by"])


async def test_who_is_on_leave_is_not_asked_until_she_is_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        mine = f"availability/{s.ref(CARLA)}"
        leave = {"first": "2026-03-11", "last": "2026-03-20"}
        assert await s.do("supporter", BRAM, f"{mine}/leave", leave) == "MATCH-23"
        assert await s.do("supporter", CARLA, f"{mine}/leave", leave) == ""
        await s.report(ANNA)
        assert await s.asked() == ["Bram"]
        await s.press(BRAM, "decline")
        assert (await s.asked(), await s.tasks(), s.told(EVA)) == ([], ["find_supporter"], ["find_supporter"])
        # She comes back early, and the case that waits is hers to answer at once.
        assert await s.do("supporter", CARLA, f"{mine}/leave/cancel", {"first": "2026-03-11"}) == ""
        assert (await s.asked(), s.told(CARLA)) == (["Carla"], ["ask"])
        await s.press(CARLA, "accept")
        assert (await s.tasks(), s.told(ANNA)) == ([], ["matched"])


async def test_who_pauses_herself_loses_an_open_ask_and_keeps_her_case(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        mine = f"availability/{s.ref(CARLA)}"
        await s.report(ANNA)
        assert await s.asked() == ["Carla"]
        assert await s.do("supporter", DAAN, f"{mine}/pause") == "MATCH-23"
        assert await s.do("supporter", CARLA, f"{mine}/pause") == ""
        assert await s.asked() == ["Bram"]
        await s.press(BRAM, "accept")
        case = await s.case()
        assert await s.do("coordinator", EVA, f"availability/{s.ref(BRAM)}/pause") == ""
        assert (await s.card("supporter", BRAM, case), await s.card("supporter", CARLA, case)) == ("Anna", "")
        shown = (await s.town.get("availability", await s.key("coordinator", EVA)))["availability"]
        assert {s.named(one["supporter"]) for one in shown if one["paused"]} == {"Bram", "Carla"}
        [own] = (await s.town.get("availability", await s.key("supporter", DAAN)))["availability"]
        assert s.named(own["supporter"]) == "Daan"
        await s.report(ANNA, number="2026-2")
        assert (await s.asked(), s.told(EVA)) == ([], ["find_supporter"])
        assert await s.do("supporter", CARLA, f"{mine}/return") == ""
        assert await s.asked() == ["Carla"]


async def test_who_is_on_call_is_asked_first_and_her_clock_runs_through_the_night(tmp_path: Path) -> None:
    async with scene(tmp_path, at=EVENING) as s:
        turn = {"begin": "2026-03-11T18:00:00Z", "end": "2026-03-12T06:00:00Z"}
        for one in (BRAM, CARLA):
            assert await s.do("supporter", one, f"availability/{s.ref(one)}/week", WEEK) == ""
        assert await s.do("supporter", BRAM, f"on-call/{s.ref(BRAM)}", turn) == "MATCH-24"
        assert await s.do("coordinator", EVA, f"on-call/{s.ref(BRAM)}", turn) == ""
        [planned] = (await s.town.get("on-call", await s.key("supporter", BRAM)))["on_call"]
        assert s.named(planned["supporter"]) == "Bram"
        await s.report(ANNA)
        assert (await s.asked(), await answer_by(s)) == (["Bram"], "2026-03-12T00:00:00Z")
        assert s.told_at(BRAM) == [("ask", EVENING)]
        # She lets it pass; the next is asked in the night, and has until her morning and four hours.
        await s.town.wait(hours=4, minutes=1)
        assert (await s.asked(), await answer_by(s)) == (["Carla"], "2026-03-12T11:00:00Z")
        case = await s.case()
        searches = (await s.town.get(f"cases/{case}/match", await s.key("coordinator", EVA)))["searches"]
        assert [(one["first_by"]["rule"], s.named(one["supporter"])) for one in searches] == [
            ("MATCH-26", ""),
            ("MATCH-11", "Carla"),
        ]


async def test_without_on_call_the_clock_of_an_answer_waits_for_the_morning(tmp_path: Path) -> None:
    async with scene(tmp_path, at=EVENING) as s:
        for one in (BRAM, CARLA):
            assert await s.do("supporter", one, f"availability/{s.ref(one)}/week", WEEK) == ""
        await s.report(ANNA)
        assert (await s.asked(), await answer_by(s)) == (["Carla"], "2026-03-12T11:00:00Z")


async def test_where_a_hospital_does_not_want_it_on_call_changes_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, at=EVENING, rules='MATCH-26 = "never"') as s:
        turn = {"begin": "2026-03-11T18:00:00Z", "end": "2026-03-12T06:00:00Z"}
        assert await s.do("coordinator", EVA, f"on-call/{s.ref(BRAM)}", turn) == ""
        await s.report(ANNA)
        assert await s.asked() == ["Carla"]
