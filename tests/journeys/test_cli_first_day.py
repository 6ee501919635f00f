"""The first day at a terminal: a hospital, its staff, a report, and a case that is supported."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.journeys import incidents
from tests.journeys.staff import ANNA, BRAM, CARLA, EVA, EVERYBODY, MIA, write_hospital
from tests.journeys.terminal import Terminal

RECENTLY = (date.today() - timedelta(days=30)).isoformat()  # noqa: DTZ011
STAFF = [replace(one, intervisie_on=RECENTLY) if one.supporter == "yes" else one for one in EVERYBODY]


@pytest.fixture
def hospital(terminal: Terminal) -> str:
    """A hospital whose staff list was taken over, and a coordinator's key that the terminal keeps."""
    write_hospital(terminal.hospitals, "example", STAFF)
    terminal.ok(f"keys create --role coordinator --person {EVA.staff_id} --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    return "example"


def key_of(terminal: Terminal, staff_id: str) -> str:
    return str(terminal.json(f"keys create --role supporter --person {staff_id}")["key"])


def test_on_a_new_hospital_an_old_report_is_taken_and_waits_for_the_coordinator(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.ok("hospital new st-lucas --yes")
    fed = terminal.json(f"feed {incidents.write(tmp_path / 'event.json', incidents.FHIR_R4)}")
    assert [fed[name] for name in ("taken", "offers", "tasks", "rejected")] == [1, 0, 1, []]
    assert {*fed["waiting"][0]["reasons"]} == {"department_missing", "staff_unknown", "too_old"}
    [task] = terminal.json("tasks")["tasks"]
    assert (task["regarding"], task["owner"], task["overdue"]) == (fed["waiting"][0]["report"], "coordinator", False)


def test_a_broken_file_gets_a_reason_and_the_good_ones_are_taken(terminal: Terminal, tmp_path: Path) -> None:
    terminal.ok("hospital new st-lucas --yes")
    good = incidents.write(tmp_path / "good.json", incidents.FHIR_R4)
    broken = tmp_path / "broken.json"
    broken.write_text('{"resourceType": "AdverseEvent",')
    fed = terminal(f"feed {broken} {good} --json")
    assert fed.code == 1
    assert (fed.json["taken"], fed.json["rejected"]) == (
        1,
        [{"file": str(broken), "path": "", "reason": "not_json"}],
    )


def test_in_a_file_of_lines_a_rejection_names_its_line(terminal: Terminal, tmp_path: Path, hospital: str) -> None:
    lines = [json.dumps(incidents.calamity(hospital, ANNA.staff_id, number=str(n))) for n in range(150)]
    lines[120] = "{"
    file = tmp_path / "many.ndjson"
    file.write_text("\n".join(lines))
    fed = terminal(f"feed {file} --json")
    assert (fed.code, fed.json["taken"], fed.json["rejected"]) == (
        1,
        149,
        [{"file": str(file), "path": "121", "reason": "not_json"}],
    )


def test_a_supporter_is_asked_says_yes_reads_the_card_and_holds_three_conversations(
    terminal: Terminal, tmp_path: Path, hospital: str
) -> None:
    fed = terminal.json(f"feed {incidents.write(tmp_path / 'event.json', incidents.calamity(hospital, ANNA.staff_id))}")
    assert (fed["taken"], fed["offers"], fed["tasks"]) == (1, 1, 0)
    [ask] = terminal.json("asks")["asks"]
    case = ask["case"]
    shown = terminal.ok("asks").out
    [asked] = [person for person in STAFF if person.name in shown]
    another = CARLA if asked.staff_id != CARLA.staff_id else BRAM
    key, others = key_of(terminal, asked.staff_id), key_of(terminal, another.staff_id)

    refused = terminal(f"case accept {case} --key {others} --lang en")
    assert (refused.code, refused.talk.splitlines()[-1]) == (
        1,
        "naast: Only the supporter who is asked says yes or no. (MATCH-9)",
    )
    closed_card = terminal(f"case card {case} --key {key} --json")
    assert (closed_card.code, closed_card.json["refused"]["rule"]) == (1, "INTAKE-8")
    terminal.ok(f"case accept {case} --key {key}")
    card = terminal.json(f"case card {case} --key {key}")["card"]
    assert (card["name"], card["phone"]) == (ANNA.name, ANNA.phone)

    terminal.ok(f"case contact {case} --not-reached --key {key}")
    for _ in range(3):
        terminal.ok(f"case conversation {case} --minutes 40 --key {key}")
    fourth = terminal(f"case conversation {case} --minutes 40 --key {key} --json")
    assert (fourth.code, fourth.json["refused"]["rule"]) == (1, "FOLLOW-1")
    assert terminal(f"case extend {case} --key {key}").code == 1
    terminal.ok(f"case extend {case}")
    terminal.ok(f"case conversation {case} --minutes 20 --key {key}")
    terminal.ok(f"case close {case} --key {key}")

    shown = terminal.ok(f"case show {case} --lang en").out
    assert f"{case}  {ANNA.name}" in shown
    assert f"Supporter {asked.name} supports this colleague." in shown
    assert "The case was closed: the support is completed." in shown
    held = terminal.json(f"case show {case}")
    assert (held["state"], held["conversations_held"]) == ("closed", 4)


def test_each_task_is_ended_by_the_command_that_it_names(terminal: Terminal, tmp_path: Path, hospital: str) -> None:
    fed = terminal.json(f"feed {incidents.write(tmp_path / 'event.json', incidents.calamity(hospital))}")
    assert fed["waiting"][0]["reasons"] == ["nobody_named"]
    [task] = terminal.json("tasks")["tasks"]
    shown = terminal.ok(shlex.join(shlex.split(task["command"])[1:])).out
    report = task["regarding"]
    assert f"naast report involve {report} <staff number> …" in shown
    terminal.ok(f"report involve {report} {ANNA.staff_id}")
    assert terminal.json("tasks") == {"tasks": []}

    [case] = [one["case"] for one in terminal.json("cases")["cases"]]
    terminal.ok(f"case help {case}")
    [task] = terminal.json("tasks")["tasks"]
    terminal.ok(shlex.join(shlex.split(task["command"])[1:]))
    assert terminal.json("tasks") == {"tasks": []}


def test_whom_nobody_can_support_is_explained_rule_by_rule(terminal: Terminal, tmp_path: Path, hospital: str) -> None:
    event = incidents.calamity(hospital, EVA.staff_id, department="internal")
    terminal.ok(f"feed {incidents.write(tmp_path / 'event.json', event)}")
    [case] = [one["case"] for one in terminal.json("cases")["cases"]]
    asked = {search["outcome"] for search in terminal.json(f"case match {case}")["searches"]}
    assert asked == {"asked"}
    assert "MATCH-1" in terminal.ok(f"case match {case}").out
    other = incidents.calamity(hospital, MIA.staff_id, number="2")
    terminal.ok(f"feed {incidents.write(tmp_path / 'other.json', other)}")
    assert len(terminal.json("report list")["reports"]) == 2


def test_supporters_and_coverage_are_shown_with_names_and_may_be_kept_up(terminal: Terminal, hospital: str) -> None:
    assert CARLA.name in terminal.ok("supporters list").out
    terminal.ok(f"supporters nominate {ANNA.staff_id} --by {MIA.staff_id}")
    terminal.ok(f"supporters trained {ANNA.staff_id}")
    terminal.ok(f"supporters intervisie {ANNA.staff_id}")
    standing = {one["standing"] for one in terminal.json("supporters list")["supporters"]}
    assert standing == {"ready"}
    nurses = next(one for one in terminal.json("coverage")["coverage"] if one["profession"] == "nurse")
    assert nurses["supporters"] == 5
    unknown = terminal("supporters trained 999")
    assert (unknown.code, "no such staff number" in unknown.talk) == (2, True)


def test_in_a_house_whose_clock_stands_still_the_time_is_always_the_same(
    terminal: Terminal, tmp_path: Path, hospital: str
) -> None:
    (terminal.home / "clock").write_text("2031-03-04T09:30:00+00:00")
    # The key of the first day has ended by then.
    terminal.ok("keys create --role coordinator --keep")
    terminal.ok(f"feed {incidents.write(tmp_path / 'event.json', incidents.calamity(hospital))}")
    assert terminal.json("report list")["reports"][0]["received_at"] == "2031-03-04T09:30:00Z"
