"""What a supporter does when it does not fit, touches herself or is dangerous; and who hands a case over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.page import Page
from tests.journeys.scene import scene
from tests.journeys.staff import BRAM, CARLA, DIRK, EVA

HAND_OVER = {"to": "occupational_physician"}


@pytest.mark.parametrize("after_contact", [False, True])
async def test_a_case_that_is_handed_back_goes_to_the_next(tmp_path: Path, after_contact: bool) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        if after_contact:
            await s.press(CARLA, "contact", reached="yes", channel="phone")
        assert await s.do("coordinator", EVA, f"cases/{case}/hand-back") == "FOLLOW-29"
        thanks = await s.press(CARLA, "hand-back")
        assert "Het is teruggegeven. Er wordt iemand anders gezocht" in thanks.text
        assert (await s.asked(), await s.card("supporter", CARLA, case)) == (["Bram"], "")
        await s.press(BRAM, "accept")
        assert await s.card("supporter", BRAM, case) == "Anna"
        assert s.all_told() == {
            "Anna": ["matched", "replaced", "matched"],
            "Carla": ["ask", "contact_card"],
            "Bram": ["ask", "contact_card"],
        }
        shown = await s.show(case)
        assert s.named(shown["supporter"]) == "Bram"
        again = {"supporter": s.ref(CARLA), "reason": "nobody_else"}
        assert await s.do("coordinator", EVA, f"cases/{case}/pick", again) == "MATCH-33"


async def test_a_debrief_is_a_task_of_the_coordinator(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.do("coordinator", EVA, f"cases/{case}/debrief") == "FOLLOW-38"
        assert await s.do("supporter", BRAM, f"cases/{case}/debrief") == "unseen"
        for _ in range(2):
            await s.press(CARLA, "debrief")
        assert (await s.tasks(), s.told(EVA)) == (["debrief"], ["debrief"])
        assert await s.do("coordinator", EVA, f"tasks/{case}/debrief/done") == ""
        assert await s.tasks() == []
        # It can be asked for after the closing as well.
        assert await s.do("coordinator", EVA, f"cases/{case}/close", {"ending": "completed"}) == ""
        assert await s.do("supporter", CARLA, f"cases/{case}/debrief") == ""
        assert (await s.tasks(), s.told(EVA)) == (["debrief"], ["debrief", "debrief"])


async def test_danger_opens_the_card_to_the_coordinator_only_when_a_second_person_confirms(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.card("coordinator", EVA, case) == ""
        link = s.town.letters_of(CARLA)[-1].link.rpartition("/")[2]
        sure = Page((await s.town.house.client.get(f"/l/{link}?sure=danger")).text)
        assert (set(sure.forms), "Bij direct gevaar bel je eerst het alarmnummer." in sure.text) == ({"danger"}, True)
        await s.town.press(sure, "danger")
        assert (await s.tasks(), s.told(EVA)) == (["danger"], ["danger"])
        [task] = [one for one in (await s.show(case))["tasks"] if one["task"] == "danger"]
        assert (task["raised_at"], task["due_at"]) == ("2026-03-11T10:00:00+01:00", "2026-03-11T11:00:00+01:00")
        assert await s.card("coordinator", EVA, case) == ""
        assert await s.do("supporter", CARLA, f"cases/{case}/danger/confirm") == "FOLLOW-35"
        assert await s.do("coordinator", DIRK, f"cases/{case}/danger/confirm") == ""
        assert await s.tasks() == []
        assert await s.card("coordinator", EVA, case) == "Anna"
        log = (await s.town.get("access-log", await s.key("auditor")))["access_log"]
        looks = [(one["by_role"], s.named(one["by"]), one["what"]) for one in log if one["what"].startswith("card")]
        assert looks == [("coordinator", "Eva", "card_in_danger")]
        assert s.all_told() == {"Anna": ["matched"], "Carla": ["ask", "contact_card"], "Eva": ["danger"]}


async def test_a_coordinator_does_not_confirm_her_own_word(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.do("coordinator", EVA, f"cases/{case}/danger") == ""
        assert await s.do("coordinator", EVA, f"cases/{case}/danger/confirm") == "FOLLOW-36"
        assert await s.do("coordinator", None, f"cases/{case}/danger/confirm") == "FOLLOW-36"
        assert (await s.card("coordinator", EVA, case), await s.card("coordinator", DIRK, case)) == ("", "")
        assert await s.do("coordinator", DIRK, f"cases/{case}/danger/confirm") == ""
        assert (await s.card("coordinator", EVA, case), await s.card("coordinator", DIRK, case)) == ("Anna", "Anna")


async def test_a_key_of_nobody_is_no_first_person(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.do("coordinator", None, f"cases/{case}/danger") == ""
        assert await s.do("coordinator", EVA, f"cases/{case}/danger/confirm") == "FOLLOW-36"
        assert await s.do("supporter", CARLA, f"cases/{case}/danger") == ""
        assert (await s.tasks(), s.told(EVA)) == (["danger"], ["danger"])
        assert await s.do("coordinator", EVA, f"cases/{case}/danger/confirm") == ""
        assert await s.card("coordinator", EVA, case) == "Anna"


async def test_danger_at_night_is_told_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.town.wait(hours=16)
        night = s.town.clock.now()
        assert await s.do("supporter", CARLA, f"cases/{case}/danger") == ""
        assert s.told_at(EVA) == [("danger", night)]
        await s.town.wait(hours=1)
        [task] = (await s.show(case))["tasks"]
        assert (task["task"], task["overdue"]) == ("danger", True)


async def test_a_case_is_handed_over_through_the_coordinator_only(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        assert await s.do("supporter", CARLA, f"cases/{case}/hand-over", HAND_OVER) == "FOLLOW-32"
        await s.press(CARLA, "help")
        assert (await s.tasks(), s.told(EVA)) == (["help"], ["help"])
        assert await s.do("coordinator", EVA, f"cases/{case}/hand-over", HAND_OVER) == ""
        shown = await s.show(case)
        assert (shown["state"], shown["ending"], await s.tasks()) == ("closed", "handed_over", [])
        assert await s.card("supporter", CARLA, case) == ""
        assert s.all_told() == {
            "Anna": ["matched", "closed"],
            "Carla": ["ask", "contact_card", "ended"],
            "Eva": ["help"],
        }


async def test_where_a_hospital_wants_it_the_supporter_hands_over_and_the_coordinator_is_told(tmp_path: Path) -> None:
    async with scene(tmp_path, rules='FOLLOW-32 = "supporter_may_refer"') as s:
        case = await s.supported(CARLA)
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        assert await s.do("supporter", BRAM, f"cases/{case}/hand-over", HAND_OVER) == "unseen"
        assert await s.do("supporter", CARLA, f"cases/{case}/hand-over", HAND_OVER) == ""
        shown = await s.show(case)
        assert (shown["state"], shown["ending"], await s.card("supporter", CARLA, case)) == (
            "closed",
            "handed_over",
            "",
        )
        assert s.all_told() == {
            "Anna": ["matched", "closed"],
            "Carla": ["ask", "contact_card"],
            "Eva": ["handed_over"],
        }
