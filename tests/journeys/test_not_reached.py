"""A colleague who is not reached: attempts, their clocks and the closing; and what is told late."""

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
        clocks = {
            one["clock"]: one
            for one in (await s.town.get(f"cases/{case}/explain", await s.key("coordinator", EVA)))["clocks"]
        }
        limits = {
            name: clocks[name]["limit_hours"]
            for name in ("attempt", "second_attempt", "third_attempt")
            if name in clocks
        }
        assert limits == {"attempt": 24.0, "second_attempt": 72.0, "third_attempt": 168.0}
        await s.press(CARLA, "contact", reached="no", channel="phone")
        assert await s.do("supporter", CARLA, *closing) == "FOLLOW-25"
        await s.press(CARLA, "contact", reached="no", channel="phone")
        await s.press(CARLA, "contact", reached="no", channel="phone")
        assert await s.do("supporter", CARLA, *closing) == "FOLLOW-26"
        assert await s.do("coordinator", EVA, *closing) == "FOLLOW-26"
        refused = await s.press(CARLA, "close", ending="not_reached")
        assert (
            "Een casus wordt pas als niet bereikt gesloten als het langs minstens 2 wegen is geprobeerd."
            in refused.text
        )
        await s.press(CARLA, "contact", reached="no", channel="message")
        assert (await s.tasks(), s.told(EVA)) == (["not_reached"], [])
        thanks = await s.press(CARLA, "close", ending="not_reached")
        assert thanks.heading == "Dank je wel"
        shown = await s.show(case)
        assert (shown["state"], shown["ending"], shown["attempts"], await s.tasks()) == ("closed", "not_reached", 4, [])
        assert s.told(ANNA) == ["matched", "not_reached"]
        letter = s.town.letters_of(ANNA)[-1]
        assert letter.subject == "Even contact"
        assert (await s.page(ANNA)).heading == "Het contact is afgerond"
        await s.town.wait(days=40)
        assert s.told(ANNA) == ["matched", "not_reached"]


async def test_each_attempt_that_does_not_come_is_a_task_at_its_own_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        clocks: list[str] = []
        for clock, hours in (("attempt", 24), ("contact", 71), ("second_attempt", 72), ("third_attempt", 168)):
            await s.town.wait(hours=hours - 0.1 - (s.town.clock.now() - NOW) / timedelta(hours=1))
            assert sorted((await s.show(case))["missed"]) == clocks
            await s.town.wait(hours=0.2)
            clocks.append(clock)
            assert sorted((await s.show(case))["missed"]) == clocks
            assert s.told(EVA) == ["clock_missed"] * len(clocks)
        assert await s.tasks() == [*clocks, "not_reached"]
        # An attempt that is made takes its task away, however late; nobody but the coordinator was told.
        await s.press(CARLA, "contact", reached="no", channel="phone")
        assert await s.tasks() == ["contact", "second_attempt", "third_attempt", "not_reached"]
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        assert await s.tasks() == []
        assert (s.told(ANNA), s.told(CARLA)) == (["matched"], ["ask", "contact_card"])


async def test_what_is_told_late_counts_from_when_it_was_however_it_comes(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        path = f"cases/{case}/"
        await s.town.wait(days=5)

        def at(days: float) -> str:
            return (NOW + timedelta(days=days)).isoformat()

        late = {"kind": "conversation", "minutes": 30, "at": at(3)}
        assert await s.do("supporter", CARLA, f"{path}conversation", late) == ""
        assert (
            await s.do("supporter", CARLA, f"{path}contact", {"reached": True, "channel": "phone", "at": at(1)}) == ""
        )
        assert await s.do("supporter", CARLA, f"{path}conversation", late | {"at": at(2)}) == ""
        for body in (late | {"at": at(6)}, late | {"at": at(-2)}):
            assert await s.do("supporter", CARLA, f"{path}conversation", body) == "FOLLOW-27"
        for day in (6, -2):
            again = {"reached": True, "channel": "phone", "at": at(day)}
            assert await s.do("supporter", CARLA, f"{path}contact", again) == "FOLLOW-27"
        assert (
            await s.do("supporter", CARLA, f"{path}contact", {"reached": True, "channel": "phone", "at": at(1)}) == ""
        )
        shown = await s.show(case)
        assert (shown["first_contact_at"], shown["conversations_held"]) == ("2026-03-12T10:00:00+01:00", 2)
        lines = [
            line["text"] for line in shown["timeline"] if line["text"].startswith(("Conversation", "The first contact"))
        ]
        assert lines == [
            "The first contact was made by phone.",
            "Conversation 2 in person, 30 minutes; counts as a conversation.",
            "The first contact was made in person.",
            "Conversation 1 in person, 30 minutes; counts as a conversation.",
        ]
        # Nothing waits any more of what was missed while nobody knew, and the numbers count the contact as in time.
        assert await s.tasks() == []
        assert s.all_told() == {"Anna": ["matched"], "Carla": ["ask", "contact_card"], "Eva": ["clock_missed"] * 3}
        contact = (await s.town.get("overview", await s.key("coordinator", EVA)))["first_contact"]
        assert (contact["cases"], contact["median_hours"], contact["share_in_time"]) == (1, 25.0, 1.0)
