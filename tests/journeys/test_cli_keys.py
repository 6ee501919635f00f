"""Who may come in: keys are made, shown once, listed without themselves, and revoked."""

from __future__ import annotations

import asyncio
import stat
import tomllib
from datetime import datetime

from services.cli.ops import keyring
from shared.settings import Settings
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal


def test_a_new_hospital_comes_with_a_folder_and_a_key_that_only_its_owner_can_read(terminal: Terminal) -> None:
    made = terminal.json("hospital new st-lucas --yes --name 'St Lucas'")
    folder = terminal.hospitals / "st-lucas"
    assert sorted(path.name for path in folder.iterdir()) == ["feeds", "hospital.toml", "staff.csv"]
    assert tomllib.loads((folder / "hospital.toml").read_text())["name"] == "St Lucas"
    assert (made["practice"], made["unanswered"]) == (True, ["confidentiality", "sharing", "handover", "position"])
    kept = terminal.home / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert made["key"] in kept.read_text()
    listed = terminal.ok("keys list").out
    assert ("coordinator" in listed, made["key"] in listed) == (True, False)
    again = terminal("hospital new st-lucas --yes")
    assert (again.code, "is there already" in again.talk) == (2, True)


def test_a_question_that_is_answered_wrongly_is_asked_again(terminal: Terminal) -> None:
    answers = ["Het Dorp", "nl", "Mars/Olympus", "Europe/Amsterdam", "BE", "", "-", "10", "", "nurse=zuster", "icu"]
    typed = "\n".join([*answers, "soon", "2026-02-01", "2026-02-01", "2026-02-01", "2026-02-01"]) + "\n"
    made = terminal("hospital new het-dorp --json --lang en", typed=typed)
    assert (made.code, made.json["practice"]) == (0, False)
    assert "time zone of the IANA list" in made.talk
    assert "write the day as 2026-01-31" in made.talk
    shown = terminal.json("hospital show")
    assert (shown["country"], shown["quiet_hours"], shown["coordinators"]) == ("BE", None, ["10"])
    assert shown["professions"]["nurse"]["nl"] == "zuster"


def test_without_a_terminal_the_questions_say_how_to_go_on(terminal: Terminal) -> None:
    unanswered = terminal("hospital new st-lucas")
    assert (unanswered.code, "--yes takes what is offered" in unanswered.talk) == (2, True)
    assert not (terminal.hospitals / "st-lucas").exists()


def test_a_key_that_is_revoked_opens_nothing(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    assert terminal("keys create --role supporter").code == 2
    key = terminal.ok("keys create --role coordinator --days 30").out.strip()
    terminal.ok(f"cases --key {key}")
    newest = terminal.json("keys list")["keys"][-1]["id"]
    terminal.ok(f"keys revoke {newest}")
    refused = terminal(f"cases --key {key}")
    assert (refused.code, "not known here, or no longer" in refused.talk) == (1, True)
    assert terminal(f"keys revoke {newest}").code == 1


def test_every_key_has_an_end_and_says_when_it_was_last_used(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    key = terminal.ok("keys create --role auditor").out.strip()
    terminal.ok("keys create --role feed --system vim")
    first, auditor, feed = terminal.json("keys list")["keys"]
    lives = [
        (datetime.fromisoformat(one["expires_at"]) - datetime.fromisoformat(one["created_at"])).days
        for one in (first, auditor, feed)
    ]
    assert (lives, feed["system"], auditor["used_at"]) == ([400, 120, 800], "vim", None)
    terminal.ok(f"overview --key {key}")
    assert terminal.json("keys list")["keys"][1]["used_at"] is not None
    assert "last used" in terminal.ok("keys list --lang en").out
    wrong = terminal("keys create --role ops --system vim")
    assert (wrong.code, "Only a key for a feed" in wrong.talk) == (2, True)


def test_a_key_opens_its_own_hospital_and_no_other(terminal: Terminal) -> None:
    first = terminal.json("hospital new st-lucas --yes")["key"]
    terminal.ok("hospital new het-dorp --yes")
    nameless = terminal("cases")
    assert (nameless.code, "--hospital" in nameless.talk) == (2, True)
    terminal.ok("cases --hospital het-dorp")
    terminal.ok(f"cases --key {first}")
    foreign = terminal(f"cases --hospital het-dorp --key {first}")
    assert (foreign.code, "There is no such thing" in foreign.talk) == (1, True)


def test_a_row_of_a_staff_list_that_cannot_be_used_is_named_and_the_others_are_taken(terminal: Terminal) -> None:
    made = terminal.json("hospital new st-lucas --yes")
    file = terminal.hospitals / "st-lucas" / "staff.csv"
    header = file.read_text()
    good = "1,Eva Smit,nurse,nurse,icu,,,nl,eva@example.org,,mail,yes,no,,\n"
    file.write_text(header + good + good.replace("1,", "2,", 1).replace(",icu,", ",moon,"))
    looked = terminal(f"hospital import-staff {file} --dry-run --json --key {made['key']}")
    wrong = [{"line": 3, "column": "department", "reason": "unknown_department"}]
    assert (looked.code, looked.json["errors"], looked.json["new"]) == (1, wrong, 1)
    assert "unknown department; put it in hospital.toml" in terminal(f"hospital import-staff {file} --lang en").out


CASE = "c-7k3m9q2hzd"


def test_a_key_for_the_staff_names_who_and_one_for_a_colleague_names_her_case(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    for line, hint in (
        ("--role staff", "--person <staff number>"),
        ("--role colleague", "--role colleague --case"),
        (f"--role staff --person 104 --case {CASE}", "--role colleague --case"),
        (f"--role colleague --person 104 --case {CASE}", "Leave --person out."),
    ):
        answer = terminal(f"keys create {line}")
        assert (answer.code, hint in answer.talk) == (2, True), line
    unknown = terminal(f"keys create --role colleague --case {CASE}")
    assert (unknown.code, f"No link of {CASE} was sent" in unknown.talk) == (1, True)
    assert terminal.json("keys create --role staff --person 104")["role"] == "staff"


def test_a_colleague_has_another_key_for_the_case_whose_link_she_was_sent(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")

    async def send_link() -> None:
        async with keyring.opened(Settings()) as access:
            await access.make_link("example", "colleague", "p-anna234567", CASE)
            await access.make_link("example", "supporter", "s-bram234567", CASE)

    asyncio.run(send_link())
    made = terminal.json(f"keys create --role colleague --case {CASE}")
    assert (made["person"], made["case"]) == ("p-anna234567", CASE)
    newest = terminal.json("keys list --links")["keys"][-1]
    assert (newest["role"], newest["case"], newest["expires_at"] is None) == ("colleague", CASE, False)
