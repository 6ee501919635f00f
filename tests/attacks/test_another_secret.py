"""A secret that somebody else knows is replaced: nobody gets a second ref, and no report or erased case comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.doors.people import import_staff
from services.intake.protocol.states import Report, Staff
from services.intake.tables import read_all, read_contacts_by_id
from shared.erased import ErasedList
from shared.ids import keyed_ref
from tests.engine.door import Door
from tests.engine.intake_house import ANNA, EVERYBODY, canonical, feed, open_intake, staff_list, version
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal

OLD, NEW = "", "another secret, which nobody else knows"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1", "2"))
        door.running.secret, door.running.old_secrets = NEW, (OLD,)
        yield door


async def everybody(door: Door) -> set[str]:
    async with door.running.database.read() as c:
        return set(await read_all(c, Staff, "example"))


async def test_who_has_a_ref_keeps_it_and_who_is_new_gets_one_of_the_new_secret(door: Door) -> None:
    before = await everybody(door)
    fred = ANNA.replace("1,Anna", "7,Fred", 1)
    taken = await import_staff(door.running, "example", staff_list(*EVERYBODY, fred))
    assert (taken.new, taken.changed, taken.left) == (1, 0, 0)
    assert await everybody(door) - before == {keyed_ref("s", NEW, "example", "7")}
    async with door.running.database.read() as c:
        found = await read_contacts_by_id(c, "example", ["1", "7"])
    assert {one.staff_id for one in found.values()} == {"1", "7"}


async def test_a_report_that_comes_again_is_the_same_report_and_offers_nothing_twice(door: Door) -> None:
    again = await feed(door, canonical("1", "2"))
    assert (again.json()["duplicates"], again.json()["offers"]) == (1, 0)
    later = await feed(door, version(2, "1", "2"))
    assert (later.json()["taken"], later.json()["offers"]) == (1, 0)
    async with door.running.database.read() as c:
        assert len(await read_all(c, Report, "example")) == 1


async def test_what_was_erased_stays_erased(tmp_path: Path) -> None:
    before = ErasedList(tmp_path / "erased", OLD)
    before.add([("example", "c-1")])
    after = ErasedList(tmp_path / "erased", NEW, [OLD])
    after.add([("example", "c-2")])
    subjects = [("example", f"c-{n}") for n in (1, 2, 3)]
    assert after.among(subjects) == subjects[:2]
    assert before.among(subjects) == subjects[:1]


def test_whoever_had_a_key_before_is_the_same_person_after(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    terminal.ok("keys create --role coordinator --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    first = terminal.json("keys create --role supporter --person 105")["person"]
    stranger = terminal.json("keys create --role staff --person 999")["person"]
    assert terminal.json("secret rotate") == {"kept": True, "secrets": 2}
    assert terminal.json("keys create --role supporter --person 105")["person"] == first
    assert terminal.json("keys create --role staff --person 999")["person"] != stranger
    assert [one["state"] for one in terminal.json("doctor")["findings"] if one["what"] == "secret"] == ["good"]


def test_of_a_deployment_the_operator_is_told_what_to_set(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    old = "x" * 40
    monkeypatch.setenv("NAAST_SECRET", old)
    told = dict(line.split("=", 1) for line in terminal.ok("secret rotate").out.split("\n") if line)
    assert (set(told), told["NAAST_OLD_SECRETS"]) == ({"NAAST_SECRET", "NAAST_OLD_SECRETS"}, old)
    assert len(told["NAAST_SECRET"]) >= 32
