"""Lines that somebody may type, as they stand in texts, and whether the parser of `naast` understands them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from services.cli.main import app

ROOT = Path(__file__).parents[2]
NAAST: Any = get_command(app)
#: What stands for something else in a text -> something of its form.
PLACEHOLDERS = {
    "c-…": "c-7k3m9q2hzd",
    "r-…": "r-7k3m9q2hzd4f",
    "k-…": "k-1f0c9a2e",
    "{case}": "c-7k3m9q2hzd",
    "{report}": "r-7k3m9q2hzd4f",
    "{id}": "c-7k3m9q2hzd",
    "{kind}": "help",
    "{door}": "manager",
    "<id>": "st-lucas",
    "<file>": "reports.ndjson",
    "<staff number>": "10442",
    "<department>": "icu",
    "--minutes …": "--minutes 40",
    "FILE…": "reports.ndjson",
    " FOLDER": " folder",
    "…": "",
}


def filled(line: str) -> str:
    """The line with something of its form for everything that stands for something else."""
    for placeholder, value in PLACEHOLDERS.items():
        line = line.replace(placeholder, value)
    return line


def groups(group: Any = NAAST, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every group of commands with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield " ".join((*path, name)), command
            yield from groups(command, (*path, name))


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    """The command that `naast …` means, and what it is given. Raises UsageError where it cannot be understood."""
    command, words, context = NAAST, shlex.split(line)[1:], None
    path: list[str] = []
    while True:
        context = command.make_context(command.name, words, parent=context)
        if not hasattr(command, "commands"):
            return " ".join(path), context.params
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        path.append(name)


def commands_in(text: str) -> list[str]:
    """The commands that a text names for somebody to type: between backticks, after an arrow, or at the end of a
    sentence that says what to do.
    """
    return re.findall(r"(?:`(?:\./dev )?|→ |: )(naast [a-z-][^`\"'\n;]*)", text)
