"""A terminal: commands run in this process on a house of their own, as somebody would type them."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from services.cli.main import app


@dataclass(frozen=True)
class Answer:
    """What a command gave: its exit code, its result, and its talk."""

    code: int
    out: str
    talk: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


class Terminal:
    """Somebody at a terminal; `home` and `hospitals` are hers alone."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.hospitals = folder / "hospitals"
        self._runner = CliRunner()

    def __call__(self, line: str, typed: str = "") -> Answer:
        """Runs `naast <line>`; `typed` answers its questions."""
        result = self._runner.invoke(app, shlex.split(line), input=typed, prog_name="naast")
        assert "Traceback" not in result.output, result.output
        return Answer(result.exit_code, result.stdout, result.stderr)

    def ok(self, line: str) -> Answer:
        """Runs a command that must succeed."""
        answer = self(line)
        assert answer.code == 0, f"{line}: {answer.out}{answer.talk}"
        return answer

    def json(self, line: str) -> Any:
        """The JSON of a command that must succeed."""
        return self.ok(f"{line} --json").json
