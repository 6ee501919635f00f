"""A terminal: commands run in this process on a house of their own, as somebody would type them."""

from __future__ import annotations

import functools
import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer import testing
from typer.main import get_command

from services.cli.main import app

#: The runner makes every command anew each time, which takes longer than most commands do.
_get_command = functools.cache(get_command)


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
        self._runner = testing.CliRunner()

    def __call__(self, line: str, typed: str = "") -> Answer:
        """Runs `naast <line>`; `typed` answers its questions."""
        with patch.object(testing, "_get_command", _get_command):
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
