"""Doors without a report: who may use which, what she is told, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.messages import Role
from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA, FINN, GERDA, IRIS, MIA, Person


async def knock(s: Scene, role: Role, who: Person | None, door: str, for_whom: Person | None = None) -> tuple[int, Any]:
    body = {"door": door} | ({"staff_id": for_whom.staff_id} if for_whom else {})
    answer = await s.town.ask("POST", "referrals", await s.key(role, who), body)
    told = answer.json()
    return answer.status_code, told["refused"]["sentence"]["nl"] if told.get("refused") else told.get("taken", True)


@pytest.mark.parametrize(
    ("role", "who", "door"),
    [
        ("staff", IRIS, "colleague"),
        ("staff", MIA, "manager"),
        ("coordinator", EVA, "coordinator"),
        ("staff", ANNA, "self"),
    ],
)
async def test_whoever_knocks_a_colleague_is_called(tmp_path: Path, role: Role, who: Person, door: str) -> None:
    async with scene(tmp_path) as s:
        assert await knock(s, role, who, door, None if door == "self" else ANNA) == (200, True)
        assert await s.asked() == ["Carla"]
        await s.press(CARLA, "accept")
        case = await s.case()
        assert ((await s.show(case))["door"], await s.card("supporter", CARLA, case)) == (door, "Anna")
        assert s.all_told() == {"Carla": ["ask", "contact_card"], "Anna": ["matched"]}
        why = {
            "self": "Je vroeg om een gesprek met een collega.",
            "colleague": "Iemand met wie je werkt, dacht dat een gesprek met een collega je goed kan doen.",
            "manager": "Je leidinggevende dacht dat een gesprek met een collega je goed kan doen, en hoort niet",
            "coordinator": "De coördinator biedt je een gesprek met een collega aan.",
        }
        assert why[door] in (await s.page(ANNA)).text


async def test_a_supporter_who_asks_for_herself_is_supported_by_another(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        assert await knock(s, "supporter", DAAN, "self") == (200, True)
        [first] = await s.asked()
        assert first in ("Bram", "Carla")
        await s.press(CARLA if first == "Carla" else BRAM, "decline")
        [second] = await s.asked()
        assert {first, second} == {"Bram", "Carla"}
        await s.press(CARLA if second == "Carla" else BRAM, "decline")
        # Nobody is left; she is not asked for her own case, and cannot be picked for it.
        assert (await s.asked(), s.told(DAAN)) == ([], [])
        picked = {"supporter": s.ref(DAAN), "reason": "nobody_else"}
        case = await s.case()
        assert await s.do("coordinator", EVA, f"cases/{case}/pick", picked) == "MATCH-13"


async def test_a_door_that_is_closed_is_refused_in_the_words_of_its_rule(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        closed = (
            "Een medewerker, een collega of een leidinggevende vraagt alleen om steun zonder melding waar de afdeling "
            "van de collega dat heeft afgesproken; de coördinator kan het altijd."
        )
        another_team = (
            "Een leidinggevende vraagt alleen steun voor iemand aan wie zij leiding geeft, direct of via een ander, "
            "nooit voor iemand van een ander team."
        )
        only_coordinator = (
            "Alleen de coördinator biedt zonder melding steun aan wie dan ook aan, en vraagt steun voor een heel team."
        )
        nobody_else = (
            "Om steun zonder melding vraagt alleen iemand van het personeel, voor zichzelf of voor een ander, of de "
            "coördinator."
        )
        assert await knock(s, "staff", IRIS, "colleague", FINN) == (409, closed)
        assert await knock(s, "staff", IRIS, "self") == (409, closed)
        assert await knock(s, "staff", IRIS, "manager", ANNA) == (409, another_team)
        assert await knock(s, "staff", MIA, "coordinator", ANNA) == (403, only_coordinator)
        others: tuple[Role, ...] = ("trainer", "feed", "ops", "auditor")
        for role in others:
            assert await knock(s, role, None, "colleague", ANNA) == (403, nobody_else)
        assert (await s.asked(), await s.cases(), s.all_told()) == ([], [], {})
        assert await knock(s, "coordinator", EVA, "coordinator", FINN) == (200, True)
        assert (len(await s.cases()), s.all_told()) == (1, {"Eva": ["find_supporter"]})


async def test_nobody_is_told_that_there_is_a_case_already(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        assert await knock(s, "staff", IRIS, "colleague", ANNA) == (200, True)
        assert await knock(s, "staff", IRIS, "colleague", ANNA) == (200, True)
        assert await knock(s, "supporter", DAAN, "colleague", ANNA) == (200, True)
        assert (len(await s.cases()), await s.asked()) == (1, ["Carla"])
        # By her own door she has a case of her own, and is told when there is one.
        assert await knock(s, "staff", ANNA, "self") == (200, True)
        assert (await knock(s, "staff", ANNA, "self"))[0] == 409
        assert len(await s.cases()) == 2
        assert await knock(s, "coordinator", EVA, "coordinator", ANNA) == (200, True)
        assert (await knock(s, "coordinator", EVA, "coordinator", ANNA))[0] == 409
        # Once it is closed the door stands open again.
        [first] = [one["case"] for one in await s.cases() if (await s.show(one["case"]))["door"] == "self"]
        assert await s.do("coordinator", EVA, f"cases/{first}/close", {"ending": "withdrawn"}) == ""
        assert await knock(s, "staff", ANNA, "self") == (200, True)
        assert len(await s.cases()) == 4


async def test_a_team_has_a_talk_together_of_which_only_the_heads_are_counted(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        call = {"department": "icu", "profession": "nurse", "caller": MIA.staff_id}
        others: tuple[tuple[Role, Person], ...] = (("staff", MIA), ("supporter", CARLA), ("trainer", GERDA))
        for role, who in others:
            assert await s.do(role, who, "groups", call) == "INTAKE-17"
        assert await s.do("coordinator", EVA, "groups", call) == ""
        assert await s.asked() == ["Carla"]
        assert "Een team maakte iets ingrijpends mee" in (await s.page(CARLA)).text
        await s.press(CARLA, "accept")
        case = await s.case()
        assert await s.card("supporter", CARLA, case) == "Mia"
        assert "Het gaat om een gesprek met een heel team." in (await s.page(CARLA)).text
        assert (
            "Voor jouw team is om een gesprek samen gevraagd; jij ontvangt wie daarvoor komt."
            in (await s.page(MIA)).text
        )
        await s.press(CARLA, "contact", reached="yes", channel="phone")
        await s.town.wait(days=2)
        refused = await s.press(CARLA, "conversation", minutes="60", people="1")
        assert "Een groepsgesprek is er alleen voor een team en telt minstens 2 deelnemers" in refused.text
        await s.press(CARLA, "conversation", minutes="60", people="9")
        shown = await s.show(case)
        held = [line["text"] for line in shown["timeline"] if "60" in line["text"]]
        assert held == ["Group conversation 1 in person, 60 minutes; counts as a conversation."]
        assert shown["conversations_held"] == 1
        await s.press(CARLA, "close", ending="completed")
        assert s.all_told() == {"Carla": ["ask", "contact_card"], "Mia": ["matched", "closed"]}
        assert (await s.show(case))["ending"] == "completed"


async def test_a_group_talk_is_for_a_team_only(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        case = await s.supported(CARLA)
        talk = {"kind": "group", "minutes": 60, "people": 9}
        assert await s.do("supporter", CARLA, f"cases/{case}/conversation", talk) == "FOLLOW-28"
