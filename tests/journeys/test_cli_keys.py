"""Who may come in: keys are made, shown once, listed without themselves, and revoked."""

from __future__ import annotations

import stat
import tomllib

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
    assert made["key"] not in terminal.ok("keys list").out
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
    [newest] = [one["id"] for one in terminal.json("keys list")["keys"] if one["expires_at"]]
    terminal.ok(f"keys revoke {newest}")
    refused = terminal(f"cases --key {key}")
    assert (refused.code, "not known here, or no longer" in refused.talk) == (1, True)
    assert terminal(f"keys revoke {newest}").code == 1


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
