"""An embedded house that is killed and started again ends where one ends that was never killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared import crashpoint
from tests.effort import PATIENCE
from tests.journeys.staff import ANNA, IRIS

pytestmark = pytest.mark.thorough
REPOSITORY = Path(__file__).parents[2]
#: Every crash point that an embedded house passes, and the passage at which it is killed.
CRASHES = (
    "before_commit:6",
    "after_commit_before_publish:6",
    "after_publish_before_delete:5",
    "timer_before_commit:2",
    "timer_after_commit:2",
    "mail_after_send:2",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each crash, after the day."""
    root = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "tests.journeys.interrupted", str(root), *CRASHES]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return root


def came_of_it(folder: Path) -> Any:
    return json.loads((folder / "outcome").read_text())


def letters(folder: Path) -> list[str]:
    """To whom letters went, each counted once: a second copy has the id of the first."""
    sent = set((folder / "letters").read_text().splitlines())
    return sorted(json.loads(letter)["to"] for letter in sent)


def test_a_house_that_nobody_kills_sees_two_cases_through(root: Path) -> None:
    assert json.loads((root / "undisturbed" / "ends").read_text()) == [0]
    assert came_of_it(root / "undisturbed")["overview"]["cases"]["closed"] == 2
    assert {ANNA.mail, IRIS.mail} <= set(letters(root / "undisturbed"))


def test_it_is_killed_wherever_a_house_in_one_process_can_end() -> None:
    assert {crash.partition(":")[0] for crash in CRASHES} == set(crashpoint.NAMES) - {"before_ack"}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_killed_house_goes_on_where_it_was(crash: str, root: Path) -> None:
    assert json.loads((root / crash / "ends").read_text()) == [-signal.SIGKILL, 0]
    assert came_of_it(root / crash) == came_of_it(root / "undisturbed")
    assert letters(root / crash) == letters(root / "undisturbed")
