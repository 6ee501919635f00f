"""A staff list comes in: names to the contact table, codes to the others, and the same list again changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import func, select

from services.intake.doors.people import Imported, import_staff
from services.intake.doors.staff_csv import RowError
from services.intake.protocol.states import Headcount, Staff
from services.intake.tables import metadata, read_all
from shared.messages import Role, intake
from tests.engine.door import Door
from tests.engine.intake_house import ANNA, BRAM, CARLA, EVA, EVERYBODY, HEADER, open_intake, ref, staff_list


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


def imported(**but: Any) -> Imported:
    nothing: dict[str, Any] = {"rows": 4, "new": 0, "changed": 0, "same": 4, "left": 0, "supporters": 1, "errors": ()}
    return Imported(**nothing | but)


async def said(door: Door) -> list[str]:
    async with door.running.database.read() as c:
        journal = metadata.tables["journal"]
        rows = await c.execute(select(journal.c.type).where(journal.c.hospital == "example").order_by(journal.c.seq))
        return [type.removeprefix("naast.intake.") for type in rows.scalars()]


async def remembered(door: Door) -> dict[str, Staff]:
    async with door.running.database.read() as c:
        return await read_all(c, Staff, "example")


async def phones_of(door: Door) -> dict[str, str]:
    async with door.running.database.read() as c:
        contact = metadata.tables["contact"].c
        found = await c.execute(select(contact.staff, contact.phone).where(contact.hospital == "example"))
        return dict(found.all())


async def test_the_first_list_tells_the_others_of_supporters_and_headcounts_only(door: Door) -> None:
    assert await said(door) == ["staff_recorded.v1", "headcount_measured.v1", "headcount_measured.v1"]
    async with door.running.database.read() as c:
        counted = await read_all(c, Headcount, "example")
    assert {code: state.headcount for code, state in counted.items()} == {"doctor": 1, "nurse": 3}
    assert (await remembered(door))[ref(door, "2")].line == ref(door, "1")


async def test_the_same_list_again_changes_nothing_and_says_nothing(door: Door) -> None:
    before = await said(door)
    assert await import_staff(door.running, "example", staff_list()) == imported()
    assert await said(door) == before


async def test_a_dry_run_tells_what_would_change_and_changes_nothing(door: Door) -> None:
    changed = staff_list(ANNA, BRAM.replace("surgery", "icu"), CARLA, EVA.replace("9,Eva", "10,Eva"))
    before = await remembered(door)
    told = await import_staff(door.running, "example", changed, dry_run=True)
    assert told == imported(new=1, changed=2, same=1, left=1)
    assert await remembered(door) == before
    assert await import_staff(door.running, "example", changed) == told
    assert await import_staff(door.running, "example", changed) == imported()


async def test_a_change_and_back_again_is_two_changes(door: Door) -> None:
    moved = staff_list(*(row.replace("nurse,nurse,surgery", "nurse,nurse,icu") for row in EVERYBODY))
    for raw in (moved, staff_list(), moved):
        assert (await import_staff(door.running, "example", raw)).changed == 2
    assert (await remembered(door))[ref(door, "3")].department == "icu"


async def test_a_new_phone_number_changes_a_card_and_is_told_to_nobody(door: Door) -> None:
    before, phones = await said(door), await phones_of(door)
    raw = staff_list(*(row.replace("+31 6 33333", "+31 6 44444") for row in EVERYBODY))
    assert await import_staff(door.running, "example", raw) == imported(changed=1, same=3)
    assert await phones_of(door) == phones | {ref(door, "3"): "+31 6 44444"}
    assert await said(door) == before
    [row] = [
        row
        for row in (await door.get(await door.key("coordinator"), "staff")).json()["staff"]
        if row["staff_id"] == "3"
    ]
    assert row == {
        "person": ref(door, "3"),
        "staff_id": "3",
        "name": "Carla Marker",
        "function": "nurse",
        "profession": "nurse",
        "department": "surgery",
        "site": "",
        "languages": ["nl"],
        "active": True,
        "supporter": True,
    }


async def test_whoever_is_not_on_the_list_any_more_has_left(door: Door) -> None:
    before = await said(door)
    told = await import_staff(door.running, "example", staff_list(EVERYBODY[0], BRAM, EVA))
    assert told == imported(rows=3, same=3, left=1, supporters=0)
    assert not (await remembered(door))[ref(door, "3")].active
    assert (await said(door))[len(before) :] == ["staff_left.v1", "headcount_measured.v1"]


async def test_a_row_that_cannot_be_read_is_told_and_makes_nobody_leave(door: Door) -> None:
    raw = staff_list(EVERYBODY[0], BRAM.replace(",icu,", ",x,").replace("surgery", "Marker"), CARLA)
    told = await import_staff(door.running, "example", raw)
    assert told == imported(rows=2, same=2, errors=(RowError(3, "department", "unknown_department"),))
    assert [staff.active for staff in (await remembered(door)).values()] == [True] * 4


async def test_an_empty_list_makes_nobody_leave(door: Door) -> None:
    assert await import_staff(door.running, "example", HEADER.encode()) == imported(rows=0, same=0, supporters=0)
    assert [staff.active for staff in (await remembered(door)).values()] == [True] * 4


async def test_a_list_of_thousands_is_taken_in_batches(door: Door) -> None:
    rows = [ANNA.replace("1,Anna", f"{n},Anna") for n in range(1000, 3500)]
    told = await import_staff(door.running, "elsewhere", staff_list(*rows))
    assert (told.new, told.left) == (2500, 4)
    async with door.running.database.read() as c:
        contact = metadata.tables["contact"]
        query = select(func.count()).select_from(contact).where(contact.c.hospital == "elsewhere")
        assert (await c.execute(query)).scalar_one() == 2504


async def test_the_list_is_imported_over_http_by_the_coordinator_alone(door: Door) -> None:
    async def post(role: Any, path: str = "staff") -> Any:
        headers = await door.key(role) | {"Content-Type": "text/csv"}
        return await door.client.post(
            f"/v1/hospitals/example/{path}", content=staff_list(EVERYBODY[0]), headers=headers
        )

    for role in set(get_args(Role)) - {"coordinator"}:
        assert (await post(role)).status_code == 403
    told = {"rows": 1, "new": 0, "changed": 0, "same": 1, "left": 3, "supporters": 0, "errors": [], "set_aside": []}
    assert (await post("coordinator", "staff?dry_run=true")).json() == told | {"dry_run": True}
    assert (await post("coordinator")).json() == told | {"dry_run": False}
    assert (await post("coordinator")).json() == told | {"dry_run": False, "left": 0}


async def test_a_supporter_who_changes_is_told_in_codes(door: Door) -> None:
    raw = staff_list(*(row.replace("surgery,,,nl,carla", "icu,,,nl|en,carla") for row in EVERYBODY))
    heard: list[Any] = []

    async def publish(parcels: Any) -> None:
        heard.extend(parcel.event.data for parcel in parcels)

    door.running.engine.destinations = ("matching",)
    door.running.engine.publish = publish
    await import_staff(door.running, "example", raw)
    assert heard == [
        intake.StaffRecorded(
            person=ref(door, "3"),
            profession="nurse",
            department="icu",
            languages=("nl", "en"),
            supporter=True,
            trained_on="2025-01-01",  # type: ignore[arg-type]
        )
    ]
