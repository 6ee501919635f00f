"""A staff list on its way to intake, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.cli import show
from services.cli.stop import REFUSED, SET_ASIDE

if TYPE_CHECKING:
    from services.cli.client import Client
    from services.cli.desk import Desk


async def send(client: Client, file: Path, dry_run: bool = False) -> Any:
    """Gives a staff list to intake. Returns what became of it, also where something in it was set aside."""
    path = client.below("staff")
    params, headers = {"dry_run": str(dry_run).lower()}, {"Content-Type": "text/csv"}
    return client.told(await client.send("POST", path, params=params, headers=headers, content=_content(file)))


def _content(file: Path) -> bytes:
    return file.read_bytes()


def tell(desk: Desk, found: dict[str, Any]) -> None:
    """What became of a staff list."""
    words, errors = desk.words, found["errors"]
    if desk.json or errors:
        rows = [(e["line"], e["column"], words.code("row", e["reason"])) for e in errors]
        show.table(desk, ("line", "field", "reason"), rows, found, "")
    counts = {name: found[name] for name in ("rows", "new", "changed", "same", "left", "supporters")}
    desk.say(words("staff.dry" if found["dry_run"] else "staff.taken", **counts))
    if errors:
        desk.say(words("staff.errors", n=len(errors)))
    if found["set_aside"]:
        if not desk.json:
            lines = [(one["about"], words.code("row", one["reason"])) for one in found["set_aside"]]
            show.table(desk, ("regarding", "reason"), lines, None, "")
        desk.say(words("staff.set_aside", n=len(found["set_aside"])))


def ending(found: dict[str, Any]) -> int:
    """The exit code that says what became of a staff list; 0 when all of it was taken over."""
    return SET_ASIDE if found["set_aside"] else REFUSED if found["errors"] else 0
