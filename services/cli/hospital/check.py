"""`naast hospital check`: whether the settings of a hospital can be in force, and of each mistake what to do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.desk import Desk
from services.cli.mistakes import fields
from services.cli.stop import REFUSED, WRONG, Stop


async def check(
    desk: Desk, id: Annotated[str | None, typer.Argument(help="Which; every one of them, if not.")] = None
) -> None:
    """Look through the settings, and say of each mistake what to do. Exit code 1 when there is one."""
    hospitals = desk.hospitals
    ids = [one for one in sorted({*hospitals, *hospitals.problems}) if id in (None, one)]
    if id and not ids:
        raise Stop(f"There is no folder of hospital {id} in {desk.settings.hospitals}.", code=WRONG)
    told = {one: hospitals.problems[one].told() if one in hospitals.problems else None for one in ids}
    if desk.json:
        desk.give({"hospitals": {one: found["problems"] if found else [] for one, found in told.items()}})
    else:
        for one, found in told.items():
            _print(desk, one, found)
    if any(told.values()):
        raise typer.Exit(REFUSED)


def _print(desk: Desk, id: str, found: dict[str, Any] | None) -> None:
    words = desk.words
    show.line(desk, f"✗ {words('settings.bad', id=id)}" if found else f"✓ {words('settings.good', id=id)}")
    for line in fields(desk.words, found) if found else ():
        desk.whole(f"  {line}")
