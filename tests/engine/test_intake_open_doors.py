"""Doors without a report, over HTTP: each opens to its people, and tells nobody what is none of her business."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast, get_args

import pytest

from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.hospital import Hospital
from shared.messages import Role, followup
from shared.testing import a_hospital
from tests.engine.door import Door, refusing
from tests.engine.intake_house import SETTLED, open_intake, ref

OPEN = {code: {"nl": code, "en": code, "doors": ["self", "colleague", "manager"]} for code in ("icu", "surgery")}
#: Roles that open a door without a report.
ASKING = ("staff", "supporter", "coordinator")
KNOWN = {"referrals": {"door": "coordinator", "staff_id": "1"}, "groups": {"department": "icu", "caller": "1"}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        hospitals = cast(dict[str, Hospital], door.running.hospitals)
        hospitals["example"] = a_hospital(answers=SETTLED, coordinators=("9",), deputies=("3",), departments=OPEN)
        yield door


async def cases(door: Door) -> list[Link]:
    async with door.running.database.read() as c:
        return list((await read_all(c, Link, "example")).values())


async def refer(door: Door, role: Role, by: str, kind: str, whom: str | None = None, once: str = "") -> Any:
    body = {"door": kind} | ({"staff_id": whom} if whom else {})
    return await door.post(await door.key(role, ref(door, by)), "referrals", body, once=once)


async def test_somebody_asks_for_herself_and_is_told_that_it_was_taken(door: Door) -> None:
    response = await refer(door, "staff", "1", "self")
    assert (response.status_code, response.json()) == (200, {"taken": True})
    assert [(link.staff, link.door) for link in await cases(door)] == [(ref(door, "1"), "self")]
    again = await refer(door, "staff", "1", "self")
    assert (again.status_code, again.json()["refused"]["rule"]) == (409, "INTAKE-16")


async def test_who_asks_for_another_never_learns_whether_there_is_a_case(door: Door) -> None:
    first = await refer(door, "staff", "2", "colleague", "1")
    second = await refer(door, "supporter", "3", "colleague", "1")
    assert first.json() == second.json() == {"taken": True}
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.headers["cache-control"] == second.headers["cache-control"] == "no-store"
    assert len(await cases(door)) == 1
    asked = await refer(door, "coordinator", "9", "colleague", "1")
    assert (asked.status_code, asked.json()["refused"]["rule"]) == (409, "INTAKE-16")


async def test_a_manager_asks_for_her_own_people_alone(door: Door) -> None:
    assert (await refer(door, "staff", "1", "manager", "2")).json() == {"taken": True}
    refused = await refer(door, "staff", "2", "manager", "1")
    assert (refused.status_code, refused.json()["refused"]["rule"]) == (409, "INTAKE-15")


async def test_the_coordinator_sees_the_case_that_it_led_to(door: Door) -> None:
    told = (await refer(door, "coordinator", "9", "coordinator", "2")).json()
    [said] = told["said"]
    assert (said["type"], said["data"]["door"]) == ("support_offered", "coordinator")
    [report] = (await door.get(await door.key("coordinator"), "reports")).json()["reports"]
    assert (report["system"], report["door"], report["status"]) == ("naast", "coordinator", "offered")


async def test_the_same_request_twice_is_one_case_and_one_answer(door: Door) -> None:
    first = await refer(door, "coordinator", "9", "coordinator", "1", once="k1")
    assert (await refer(door, "coordinator", "9", "coordinator", "1", once="k1")).json() == first.json()
    assert len(await cases(door)) == 1


@pytest.mark.parametrize("role", get_args(Role))
async def test_doors_are_open_to_staff_supporters_and_coordinators(door: Door, role: Role) -> None:
    for path, body, may, rule in (
        ("referrals", {"door": "colleague", "staff_id": "1"}, ASKING, "INTAKE-12"),
        ("referrals", {"door": "coordinator", "staff_id": "1"}, ("coordinator",), "INTAKE-17"),
        ("groups", {"department": "icu", "caller": "1"}, ("coordinator",), "INTAKE-17"),
    ):
        response = await door.post(await door.key(role, ref(door, "2")), path, body)
        assert response.status_code == (200 if role in may else 403)
        assert refusing(response) == ("" if role in may or role == "colleague" else rule)
        link = await door.post(await door.key(role, ref(door, "2"), "c-1"), path, body)
        assert link.status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("referrals", {"door": "coordinator", "staff_id": "404"}, "unknown_staff"),
        ("referrals", {"door": "self"}, "unknown_staff"),
        ("groups", {"department": "nowhere", "caller": "1"}, "unknown_department"),
        ("groups", {"department": "icu", "profession": "pilot", "caller": "1"}, "unknown_profession"),
        ("groups", {"department": "icu", "caller": "404"}, "unknown_staff"),
    ],
)
async def test_what_is_not_known_is_told_and_nothing_is_made_of_it(
    door: Door, path: str, body: dict[str, Any], error: str
) -> None:
    response = await door.post(await door.key("coordinator"), path, body)
    assert (response.status_code, response.json()["detail"]["error"]) == (422, error)
    assert await cases(door) == []
    assert (await door.post(await door.key("coordinator"), path, KNOWN[path])).status_code == 200
    assert len(await cases(door)) == 1


@pytest.mark.parametrize(
    "body", [{}, {"door": "window"}, {"door": "self", "note": "x"}, {"door": "self", "event_types": ["x"]}]
)
async def test_a_wrong_body_is_refused(door: Door, body: dict[str, Any]) -> None:
    key = await door.key("staff", ref(door, "1"))
    assert (await door.post(key, "referrals", body)).status_code == 422
    assert await cases(door) == []
    assert (await door.post(key, "referrals", {"door": "self", "event_types": ["aggression"]})).status_code == 200


async def test_a_team_is_a_case_of_whoever_called(door: Door) -> None:
    body = {"department": "surgery", "profession": "doctor", "caller": "1", "event_types": ["aggression"]}
    [said] = (await door.post(await door.key("coordinator"), "groups", body)).json()["said"]
    [team] = said["data"]["colleagues"]
    assert (team["department"], team["profession"], said["data"]["door"]) == ("surgery", "doctor", "group")
    assert [link.staff for link in await cases(door)] == [ref(door, "1")]


async def test_another_door_opens_when_the_case_is_closed(door: Door) -> None:
    await refer(door, "staff", "1", "self")
    [link] = await cases(door)
    await door.hear(followup.CaseClosed(case=link.id, ending="completed"))
    assert (await refer(door, "staff", "1", "self")).json() == {"taken": True}
    assert len(await cases(door)) == 2
