"""After a case is erased nothing joins it, or its report, with the colleague: no row, no byte, no log, no backup.

Markers are her staff number, name, mail address, phone number and refs. What a list of staff says of her is kept; that
she had a case is not.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.intake.protocol.states import Report
from services.intake.tables import read_state
from tests.journeys.erasing import GONE, HER, NUMBER, STAFF, Known, begin, erase, known, live, seen
from tests.journeys.staff import CARLA, EVA, FINN, write_hospital
from tests.journeys.tables import rows
from tests.journeys.town import a_report, open_town

#: What the client of this test writes down about its own requests.
OF_THE_TEST = {"httpx2", "httpcore2"}
NEAR = 300
NO_LINK = "Deze link werkt niet meer"


def joined(home: Path, case: Known) -> set[tuple[str, str]]:
    """The tables with a row that joins the case and the colleague."""
    return {(database, table) for database, table, row in rows(home) if case.joins(row)}


def near(home: Path, case: Known) -> Iterator[str]:
    """Files in which something of the colleague stands within a row's length of the case or its report."""
    markers = re.compile("|".join(map(re.escape, case.markers)).encode())
    for path in sorted(home.glob("*.sqlite*")):
        content = path.read_bytes()
        for place in re.finditer(f"{case.case}|{case.report}".encode(), content):
            if markers.search(content[max(0, place.start() - NEAR) : place.end() + NEAR]):
                yield path.name


def nothing_is_left(home: Path, case: Known) -> None:
    assert joined(home, case) == set()
    assert set(near(home, case)) == set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_hospital(tmp_path / "hospitals", staff=STAFF)
    return tmp_path


async def test_nothing_joins_an_erased_case_and_the_colleague(
    folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    home = folder / "home"
    async with open_town(folder) as town:
        keys, case = await begin(town)
        await live(town, keys, case)
        assert {
            ("intake", "link"),
            ("intake", "journal"),
            ("followup", "dead_letter"),
            ("intake", "parked"),
        } <= joined(home, case)
        assert ("access", "access_key") in joined(home, case)
        assert set(near(home, case)) >= {"intake.sqlite-wal"}
        await erase(town, case)
        nothing_is_left(home, case)
        dead = [row for database, table, row in rows(home) if table == "dead_letter"]
        assert all("c-other" in row for row in dead)
        assert len(dead) == 3
        looks = (await town.get("access-log", keys["coordinator"]))["access_log"]
        assert {(*one["about"], one["by"]) for one in looks if one["what"] == "card"} == {("",)}
    nothing_is_left(home, case)
    assert [path.name for path in home.glob("*.sqlite*") if case.markers[-1].encode() in path.read_bytes()] == []
    out, err = capfd.readouterr()
    lines = [record.getMessage() for record in caplog.records if record.name not in OF_THE_TEST]
    text = "\n".join((*lines, out, err))
    assert "dead_letter" in text
    assert not [word for word in (*case.markers, case.case, case.report) if word in text]


async def test_a_later_version_of_the_report_is_a_task_and_never_an_offer(folder: Path) -> None:
    async with open_town(folder) as town:
        keys, case = await begin(town)
        await live(town, keys, case)
        await erase(town, case)
        letters = {who: len(found) for who, found in town.mail.items()}
        source = {"system": "vim", "report_id": "2026-1", "revision": "2", "mapping": "vim@1"}
        answer = await town.ask("POST", "incidents", keys["feed"], a_report(NUMBER, source=source, calamity="yes"))
        assert (answer.json()["offers"], answer.json()["tasks"]) == (0, 1)
        [waiting] = (await town.get("reports?waiting=true", keys["coordinator"]))["reports"]
        assert (waiting["reasons"], waiting["people"]) == (["erased_before"], [])
        assert [who for who, found in town.mail.items() if len(found) != letters.get(who)] == [EVA.mail]
        nothing_is_left(folder / "home", case)


async def test_who_is_left_of_a_report_keeps_her_case(folder: Path) -> None:
    async with open_town(folder) as town:
        refs = await town.move_in()
        await town.ask("POST", "incidents", await town.key("feed"), a_report(NUMBER, FINN.staff_id))
        case = await known(town, refs[NUMBER])
        assert ("intake", "report") in joined(folder / "home", case)
        await erase(town, case)
        nothing_is_left(folder / "home", case)
        async with town.house.services["intake"].database.read() as c:
            report = await read_state(c, Report, "example", case.report)
        assert report is not None
        assert [(person.staff, person.standing) for person in report.people] == [(refs[FINN.staff_id], "offered")]


async def test_a_restored_backup_in_which_the_case_was_open_is_erased_when_it_is_opened(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backup = tmp_path_factory.mktemp("backup")
    async with open_town(folder) as town:
        keys, case = await begin(town)
        await live(town, keys, case)
        link = town.letters_of(HER)[-1].link
        assert (await town.browse(link)).forms
    shutil.copytree(folder / "home", backup / "home")
    shutil.copytree(folder / "hospitals", backup / "hospitals")
    async with open_town(folder, clock=town.clock) as town:
        await erase(town, case)
    assert ("intake", "link") in joined(backup / "home", case)
    shutil.copy(folder / "home" / "erased", backup / "home" / "erased")
    async with open_town(backup, clock=town.clock) as restored:
        assert await seen(restored, case) == GONE
        nothing_is_left(backup / "home", case)
        assert (await restored.browse(link)).heading == NO_LINK
        await restored.settle()
        assert [who for who in restored.mail if who in (HER.mail, CARLA.mail)] == []
    nothing_is_left(backup / "home", case)
    async with open_town(backup, clock=town.clock) as again:
        assert await seen(again, case) == GONE


async def test_the_list_of_what_was_erased_tells_nothing_and_only_grows(folder: Path) -> None:
    erased = folder / "home" / "erased"
    async with open_town(folder) as town:
        _, case = await begin(town)
        assert not erased.exists()
        await erase(town, case)
    lines = erased.read_text().split()
    assert re.fullmatch(r"[0-9a-f]{64}", lines[0])
    assert case.case not in erased.read_text()
    async with open_town(folder, clock=town.clock):
        pass
    assert erased.read_text().split() == lines
    assert erased.stat().st_mode & 0o777 == 0o600
