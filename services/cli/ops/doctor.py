"""`naast doctor`: looks at everything that must be right, and says of each what to do where it is not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from services.cli.command import OPERATE, command
from services.cli.desk import Desk
from services.cli.ops.checks import look
from services.cli.ops.finding import Finding
from services.cli.stop import AWAY
from shared import log

_MARKS = {"good": ("✓", "green"), "look": ("!", "yellow"), "bad": ("✗", "red")}


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "doctor", "naast doctor", ("json",), panel=OPERATE)(doctor)


async def doctor(desk: Desk) -> None:
    """Is everything in order? Each line says what to do where it is not. Exit code 3 when something is wrong."""
    log.set_up("CRITICAL")  # what a library would say is a finding
    found: list[Finding] = []
    async for finding in look(desk.settings):
        found.append(finding)
        if not desk.json:
            _print(desk, finding)
    sick = any(finding.state == "bad" for finding in found)
    if desk.json:
        desk.give({"healthy": not sick, "findings": [asdict(finding) for finding in found]})
    if sick:
        raise typer.Exit(AWAY)


def _print(desk: Desk, finding: Finding) -> None:
    from rich.table import Table
    from rich.text import Text

    mark, style = _MARKS[finding.state]
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=2)
    row.add_column(width=11, no_wrap=True)
    row.add_column(overflow="fold")
    said = Text(finding.says)
    if finding.do:
        said.append(f"\n→ {finding.do}", style="bold")
    row.add_row(Text(mark, style), Text(finding.what), said)
    desk.put(row)
