"""An embedded house that is killed, wherever that happens, and started again ends where one ends that was never killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.staff import write_hospital

ROOT = Path(__file__).parents[2]
#: Every crash point that an embedded house passes, and the passage at which it is killed.
CRASHES = (
    "before_commit:6",
    "after_commit_before_publish:6",
    "after_publish_before_delete:5",
    "timer_before_commit:2",
    "timer_after_commit:2",
    "mail_after_send:2",
)


def start(folder: Path, crash: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NAAST_CRASH_AT": crash, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.journeys.interrupted", str(folder)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def outcome(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def letters(folder: Path) -> list[str]:
    """To whom letters went, each counted once: a second copy has the id of the first."""
    sent = {line for line in (folder / "letters").read_text().splitlines()}
    return sorted(json.loads(line)["to"] for line in sent)


@pytest.fixture(scope="module")
def moved_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    write_hospital(folder / "hospitals")
    assert start(folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def undisturbed(moved_in: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """What comes of the day, and the letters, where nothing is killed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "town"
    shutil.copytree(moved_in, folder)
    return outcome(start(folder)), letters(folder)


@pytest.mark.parametrize("crash", CRASHES)
def test_a_killed_house_goes_on_where_it_was(
    crash: str, moved_in: Path, undisturbed: tuple[dict[str, Any], list[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "town"
    shutil.copytree(moved_in, folder)
    assert start(folder, crash).returncode == -signal.SIGKILL
    assert (outcome(start(folder)), letters(folder)) == undisturbed
