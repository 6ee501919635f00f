"""Something is broken, and somebody presses a button, types a command or brings reports: she hears that nothing came of
it and what to do; and once it is mended it happens once, whoever sees to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest

from services.house.serving import forwarded
from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.reports import door, take_message
from shared.messages import Command, followup, intake
from tests.journeys import incidents
from tests.journeys.breaking import REASON, broken, dead_letters, replay
from tests.journeys.page import Page
from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, CARLA, EVA, write_hospital
from tests.journeys.terminal import Terminal
from tests.journeys.test_cli_first_day import STAFF
from tests.journeys.town import Town, a_report


async def presses_danger(s: Scene) -> Page:
    """The supporter sees her page, is asked once more, and says that there is danger."""
    link = s.town.letters_of(CARLA)[-1].link
    token = link.rpartition("/")[2]
    sure = Page((await s.town.house.client.get(f"/l/{token}?sure=danger")).text)
    return await s.town.press(sure, "danger")


@pytest.mark.parametrize(
    "by", ["pressed again", "replayed", "pressed again and replayed", "replayed and pressed again"]
)
async def test_danger_that_was_not_recorded_is_told_so_and_reported_once_when_it_is_mended(
    tmp_path: Path, by: str
) -> None:
    async with scene(tmp_path) as s:
        await s.supported(CARLA)
        with broken(s.town.house, followup.ReportDanger):
            page = await presses_danger(s)
        assert page.heading == "Dit is NIET vastgelegd"
        assert "Bij direct gevaar bel je nu het alarmnummer." in page.text
        assert (EVA.name in page.text, f"tel:{EVA.phone.replace(' ', '')}" in page.links) == (True, True)
        assert (await s.tasks(), s.told(EVA)) == ([], [])
        [letter] = await dead_letters(s.town)
        for deed in by.split(" and "):
            if deed == "replayed":
                assert await replay(s.town, letter) or "again" in by
            else:
                after = await s.town.press(page, "danger")
                assert "Het is vastgelegd." in after.text
        assert (await s.tasks(), s.told(EVA)) == (["danger"], ["danger"])
        assert await dead_letters(s.town) == []


async def test_what_dies_again_when_it_is_pressed_again_is_told_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.supported(CARLA)
        s.town.may_die = {REASON}
        with broken(s.town.house, followup.ReportDanger):
            page = await presses_danger(s)
            again = await s.town.press(page, "danger")
        assert again.heading == page.heading
        assert len(await dead_letters(s.town)) == 1


async def test_a_colleague_whose_word_was_not_recorded_is_told_whom_to_call(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.supported(CARLA)
        s.town.may_die = {REASON}
        with broken(s.town.house, followup.RequestHelp):
            page = await s.press(ANNA, "help")
        assert (page.heading, EVA.name in page.text) == ("Dit is NIET vastgelegd", True)
        assert "Kan het niet wachten, bel dan de coördinator." in page.text


async def test_of_a_batch_each_report_that_was_set_aside_is_named_and_the_whole_may_come_again(town: Town) -> None:
    await town.move_in()
    feed, auditor = await town.key("feed"), await town.key("auditor")
    lines = [json.dumps(a_report(ANNA.staff_id, number=str(n))) for n in (1, 2)]
    body = "\n".join([*lines[:1], "no report", *lines[1:]]).encode()
    headers = feed | {"Content-Type": "application/x-ndjson"}
    with broken(town.house, intake.TakeReport):
        died = await town.ask("POST", "incidents", headers, body)
    told = died.json()
    assert (died.status_code, told["error"], told["taken"], told["duplicates"]) == (503, "not_recorded", 0, 0)
    assert told["rejected"] == [{"reason": "not_json", "path": "2"}]
    assert told["set_aside"] == [{"reason": REASON, "path": "1"}, {"reason": REASON, "path": "3"}]
    kept = (await town.get("quarantine", auditor))["quarantine"]
    assert sorted((one["path"], one["reason"]) for one in kept) == [("1", REASON), ("2", "not_json"), ("3", REASON)]
    for status, taken, duplicates in ((202, 2, 0), (202, 0, 2)):
        again = await town.ask("POST", "incidents", headers, body)
        assert (again.status_code, again.json()["taken"], again.json()["duplicates"]) == (status, taken, duplicates)
    assert await dead_letters(town) == []


async def test_a_report_of_a_broker_that_dies_is_kept_counted_and_told_where_its_feed_looks(town: Town) -> None:
    await town.move_in()
    running = town.house.services["intake"]
    body = json.dumps(a_report(ANNA.staff_id)).encode()
    headers = {"content-type": "application/cloudevents+json"}
    with broken(town.house, intake.TakeReport):
        await take_message(running, "example", body, headers)
    [kept] = (await town.get("quarantine", await town.key("feed")))["quarantine"]
    assert (kept["reason"], kept["source"], kept["path"]) == (REASON, "amqp", "")
    counted = town.house.common.metrics.registry.get_sample_value
    assert counted("naast_reports_total", {"hospital": "example", "outcome": "set_aside"}) == 1
    [letter] = await dead_letters(town)
    assert await replay(town, letter)
    assert (await take_message(running, "example", body, headers)).duplicates == 1


async def test_a_report_that_was_delivered_too_often_is_set_aside_unless_it_was_taken_after_all(town: Town) -> None:
    await town.move_in()
    running = town.house.services["intake"]
    taken, fresh = (json.dumps(a_report(ANNA.staff_id, number=str(n))).encode() for n in (1, 2))
    await take_message(running, "example", taken, {})
    for body, aside, duplicates in ((taken, 0, 1), (fresh, 1, 0)):
        found = await take_message(running, "example", body, {}, "delivery_limit")
        assert (len(found.set_aside), found.duplicates, found.taken) == (aside, duplicates, 0)
    [letter] = await dead_letters(town)
    assert await replay(town, letter)


async def test_a_report_that_nobody_can_read_is_seen_by_its_own_hospital(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object, **__: object) -> object:
        raise RecursionError

    await town.move_in()
    monkeypatch.setattr(canonical, "read_any", torn)
    enter = door(town.house.services["intake"])
    with pytest.raises(RecursionError):
        await enter("example", b"[[[", {})
    await enter("example", b"[[[", {}, "delivery_limit")
    [seen] = (await town.get("quarantine", await town.key("coordinator")))["quarantine"]
    assert (seen["reason"], seen["source"], seen["kept"]) == ("RecursionError", "amqp", False)


async def test_what_one_hospital_was_refused_no_other_sees_or_lets_go_of(town: Town) -> None:
    await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), {"no": "report"})
    at, hers, stranger = (
        "/v1/ops/intake/dead-letters",
        await town.key("ops"),
        await town.key("ops", hospital="elsewhere"),
    )
    client = town.house.client
    [refused] = (await client.get(at, headers=hers)).json()["dead_letters"]
    one = f"{at}/{quote(refused['id'], safe='')}"
    assert [(await client.request(how, one, headers=stranger)).status_code for how in ("GET", "DELETE")] == [404, 404]
    assert (await client.get(at, headers=stranger)).json() == {"dead_letters": []}
    assert (await client.delete(one, headers=hers)).status_code == 200
    assert (await client.get(at, headers=hers)).json() == {"dead_letters": []}


async def test_whom_of_a_staff_list_nothing_was_recorded_is_told_and_comes_again_with_the_list(town: Town) -> None:
    key, town.may_die = await town.key("coordinator"), {REASON}
    rows = (town.house.common.settings.hospitals / "example" / "staff.csv").read_bytes()
    with broken(town.house, intake.RecordStaff):
        died = await town.ask("POST", "staff", key, rows)
    told = died.json()
    assert (died.status_code, told["error"], told["new"], len(told["set_aside"])) == (503, "not_recorded", 0, 12)
    assert {one["reason"] for one in told["set_aside"]} == {REASON}
    again = await town.ask("POST", "staff", key, rows)
    assert (again.status_code, again.json()["new"], again.json()["set_aside"]) == (200, 12, [])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ConnectError, 503),
        (httpx.ConnectTimeout, 503),
        (httpx.ReadTimeout, 504),
        (httpx.RemoteProtocolError, 504),
    ],
)
async def test_a_service_that_is_not_reached_did_nothing_and_of_one_that_does_not_answer_nobody_knows(
    error: type[Exception], status: int
) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise error("away")

    async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as client:
        assert await forwarded(client, "POST", "http://followup/v1", "naast_x", None, "once") == (status, {}, b"")


# -- at the terminal


@pytest.fixture
def hospital(terminal: Terminal) -> str:
    write_hospital(terminal.hospitals, "example", STAFF)
    terminal.ok(f"keys create --role coordinator --person {EVA.staff_id} --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    return "example"


@contextmanager
def nothing_works(monkeypatch: pytest.MonkeyPatch, *commands: type[Command]) -> Iterator[None]:
    """What answers these commands raises meanwhile."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        for command in commands:
            rows: Any = import_module(f"services.{command.publisher}.protocol.domain").ON
            patch.setitem(rows, command, rows[command]._replace(decide=broken))
        yield


def test_a_command_that_was_not_recorded_says_so_and_how_it_is_taken_after_all(
    terminal: Terminal, hospital: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.ok(f"feed {incidents.write(tmp_path / 'event.json', incidents.calamity(hospital, ANNA.staff_id))}")
    [case] = [one["case"] for one in terminal.json("cases")["cases"]]
    with nothing_works(monkeypatch, followup.RequestHelp):
        died = terminal(f"case help {case} --lang en")
        twin = terminal(f"case help {case} --json")
    assert (died.code, twin.code, died.out) == (4, 4, "")
    says, do = died.talk.splitlines()[-2:]
    assert says.startswith("naast: This was NOT recorded: something went wrong and it was set aside (")
    assert "call the coordinator; in immediate danger call the emergency number first." in says
    command = do.partition("naast dead-letters replay ")[2].partition(".")[0]
    assert (twin.json["error"], twin.json["reason"]) == ("not_recorded", REASON)
    assert terminal.json("tasks")["tasks"] == []
    terminal.ok(f"dead-letters replay {command}")
    assert [task["task"] for task in terminal.json("tasks")["tasks"]] == ["help"]


def test_reports_of_a_file_that_were_not_recorded_are_told_by_their_place(
    terminal: Terminal, hospital: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps(incidents.calamity(hospital, ANNA.staff_id, number=str(n))) for n in range(3)]
    file = tmp_path / "many.ndjson"
    file.write_text("\n".join([*lines, "{"]))
    with nothing_works(monkeypatch, intake.TakeReport):
        told = terminal(f"feed {file} --lang en")
        twin = terminal(f"feed {file} --json")
    assert (told.code, twin.code, twin.json["taken"]) == (4, 4, 0)
    assert "3 reports were NOT recorded" in told.talk
    assert [one["path"] for one in twin.json["set_aside"]] == ["1", "2", "3"]
    assert [one["path"] for one in twin.json["rejected"]] == ["4"]
    again = terminal(f"feed {file} --json")
    assert (again.code, again.json["taken"], again.json["set_aside"]) == (1, 3, [])


def test_a_staff_list_that_was_not_recorded_is_never_called_taken_over(
    terminal: Terminal, hospital: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = terminal.hospitals / "example" / "staff.csv"
    file.write_text(file.read_text().replace("nurse,surgery", "nurse,icu"))
    with nothing_works(monkeypatch, intake.RecordStaff):
        told = terminal(f"hospital import-staff {file} --lang en")
    assert (told.code, "2 lines were NOT recorded" in told.talk, "0 changed" in told.talk) == (4, True, True)
    assert terminal.ok(f"hospital import-staff {file} --lang en").talk.count("2 changed") == 1
