"""`naast up` serves until it is told to stop; commands find it, and find their way when it was killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import httpx2 as httpx
import pytest

from tests.effort import PATIENCE
from tests.journeys.mistyping import mend, mistype
from tests.journeys.staff import BRAM, write_hospital
from tests.journeys.terminal import Terminal


@contextmanager
def up(terminal: Terminal, port: int) -> Iterator[subprocess.Popen[str]]:
    """naast at work in a process of its own."""
    command = [sys.executable, "-c", "from services.cli.main import main; main()", "up"]
    environment = {**os.environ, "NAAST_PORT": str(port), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        _wait_until(lambda: (terminal.home / "url").exists() and _listens(port))
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_commands_go_to_the_house_that_runs_and_to_the_files_when_it_was_killed(terminal: Terminal, port: int) -> None:
    write_hospital(terminal.hospitals, "example", [replace(BRAM, intervisie_on=date.today().isoformat())])  # noqa: DTZ011
    terminal.ok("keys create --role coordinator --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    assert "clocks wait" in terminal.ok("cases --lang en").talk
    with up(terminal, port) as process:
        assert "clocks wait" not in terminal.ok("cases --lang en").talk
        assert "runs at" in terminal.ok("doctor").out
        process.kill()
        process.wait()
        assert (terminal.home / "url").exists()
        assert "clocks wait" in terminal.ok("cases --lang en").talk


def test_it_starts_and_serves_with_a_slip_in_the_settings_of_one_hospital(terminal: Terminal, port: int) -> None:
    for id in ("st-anna", "st-lucas"):
        terminal.ok(f"hospital new {id} --yes")
    mistype(terminal.hospitals, "st-lucas")
    with up(terminal, port) as process:
        assert terminal("tasks --hospital st-lucas").code == 3
        terminal.ok("tasks --hospital st-anna")
        mend(terminal.hospitals, "st-lucas")
        _wait_until(lambda: terminal("tasks --hospital st-lucas").code == 0)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
    assert "st-lucas: the settings have an error and are not in force: naast hospital check st-lucas" in said


def test_it_says_where_it_is_and_stops_when_it_is_told_to(terminal: Terminal, port: int) -> None:
    terminal.ok("hospital new st-lucas --yes")
    with up(terminal, port) as process:
        busy = terminal("up --lang en")
        assert busy.code == 3
        served = httpx.get(f"http://127.0.0.1:{port}/openapi.json").status_code
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/openapi.json" in said
    assert served == 200
    assert "practises: no notice leaves" in said
    assert not (terminal.home / "url").exists()
