"""Proves that the tests of the engine would notice: each planted fault must turn them red.

Run it with `python -m tests.engine.sabotage [word]`; a word chooses the faults whose name has it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import sabotage
from tests.engine.fault import Fault
from tests.engine.faults_at_the_doors import AT_THE_DOORS
from tests.engine.faults_later import LATER
from tests.engine.faults_of_growth import OF_GROWTH
from tests.engine.faults_of_load import OF_LOAD
from tests.engine.faults_of_messages import OF_MESSAGES
from tests.engine.faults_of_scope import OF_SCOPE
from tests.engine.faults_of_surroundings import OF_SURROUNDINGS
from tests.engine.faults_of_the_store import OF_THE_STORE
from tests.engine.faults_on_the_way import ON_THE_WAY
from tests.engine.faults_within import WITHIN

FAULTS = (
    *AT_THE_DOORS,
    *LATER,
    *OF_GROWTH,
    *OF_LOAD,
    *OF_MESSAGES,
    *OF_SCOPE,
    *OF_SURROUNDINGS,
    *OF_THE_STORE,
    *ON_THE_WAY,
    *WITHIN,
)


def _files(root: Path, tests: str) -> list[str]:
    """Where these tests stand: among those of the engine, if it is not said; one name may stand for several files."""
    folder, _, name = tests.rpartition("/")
    return sorted(str(path) for path in (root / "tests" / (folder or "engine")).glob(f"test_{name}*.py"))


def run(fault: Fault, folder: Path) -> str:
    """The first test that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *_files(folder, fault.tests)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise sabotage.Spoiled(f"'{fault.name}' fails no test but the run: {(done.stdout + done.stderr)[-400:]}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0] if done.returncode and failed else ""


if __name__ == "__main__":
    raise SystemExit(sabotage.main(FAULTS, run, "Plants faults in the engine."))
