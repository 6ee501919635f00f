"""A slip in the settings is told at the terminal: which field, and what to do, in the language of the reader."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.listening import Services
from tests.journeys.mistyping import FIELD, mend, mistype
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal

NL = f"{FIELD}: is geen regel; is MATCH-5 bedoeld? `naast rules` toont ze alle"
EN = f"{FIELD}: is no rule; is MATCH-5 meant? `naast rules` shows them all"
PROBLEM = {"field": FIELD, "do": {"nl": NL.partition(": ")[2], "en": EN.partition(": ")[2]}}


@pytest.mark.parametrize(
    ("lang", "first", "second"),
    [
        ("nl", "! De instellingen van dit ziekenhuis hebben een fout sinds wo 11 mrt 2026 10:00; de eerdere", NL),
        ("en", "! The settings of this hospital have an error since Wed 11 Mar 2026 10:00; the earlier ones", EN),
    ],
)
def test_the_list_of_tasks_begins_with_it_while_the_earlier_settings_hold(
    terminal: Terminal, services: Services, lang: str, first: str, second: str
) -> None:
    told: dict[str, Any] = {"settings": {"since": "2026-03-11T09:00:00+00:00", "problems": [PROBLEM]}, "tasks": []}
    services.answers["tasks"] = told
    lines = terminal.ok(f"tasks --lang {lang}").out.splitlines()
    assert lines[0].startswith(first)
    assert lines[-1] == f"  {second}"
    assert terminal.json("tasks") == told
    services.answers["tasks"] = {"tasks": []}
    assert terminal.ok("tasks").out == ""


@pytest.mark.parametrize(("lang", "why", "do"), [("nl", "gelden niet", NL), ("en", "are not in force", EN)])
def test_whoever_asks_while_nothing_is_in_force_is_told_what_to_do(
    terminal: Terminal, lang: str, why: str, do: str
) -> None:
    terminal.ok("hospital new st-lucas --yes")
    mistype(terminal.hospitals, "st-lucas")
    asked = terminal(f"tasks --hospital st-lucas --lang {lang}")
    assert (asked.code, why in asked.talk, do in asked.talk) == (3, True, True)
    assert terminal("tasks --hospital st-lucas --json").json["problems"] == [PROBLEM]
    mend(terminal.hospitals, "st-lucas")
    terminal.ok("tasks")


def test_a_hospital_with_a_slip_is_not_passed_over_for_another(terminal: Terminal) -> None:
    for hospital in ("st-anna", "st-lucas"):
        terminal.ok(f"hospital new {hospital} --yes")
    mistype(terminal.hospitals, "st-lucas")
    asked = terminal("tasks")
    assert (asked.code, "There are 2 hospitals: st-anna, st-lucas." in asked.talk) == (2, True)


def test_check_and_doctor_tell_each_mistake(terminal: Terminal) -> None:
    for hospital in ("example", "elsewhere"):
        write_hospital(terminal.hospitals, hospital)
    assert terminal.json("hospital check") == {"hospitals": {"elsewhere": [], "example": []}}
    mistype(terminal.hospitals)
    checked = terminal("hospital check --lang nl")
    assert (checked.code, checked.out.splitlines()) == (
        1,
        [
            "✓ elsewhere: in orde",
            "✗ example: niet in orde; wat er eerder stond blijft gelden",
            f"  {NL}",
        ],
    )
    assert terminal("hospital check --json").json["hospitals"]["example"] == [PROBLEM]
    assert terminal.ok("hospital check elsewhere --lang en").out == "✓ elsewhere: in order\n"
    assert terminal("hospital check nowhere").code == 2
    found = [one for one in terminal("doctor --json").json["findings"] if one["state"] == "bad"]
    assert [(one["what"], one["says"]) for one in found] == [("hospital", f"example: {EN}")]
    assert found[0]["do"].startswith(f"Correct {terminal.hospitals / 'example' / 'hospital.toml'}; it is read again")
