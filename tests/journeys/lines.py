"""Lines that stand in a text for somebody to type, and whether the parser of `naast` understands them."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from services.cli.main import app

ROOT = Path(__file__).parents[2]
NAAST: Any = get_command(app)
#: What stands for something else in a line -> something of its form; what a program fills in comes last.
_PLACEHOLDERS = {
    r"c-…": "c-7k3m9q2hzd",
    r"<id>": "st-lucas",
    r"<file>|FILE…": "reports.ndjson",
    r"<staff number>": "10442",
    r"<department>": "icu",
    r"--minutes …": "--minutes 40",
    r"\{door\}": "manager",
    r"--year \{[^}]*\}": "--year 2036",
    r"\{[^}]*\}": "c-7k3m9q2hzd",
    r"[ ,]*…": "",
}
#: In prose: after a backtick, an arrow, a colon or "then", up to the end of the sentence; settings of the environment
#: may stand before it.
_IN_PROSE = re.compile(r"(?:`|→ |: |then )(?:NAAST_\w+=\S+ )*((?:naast|\./dev) -?[a-z](?:(?!\. [A-Z])[^`\"\n;,])*)")
#: A text that is nothing but a command; one that ends with a stop is a sentence.
_WHOLE = re.compile(r"(?:NAAST_\w+=\S+ )*(?:\./dev )?(naast -?[a-z].*[^.])")


def filled(line: str) -> str:
    """The line with something of its form for everything that stands for something else."""
    for placeholder, value in _PLACEHOLDERS.items():
        line = re.sub(placeholder, value, line)
    return line


def groups(group: Any = NAAST, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every group of commands with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield " ".join((*path, name)), command
            yield from groups(command, (*path, name))


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    """The command that `naast …` means, and what it is given; nothing is run. Raises where it cannot be understood,
    and Exit for `--help`.
    """
    command, words, context = NAAST, shlex.split(line)[1:], None
    path: list[str] = []
    while True:
        context = command.make_context(command.name, words, parent=context)
        if not hasattr(command, "commands"):
            return " ".join(path), context.params
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        path.append(name)


def mistake_in(line: str, whole: bool = False) -> str:
    """Why `naast …` cannot be typed; empty where it can. `whole`: nothing may be left out; a hint names the command
    alone, and who types it is told what more it takes.
    """
    try:
        parsed(filled(line))
    except Exception as error:
        kind = type(error).__name__
        if kind == "Exit" or (kind == "MissingParameter" and not whole):
            return ""
        return f"{line}: {error}"
    return ""


def in_prose(text: str) -> list[str]:
    """The lines that a text of sentences names for somebody to type."""
    return [line.rstrip(" .,)") for line in _IN_PROSE.findall(text)]


def in_blocks(text: str) -> list[str]:
    """The lines to type of the fenced blocks of a page, without what is said about them."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.split("  ")[0] for block in blocks for line in block.splitlines() if line.startswith("./dev ")]


def in_program(path: Path) -> Iterator[str]:
    """The lines that a program tells somebody to type."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(_source(value) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            text = node.value
        else:
            continue
        whole = _WHOLE.fullmatch(text)
        yield from [whole[1]] if whole else in_prose(text)


def _source(part: ast.expr) -> str:
    """A part of a text that a program fills in, as it is written."""
    if isinstance(part, ast.FormattedValue):
        return f"{{{ast.unparse(part.value)}}}"
    return str(part.value) if isinstance(part, ast.Constant) else ""
