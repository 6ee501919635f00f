"""What a colleague does behind her link: she wishes, chooses another supporter, asks for more, puts off and stops; and
each of it reaches whoever it concerns, and nobody else.
"""

from __future__ import annotations

from pathlib import Path

from tests.journeys.page import Page
from tests.journeys.scene import scene
from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA


async def test_what_she_wishes_before_a_match_changes_who_is_asked_next(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.report(ANNA)
        case = await s.case()
        wishes = f"cases/{case}/preferences", {"unit": "own"}
        assert await s.do("supporter", CARLA, *wishes) == "MATCH-22"
        assert await s.do("coordinator", EVA, *wishes) == ""
        # The ask that is open stands; the next is somebody of her own unit, and not Bram whose turn it was.
        assert await s.asked() == ["Carla"]
        await s.press(CARLA, "decline")
        assert await s.asked() == ["Daan"]
        # Where the two work is not told to whoever is asked; it may be the same unit.
        assert "Een collega maakte iets ingrijpends mee." in (await s.page(DAAN)).text
        await s.press(DAAN, "accept")
        assert s.all_told() == {
            "Carla": ["ask"],
            "Daan": ["ask", "contact_card"],
            "Anna": ["matched"],
        }
        assert await s.card("supporter", DAAN, case) == "Anna"


async def test_what_she_wishes_while_another_is_looked_for_changes_who_is_asked_next(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.supported(CARLA)
        page = await s.press(ANNA, "another")
        assert page.heading == "Er wordt een collega gezocht die naast je staat"
        await s.press(ANNA, "wishes", unit="own")
        assert await s.asked() == ["Bram"]
        await s.press(BRAM, "decline")
        # Without her wish nobody was left: of her own unit nobody is asked whom she did not choose.
        assert (await s.asked(), await s.tasks()) == (["Daan"], [])
        await s.press(DAAN, "accept")
        assert s.all_told() == {
            "Anna": ["matched", "replaced", "matched"],
            "Bram": ["ask"],
            "Carla": ["ask", "contact_card", "ended"],
            "Daan": ["ask", "contact_card"],
        }


async def test_whom_she_did_not_want_loses_the_card_and_is_never_asked_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.card("supporter", CARLA, case) == "Anna"
        assert await s.do("supporter", CARLA, f"cases/{case}/another") == "FOLLOW-30"
        page = await s.press(ANNA, "another")
        assert "wishes" in page.forms
        assert (await s.card("supporter", CARLA, case), await s.asked()) == ("", ["Bram"])
        assert (await s.page(CARLA)).heading == "Dit is naast"
        await s.press(BRAM, "accept")
        assert await s.card("supporter", BRAM, case) == "Anna"
        assert s.all_told() == {
            "Anna": ["matched", "replaced", "matched"],
            "Carla": ["ask", "contact_card", "ended"],
            "Bram": ["ask", "contact_card"],
        }
        # Nobody is left then; the coordinator is asked, and not even she can give the case to those two.
        await s.press(ANNA, "another")
        assert (await s.asked(), await s.tasks()) == ([], ["find_supporter"])
        for one in (CARLA, BRAM):
            picked = {"supporter": s.ref(one), "reason": "nobody_else"}
            assert await s.do("coordinator", EVA, f"cases/{case}/pick", picked) == "MATCH-17"
        await s.town.wait(days=3)
        assert await s.do("coordinator", EVA, f"cases/{case}/search") == ""
        assert s.told(CARLA) == ["ask", "contact_card", "ended"]
        assert s.told(BRAM) == ["ask", "contact_card", "ended"]


async def test_one_more_talk_is_a_task_of_the_coordinator_who_grants_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        for _ in range(3):
            await s.town.wait(days=3)
            await s.press(CARLA, "conversation", minutes="40")
        refused = await s.press(CARLA, "conversation", minutes="40")
        assert "Een casus heeft hoogstens 3 gesprekken; meer kan alleen via de coördinator." in refused.text
        assert await s.do("supporter", CARLA, f"cases/{case}/more") == "FOLLOW-39"
        for _ in range(2):
            await s.press(ANNA, "more")
        assert (await s.tasks(), s.told(EVA)) == (["extension"], ["extension"])
        assert await s.do("supporter", CARLA, f"cases/{case}/extension") == "FOLLOW-2"
        assert await s.do("coordinator", EVA, f"cases/{case}/extension") == ""
        assert await s.tasks() == []
        page = await s.press(CARLA, "conversation", minutes="40")
        assert "Het is vastgelegd." in page.text
        shown = await s.show(case)
        assert (shown["conversations_held"], shown["conversations_left"], shown["extensions"]) == (4, 0, 1)
        assert s.all_told() == {"Anna": ["matched"], "Carla": ["ask", "contact_card"], "Eva": ["extension"]}


async def test_a_stop_is_confirmed_once_then_nothing_comes_and_a_day_later_it_is_erased(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        await s.press(ANNA, "check-ins", later="yes", milestones="yes")
        link = s.town.letters_of(ANNA)[-1].link
        page = await s.page(ANNA)
        assert ("stop" in page.forms, any(one.endswith("?sure=stop") for one in page.links)) == (False, True)
        response = await s.town.house.client.get(f"/l/{link.rpartition('/')[2]}?sure=stop")
        assert "Alles stoppen?" in response.text
        sure = Page(response.text)
        assert set(sure.forms) == {"stop"}
        thanks = await s.town.press(sure, "stop")
        assert "Alles is gestopt. Je krijgt nog één bevestiging, en daarna niets meer." in thanks.text
        assert (await s.card("supporter", CARLA, case), await s.tasks()) == ("", [])
        told = {"Anna": ["matched", "declined"], "Carla": ["ask", "contact_card", "ended"]}
        assert s.all_told() == told
        await s.town.wait(hours=23)
        assert not (await s.show(case))["erased"]
        await s.town.wait(hours=2)
        assert (await s.show(case))["erased"]
        assert (await s.town.browse(link)).forms == {}
        await s.town.wait(days=200)
        assert s.all_told("any") == told


async def test_a_stop_takes_back_an_ask_that_is_open(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        await s.press(ANNA, "another")
        assert await s.asked() == ["Bram"]
        link = s.town.letters_of(ANNA)[-1].link.rpartition("/")[2]
        sure = Page((await s.town.house.client.get(f"/l/{link}?sure=stop")).text)
        await s.town.press(sure, "stop")
        assert (await s.asked(), await s.tasks(), (await s.page(BRAM)).forms) == ([], [], {})
        await s.town.wait(days=2)
        assert (await s.show(case))["erased"]
        assert s.all_told() == {
            "Anna": ["matched", "replaced", "declined"],
            "Bram": ["ask"],
            "Carla": ["ask", "contact_card", "ended"],
        }
        # Something else may happen to her later; then she is offered support like anybody.
        await s.report(ANNA, number="2026-2")
        assert await s.asked() == ["Bram"]


async def test_who_puts_it_off_is_left_alone_and_her_supporter_knows(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        assert await s.do("supporter", CARLA, f"cases/{case}/pause") == "FOLLOW-8"
        page = await s.press(ANNA, "pause")
        assert "Je hebt het uitgesteld." in page.text
        assert s.told(CARLA) == ["ask", "contact_card", "paused"]
        assert "De collega heeft het uitgesteld. Neem geen contact op" in (await s.page(CARLA)).text
        await s.town.wait(days=20)
        assert (await s.tasks(), s.told(ANNA)) == ([], ["matched"])
        await s.press(ANNA, "resume")
        assert s.all_told() == {"Anna": ["matched"], "Carla": ["ask", "contact_card", "paused", "resumed"]}
        assert "De collega heeft het uitgesteld" not in (await s.page(CARLA)).text
