"""training through its HTTP door, on real tables: nominations, trainings, intervisie, and whether there are enough."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from services.training.app import SERVICE
from shared.messages import Message, Role, intake
from shared.testing import NOW
from tests.engine.door import Door, open_door, refusing

ANNA, BRAM = "s-anna", "s-bram"
MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as door:
        yield door


def staff(who: str, **changes: Any) -> Message:
    fields: dict[str, Any] = {"profession": "nurse", "department": "icu", "supporter": True}
    return intake.StaffRecorded(person=who, **(fields | changes))


def shown(who: str, **changes: Any) -> dict[str, Any]:
    fields = {"supporter": who, "standing": "ready", "profession": "nurse", "qualified_assumed": False}
    unknown = {"qualified_on": None, "last_intervisie": None, "due_on": None, "assumed": False}
    return fields | unknown | changes


async def test_the_supporters_are_shown_by_ref_the_first_due_first(door: Door) -> None:
    await door.hear(staff(ANNA), staff(BRAM, trained_on=MAY, intervisie_on=JUNE), staff("s-cleo", supporter=False))
    known = {"qualified_on": "2025-05-01", "last_intervisie": "2025-06-01", "due_on": "2026-06-01"}
    assumed = {"qualified_on": "2026-03-11", "due_on": "2027-03-11", "qualified_assumed": True, "assumed": True}
    for role in ("coordinator", "trainer"):
        response = await door.get(await door.key(role), "supporters")
        assert response.json() == {"supporters": [shown(BRAM, **known), shown(ANNA, **assumed)]}


async def test_the_coverage_of_a_profession(door: Door) -> None:
    await door.hear(staff(ANNA), intake.HeadcountMeasured(profession="nurse", headcount=20, on=NOW.date()))
    figures = {"profession": "nurse", "supporters": 1, "headcount": 20, "wanted": 0.1, "on": "2026-03-11"}
    response = await door.get(await door.key("auditor"), "coverage")
    assert response.json() == {"coverage": [figures | {"share": 0.05, "enough": False}]}


async def test_from_a_nomination_to_a_supporter_who_attends(door: Door) -> None:
    bram, trainer = await door.key("supporter", BRAM), await door.key("trainer", "s-trainer")
    said = [
        await door.post(bram, f"supporters/{ANNA}/nomination"),
        await door.post(trainer, f"supporters/{ANNA}/training", {"on": "2026-03-02"}),
        await door.post(trainer, f"supporters/{ANNA}/intervisie", {"on": "2026-03-11"}),
    ]
    assert [[one["type"] for one in response.json()["said"]] for response in said] == [
        ["supporter_nominated"],
        ["supporter_qualified", "intervisie_due"],
        ["intervisie_attended", "intervisie_due"],
    ]
    seen = (await door.get(trainer, "supporters")).json()["supporters"]
    known = {"qualified_on": "2026-03-02", "last_intervisie": "2026-03-11", "due_on": "2027-03-11"}
    assert seen == [shown(ANNA, profession="", **known)]


async def test_nobody_nominates_herself(door: Door) -> None:
    nomination = f"supporters/{ANNA}/nomination", {"nominator": BRAM}
    response = await door.post(await door.key("supporter", ANNA), *nomination)
    assert (response.status_code, response.json()["refused"]["rule"]) == (409, "TRAIN-1")
    assert (await door.post(await door.key("supporter", BRAM), *nomination)).status_code == 200


@pytest.mark.parametrize("role", get_args(Role))
async def test_only_a_trainer_or_the_coordinator_records_what_was_attended(door: Door, role: Role) -> None:
    await door.hear(staff(ANNA))
    key, may = await door.key(role, BRAM), role in ("trainer", "coordinator")
    for what in ("training", "intervisie"):
        response = await door.post(key, f"supporters/{ANNA}/{what}", {"on": "2026-03-02"})
        rule = "" if may or role == "colleague" else "TRAIN-7"
        assert (response.status_code, refusing(response)) == (200 if may else 403, rule)
    assert (await door.get(key, "supporters")).status_code == (200 if may else 403)


async def test_the_supporters_of_another_hospital_do_not_exist(door: Door) -> None:
    await door.hear(staff(ANNA))
    here, there = await door.key("coordinator"), await door.key("coordinator", hospital="elsewhere")
    assert (await door.get(there, "supporters")).status_code == 404
    assert (await door.get(there, "supporters", hospital="elsewhere")).json() == {"supporters": []}
    assert len((await door.get(here, "supporters")).json()["supporters"]) == 1
    for what in ("training", "intervisie"):
        path, body = f"supporters/{ANNA}/{what}", {"on": "2026-03-02"}
        assert (await door.post(there, path, body, hospital="elsewhere")).status_code == 404
        assert (await door.post(here, path, body)).status_code == 200


async def test_a_year_passes_on_the_tables_as_well(door: Door) -> None:
    await door.hear(staff(ANNA, trained_on=MAY, intervisie_on=JUNE))
    door.clock.move_to(NOW + timedelta(days=365))
    assert await door.fire() == 2
    [anna] = (await door.get(await door.key("coordinator"), "supporters")).json()["supporters"]
    assert anna["standing"] == "suspended"
