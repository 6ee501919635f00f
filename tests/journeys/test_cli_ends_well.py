"""Whatever goes wrong is said in a sentence with what to do next, and the exit code tells of which kind it was."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from services.cli.main import app
from services.cli.words import texts
from tests.effort import PATIENCE
from tests.journeys import incidents
from tests.journeys.terminal import Terminal
from tests.servers.host import free_ports


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_explains_itself_with_an_example_of_itself(line: str) -> None:
    command = COMMANDS[line]
    assert re.fullmatch(r"[^.].*[.)]", command.help.strip().splitlines()[0])
    assert command.epilog.startswith(f"Example: naast {line}")


@pytest.mark.parametrize("line", [line for line in COMMANDS if line not in ("up", "run")])
def test_each_command_that_ends_has_a_json_twin(line: str) -> None:
    assert "--json" in {option for parameter in COMMANDS[line].params for option in parameter.opts}


def test_each_text_is_there_in_both_languages_and_says_the_same_things() -> None:
    for section, named in texts().items():
        for name, (nl, en) in named.items():
            fields = [set(re.findall(r"{(\w+)", text)) for text in (nl, en)]
            assert fields[0] == fields[1], f"{section}.{name}"


def test_where_there_is_no_hospital_it_says_how_to_make_one(terminal: Terminal) -> None:
    answer = terminal("cases")
    assert (answer.code, answer.out) == (2, "")
    assert "Make one: naast hospital new <id>" in answer.talk
    assert not terminal.home.exists()


def test_what_can_be_no_id_is_wrong_before_anything_is_asked(terminal: Terminal) -> None:
    for line in ("case show ../x", "report show r?x", "task done 'c 1' help", "supporters trained a/b"):
        answer = terminal(line)
        assert (answer.code, "that is no id" in answer.talk) == (2, True), line
    assert not terminal.home.exists()


def test_what_a_service_did_not_understand_comes_with_its_hint(terminal: Terminal, tmp_path: Path) -> None:
    terminal.ok("hospital new st-lucas --yes")
    fed = terminal.json(f"feed {incidents.write(tmp_path / 'event.json', incidents.FHIR_R4)}")
    answer = terminal(f"report department {fed['waiting'][0]['report']} moon")
    assert (answer.code, "Departments are: emergency, icu," in answer.talk) == (2, True)


def test_where_nothing_answers_it_says_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NAAST_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
    answer = terminal("cases --key naast_x --hospital st-lucas")
    assert (answer.code, "Nothing answers at 127.0.0.1:" in answer.talk) == (3, True)


def test_where_another_process_works_in_the_house_it_says_so(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    (terminal.home / "lock").touch(0o600)
    with (terminal.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = terminal("cases")
        assert (answer.code, "Another process works in" in answer.talk) == (3, True)
        [house] = [f for f in terminal.json("doctor")["findings"] if f["what"] == "house"]
        assert house["says"] == "another process works in it"


def test_the_doctor_says_of_each_thing_what_to_do(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    terminal.ok("cases")
    found = terminal.json("doctor")
    assert found["healthy"]
    assert {f["what"]: f["state"] for f in found["findings"]} == {
        **dict.fromkeys(("python", "home", "secret", "days", "access", "broker", "clock"), "good"),
        **dict.fromkeys(("intake", "matching", "followup", "training"), "good"),
        **dict.fromkeys(("house", "hospital", "mail"), "look"),
    }
    assert all(f["do"] for f in found["findings"] if f["state"] != "good")
    file = terminal.hospitals / "st-lucas" / "hospital.toml"
    file.write_text(file.read_text().replace("Europe/Amsterdam", "Mars/Olympus"))
    (terminal.home / "secret").chmod(0o644)
    sick = terminal("doctor --json")
    assert (sick.code, [f["what"] for f in sick.json["findings"] if f["state"] == "bad"]) == (3, ["home", "hospital"])


def test_of_a_broker_that_is_away_the_doctor_speaks_in_its_own_words(terminal: Terminal) -> None:
    [port] = free_ports(1)
    away = os.environ | {"NAAST_AMQP_URL": f"amqp://guest:guest@127.0.0.1:{port}/"}
    command = [sys.executable, "-m", "services.cli", "doctor", "--json"]
    done = subprocess.run(command, env=away, capture_output=True, text=True, timeout=PATIENCE, check=False)
    [broker] = [found for found in json.loads(done.stdout)["findings"] if found["what"] == "broker"]
    assert (done.returncode, broker["state"], done.stderr) == (3, "bad", "")
    assert broker["do"] == "Start it, or correct NAAST_AMQP_URL."


def test_the_tables_are_brought_up_to_date_once(terminal: Terminal) -> None:
    first, again = terminal.json("db upgrade"), terminal.json("db upgrade")
    assert {row["before"] for row in first} == {None}
    assert all(row["after"] for row in first)
    assert [row["after"] for row in first] == [row["before"] for row in again] == [row["after"] for row in again]
