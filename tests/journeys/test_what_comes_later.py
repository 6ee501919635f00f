"""What a colleague hears after the closing, only if she said yes; and when nothing joins her to the case any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, CARLA, EVA
from tests.journeys.town import NOW

CLOSED = NOW + timedelta(days=10)


async def close(s: Scene, *, later: bool, milestones: bool) -> str:
    """A case that was spoken in, in which she said what she wants to hear, and that was closed on its tenth day."""
    case = await s.supported(CARLA)
    await s.press(CARLA, "contact", reached="yes", channel="phone")
    if later or milestones:
        ticked = {"later": "yes"} if later else {}
        await s.press(ANNA, "check-ins", **ticked, **({"milestones": "yes"} if milestones else {}))
    await s.town.wait(days=9)
    await s.press(CARLA, "conversation", minutes="30")
    await s.town.wait(days=1)
    await s.press(CARLA, "close", ending="completed")
    return case


def on_days(told: list[tuple[str, datetime]]) -> list[tuple[str, int]]:
    return [(kind, round((at - NOW) / timedelta(days=1))) for kind, at in told]


async def test_who_said_yes_hears_after_ninety_days_and_half_a_year_and_is_erased_after_that(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await close(s, later=True, milestones=False)
        assert (
            await s.do("supporter", CARLA, f"cases/{case}/check-ins", {"later": False, "milestones": False})
            == "FOLLOW-41"
        )
        await s.town.wait(days=175)
        letters = [("matched", 0), ("closed", 10), ("evaluation", 17), ("check_in", 90), ("check_in", 180)]
        assert on_days(s.told_at(ANNA)) == letters
        assert await s.do("coordinator", EVA, f"cases/{case}/milestone", {"milestone": "complaint"}) == "FOLLOW-49"
        await s.town.wait(days=24)
        assert not (await s.show(case))["erased"]
        await s.town.wait(days=2)
        assert (await s.show(case))["erased"]
        await s.town.wait(days=100)
        assert on_days(s.told_at(ANNA)) == letters


async def test_without_a_yes_only_the_evaluation_comes(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await close(s, later=False, milestones=False)
        assert await s.do("coordinator", EVA, f"cases/{case}/milestone", {"milestone": "report"}) == "FOLLOW-49"
        await s.town.wait(days=29)
        assert not (await s.show(case))["erased"]
        await s.town.wait(days=2)
        assert (await s.show(case))["erased"]
        await s.town.wait(days=200)
        assert on_days(s.told_at(ANNA)) == [("matched", 0), ("closed", 10), ("evaluation", 17)]


async def test_without_severe_harm_there_is_nothing_to_say_yes_to(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        door = {"door": "coordinator", "staff_id": ANNA.staff_id}
        assert await s.do("coordinator", EVA, "referrals", door) == ""
        await s.press(CARLA, "accept")
        refused = await s.press(ANNA, "check-ins", later="yes")
        assert "Latere berichten zijn er alleen na ernstige schade of een overlijden." in refused.text
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        await s.press(CARLA, "conversation", minutes="30")
        await s.press(CARLA, "close", ending="completed")
        await s.town.wait(days=200)
        assert on_days(s.told_at(ANNA)) == [("matched", 0), ("closed", 0), ("evaluation", 7)]


async def test_a_milestone_is_told_to_who_agreed_and_as_long_as_that_holds(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await close(s, later=False, milestones=True)
        await s.town.wait(days=60)
        assert await s.do("supporter", CARLA, f"cases/{case}/milestone", {"milestone": "report"}) == "FOLLOW-42"
        assert await s.do("coordinator", EVA, f"cases/{case}/milestone", {"milestone": "report"}) == ""
        letters = [("matched", 0), ("closed", 10), ("evaluation", 17), ("milestone", 70)]
        assert on_days(s.told_at(ANNA)) == letters
        # She takes her yes back; thirty days after the closing were long ago, so she is erased at once.
        page = await s.press(ANNA, "milestone", milestone="complaint")
        assert "Het is vastgelegd." in page.text
        assert on_days(s.told_at(ANNA)) == [*letters, ("milestone", 70)]
        await s.press(ANNA, "check-ins")
        assert (await s.show(case))["erased"]
        assert await s.do("coordinator", EVA, f"cases/{case}/milestone", {"milestone": "report"}) == "FOLLOW-14"
        await s.town.wait(days=200)
        assert on_days(s.told_at(ANNA)) == [*letters, ("milestone", 70)]


async def test_after_a_no_nothing_comes(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        await s.press(ANNA, "check-ins", later="yes", milestones="yes")
        await s.press(ANNA, "decline")
        assert s.told(ANNA) == ["matched", "declined"]
        for milestone in ("interview", "report", "complaint"):
            assert await s.do("coordinator", EVA, f"cases/{case}/milestone", {"milestone": milestone}) == "FOLLOW-49"
        await s.town.wait(days=250)
        assert (s.told(ANNA), s.told(CARLA)[:3]) == (["matched", "declined"], ["ask", "contact_card", "ended"])
        assert (await s.show(case))["erased"]
