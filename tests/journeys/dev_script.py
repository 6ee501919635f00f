"""The script `./dev` in a folder of its own, where what it calls only notes that it was called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.journeys.lines import ROOT

#: Notes its own name and its arguments, one line each, and an empty line.
_NOTES = """#!/bin/sh
{ basename "$0"; for word in "$@"; do echo "$word"; done; echo; } >>"$NOTES"
"""
_CALLED = ("naast", "python", "ruff", "mypy", "lint-imports")
#: What is typed for what stands for something else.
_FOR = {"naast ...": "naast tasks", "pytest ...": "tests/rules -x", "PART ...": "pipeline latency", "FOLDER": "year"}


class DevScript:
    """A copy of `./dev` that finds its environment made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "dev", folder / "dev")
        for name in ("pyproject.toml", "uv.lock"):
            (folder / name).touch()
        bin = folder / ".venv" / "bin"
        bin.mkdir(parents=True)
        for name in _CALLED:
            (bin / name).write_text(_NOTES)
            (bin / name).chmod(0o755)
        (folder / ".venv" / "stamp").write_text(self._wanted())

    def _wanted(self) -> str:
        sums = 'pwd -P; cksum <"$PWD/pyproject.toml"; cksum <"$PWD/uv.lock"'
        return subprocess.run(["sh", "-c", sums], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def run(self, line: str) -> tuple[int, str, list[list[str]]]:
        """Types `./dev …`. Returns its exit code, what it says, and what it called, each with its arguments."""
        notes = self.folder / "notes"
        notes.write_text("")
        environment = {**os.environ, "NOTES": str(notes)}
        done = subprocess.run(
            ["sh", *line.split()], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        calls = [call.splitlines() for call in notes.read_text().split("\n\n") if call]
        return done.returncode, done.stdout + done.stderr, calls


def usage() -> list[str]:
    """Every line of the script that says how it is called, without what is said about it."""
    return [line.split("  ")[0] for line in re.findall(r"^\./dev .*", (ROOT / "dev").read_text("utf-8"), re.MULTILINE)]


def tasks() -> set[str]:
    """The tasks that the script knows."""
    cases = (ROOT / "dev").read_text("utf-8").rpartition("case $task in")[2].partition('""')[0]
    return {
        name.strip() for names in re.findall(r"^    ([a-z |]+)\)", cases, re.MULTILINE) for name in names.split("|")
    }


def ways(line: str) -> list[str]:
    """The lines that a line of the usage stands for: without what may be left out, and with each of it."""
    for placeholder, value in _FOR.items():
        line = line.replace(placeholder, value)
    optional = re.findall(r"\[([^]]*)\]", line)
    bare = " ".join(re.sub(r"\[[^]]*\]", "", line).replace("...", "").split())
    return [bare, *(f"{bare} {one.strip()}" for options in optional for one in options.split("|"))]
