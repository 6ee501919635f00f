"""How a result is shown: a table or lines for people, the same as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from services.cli.desk import Desk


def table(desk: Desk, columns: Sequence[str], rows: Iterable[Sequence[Any]], document: Any, empty: str) -> None:
    """Rows under their columns (keys of `column` in words.toml). `document`: the JSON twin; `empty`: said for none."""
    if desk.json:
        desk.give(document)
        return
    shown = [[_text(cell) for cell in row] for row in rows]
    if not shown:
        desk.say(empty)
        return
    from rich.table import Table

    grid = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column, cells in zip(columns, zip(*shown, strict=True), strict=True):
        digits = all(cell.plain.isdigit() for cell in cells if cell.plain)
        # What is short stays whole; what is long is folded.
        short = max(len(cell.plain) for cell in cells) <= 16
        grid.add_column(
            desk.words.code("column", column), justify="right" if digits else "left", no_wrap=short, overflow="fold"
        )
    for row in shown:
        grid.add_row(*row)
    desk.put(grid)


def more(desk: Desk, found: dict[str, Any], limit: int) -> None:
    """Says so where a list goes on. `limit`: as many lines as were asked for."""
    if "next" in found and not desk.json:
        desk.say(desk.words("talk.more_lines", n=limit))


def pairs(desk: Desk, rows: Iterable[tuple[str, Any]]) -> None:
    """Names (keys of `column`) and values below each other; empty ones are left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        if value not in ("", None):
            grid.add_row(_text(desk.words.code("column", name), "dim"), _text(value))
    desk.put(grid)


def line(desk: Desk, text: str = "", style: str = "") -> None:
    """One line of a result."""
    desk.put(_text(text, style))


def indented(desk: Desk, text: str, style: str = "") -> None:
    """A paragraph of a result that stands two spaces in."""
    from rich.padding import Padding

    desk.put(Padding(_text(text, style), (0, 0, 0, 2)))


def _text(value: Any, style: str = "") -> Any:
    from rich.text import Text

    return value if isinstance(value, Text) else Text("" if value is None else str(value), style)
