"""A colleague who is not reached, and what is told late: attempts, their clocks, the closing, and moments of the past."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.journeys.scene import scene
from tests.journeys.staff import ANNA, CARLA, EVA
from tests.journeys.town import NOW


async def test_who_is_not_reached_gets_a_neutral_letter_after_three_attempts_by_two_ways(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        closing = f"cases/{case}/close", {"ending": "not_reached"}
        clocks = {one["clock"]: one for one in (await s.town.get(f"cases/{case}/explain", await s.key("coordinator", EVA)))["clocks"]}
        limits = {name: clocks[name]["limit_hours"] for name in ("attempt", "second_attempt", "third_attempt") if name in clocks}
        assert limits == {"attempt": 24.0, "second_attempt": 72.0, "third_attempt": 168.0}
        await s.press(CARLA, "contact", reached="no", channel="phone")
        assert await s.do("supporter", CARLA, *closing) == "FOLLOW-25"
        await s.press(CARLA, "contact", reached="no", channel="phone")
        await s.press(CARLA, "contact", reached="no", channel="phone")
        assert await s.do("supporter", CARLA, *closing) == "FOLLOW-26"
        assert await s.do("coordinator", EVA, *closing) == "FOLLOW-26"
        refused = await s.press(CARLA, "close", ending="not_reached")
        assert "Een casus wordt pas als niet bereikt gesloten als het langs minstens 2 wegen is geprobeerd." in refused.text
        await s.press(CARLA, "contact", reached="no", channel="message")
        print(await s.tasks(), s.all_told())
        thanks = await s.press(CARLA, "close", ending="not_reached")
        assert thanks.heading == "Dank je wel"
        shown = await s.show(case)
        assert (shown["state"], shown["ending"], shown["attempts"], await s.tasks()) == ("closed", "not_reached", 4, [])
        print(s.all_told())
        assert s.told(ANNA) == ["matched", "not_reached"]
        letter = s.town.letters_of(ANNA)[-1]
        assert letter.subject == "Even contact"
        assert (await s.page(ANNA)).heading == "Het contact is afgerond"
        await s.town.wait(days=40)
        assert s.told(ANNA) == ["matched", "not_reached"]


async def test_each_attempt_that_does_not_come_is_a_task_at_its_own_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        seen = []
        for hours in (23, 25, 71, 73, 167, 169):
            await s.town.wait(hours=hours - (s.town.clock.now() - NOW) / timedelta(hours=1))
            seen.append((hours, sorted((await s.show(case))["missed"]), await s.tasks(), s.all_told()))
        print(seen); assert 0


async def test_what_is_told_late_counts_from_when_it_was_however_it_comes(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        path = f"cases/{case}/"
        await s.town.wait(days=5)

        def at(days: float) -> str:
            return (NOW + timedelta(days=days)).isoformat()

        late = {"kind": "conversation", "minutes": 30, "at": at(3)}
        assert await s.do("supporter", CARLA, f"{path}conversation", late) == ""
        assert await s.do("supporter", CARLA, f"{path}contact", {"reached": True, "channel": "phone", "at": at(1)}) == ""
        assert await s.do("supporter", CARLA, f"{path}conversation", late | {"at": at(2)}) == ""
        for body in (late | {"at": at(6)}, late | {"at": at(-2)}):
            assert await s.do("supporter", CARLA, f"{path}conversation", body) == "FOLLOW-27"
        for day in (6, -2):
            again = {"reached": True, "channel": "phone", "at": at(day)}
            assert await s.do("supporter", CARLA, f"{path}contact", again) == "FOLLOW-27"
        assert await s.do("supporter", CARLA, f"{path}contact", {"reached": True, "channel": "phone", "at": at(1)}) == ""
        shown = await s.show(case)
        print(shown, await s.tasks(), s.all_told()); assert 0
