"""Whoever left: keys and links are refused by the next request, no letter brings a link, the card goes in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.doors.leavers import shelves
from services.intake.doors.mail.notices import Letterbox
from services.intake.doors.people import import_staff
from shared.messages import followup
from shared.sweep import Sweeper
from tests.engine.door import Door
from tests.engine.intake_house import ANNA, BRAM, CARLA, EVA, EVERYBODY, canonical, feed, open_intake, ref, staff_list
from tests.engine.intake_mail_words import carry, case_of, letter, receipt
from tests.engine.test_intake_people import phones_of

WITHOUT_CARLA = staff_list(ANNA, BRAM, EVA)
WITHOUT_ANNA = staff_list(BRAM.replace(",1,en", ",,en"), CARLA, EVA)
NOT_ACTIVE = staff_list(*EVERYBODY[:2], CARLA.replace("mail,yes,yes", "mail,no,yes"), EVA)
KEPT = timedelta(days=90)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


async def swept(door: Door) -> int:
    running = door.running
    return await Sweeper("intake", running.database, door.clock, running.metrics, shelves(running), ()).round()


@pytest.mark.parametrize("raw", [WITHOUT_CARLA, NOT_ACTIVE], ids=["not on the list", "not active on the list"])
async def test_a_key_ends_with_the_list_that_says_that_its_holder_left(door: Door, raw: bytes) -> None:
    keys = [await door.key("supporter", ref(door, "3")), await door.key("staff", ref(door, "3"))]
    stays = await door.key("coordinator", ref(door, "9"))
    assert {(await door.get(key, "on-duty")).status_code for key in keys} == {403}
    await import_staff(door.running, "example", raw, dry_run=True)
    assert {(await door.get(key, "on-duty")).status_code for key in keys} == {403}
    await import_staff(door.running, "example", raw)
    assert {(await door.get(key, "on-duty")).status_code for key in keys} == {401}
    assert (await door.get(stays, "on-duty")).status_code == 200


async def test_the_link_of_her_own_case_ends_too_and_that_of_another_case_does_not(door: Door) -> None:
    await feed(door, canonical("1", "2"))
    links = {number: await case_of(door, number) for number in ("1", "2")}
    keys = {number: await door.key("colleague", one.colleague, one.id) for number, one in links.items()}
    await import_staff(door.running, "example", WITHOUT_ANNA)
    path = {number: f"cases/{one.id}/card" for number, one in links.items()}
    assert (await door.post(keys["1"], path["1"])).status_code == 401
    assert (await door.post(keys["2"], path["2"])).status_code == 403


async def test_nobody_writes_to_whoever_left(door: Door) -> None:
    await feed(door, canonical("1"))
    case, box = await case_of(door, "1"), Letterbox()
    await import_staff(door.running, "example", WITHOUT_ANNA)
    assert await carry(door, letter(door, case.id, "colleague"), box) == receipt(
        case.id, "colleague", "failed", "no_address"
    )
    assert box.take() == []
    assert all(key.revoked_at for key in await door.running.access.keys("example", links=True) if key.case == case.id)


async def test_a_card_goes_so_long_after_its_owner_left(door: Door) -> None:
    await import_staff(door.running, "example", WITHOUT_CARLA)
    door.clock.move_to(door.clock.now() + KEPT - timedelta(seconds=1))
    assert await swept(door) == 0
    assert ref(door, "3") in await phones_of(door)
    door.clock.move_to(door.clock.now() + timedelta(seconds=1))
    assert await swept(door) == 1
    assert set(await phones_of(door)) == {ref(door, number) for number in ("1", "2", "9")}
    await import_staff(door.running, "example", NOT_ACTIVE)
    assert ref(door, "3") not in await phones_of(door)


async def test_a_card_stays_while_a_case_of_hers_is_open(door: Door) -> None:
    await feed(door, canonical("1"))
    case = await case_of(door, "1")
    await import_staff(door.running, "example", WITHOUT_ANNA)
    door.clock.move_to(door.clock.now() + 2 * KEPT)
    assert await swept(door) == 0
    await door.hear(followup.CaseClosed(case=case.id, ending="completed"))
    assert await swept(door) == 1
    assert ref(door, "1") not in await phones_of(door)


async def test_somebody_who_comes_back_has_her_card_again_and_keeps_it(door: Door) -> None:
    await import_staff(door.running, "example", WITHOUT_CARLA)
    door.clock.move_to(door.clock.now() + KEPT)
    await swept(door)
    await import_staff(door.running, "example", staff_list())
    door.clock.move_to(door.clock.now() + 2 * KEPT)
    assert await swept(door) == 0
    assert ref(door, "3") in await phones_of(door)


async def test_ops_and_auditor_read_who_made_and_ended_keys_and_took_staff_lists_over(door: Door) -> None:
    auditor, ops = await door.key("auditor"), await door.key("ops")
    await door.running.access.make_link("example", "colleague", "p-1", "c-1")
    [made] = [key for key in await door.running.access.keys("example") if key.role == "auditor"]
    await door.running.access.revoke("example", made.id)
    await import_staff(door.running, "example", WITHOUT_CARLA, by=ref(door, "9"))
    found = (await door.get(ops, "audit")).json()["audit"]
    told = sorted((one["what"], one["about"], one["role"], one["by_role"], one["by"]) for one in found)
    eva = ("coordinator", ref(door, "9"))
    assert ("key_revoked", made.id, made.role, "operator", "") in told
    assert ("staff_left", ref(door, "3"), "", *eva) in told
    assert ("staff_list", "", "", *eva) in told
    assert sorted(one[2] for one in told if one[0] == "key_made") == ["auditor", "ops"]
    assert not any("c-1" in str(one) or "p-1" in str(one) for one in found)
    still = {"401": auditor, "200": ops}
    assert {name: str((await door.get(key, "audit")).status_code) for name, key in still.items()} == {
        name: name for name in still
    }
    assert (await door.get(await door.key("coordinator"), "audit")).status_code == 403
