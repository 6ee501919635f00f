"""`naast access-log`: who looked at which people and cases, or at one of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.command import OPERATE, command
from services.cli.desk import Desk


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "access-log", "naast access-log c-7k3m9q2hzd", panel=OPERATE)(access_log)


async def access_log(
    desk: Desk,
    about: Annotated[
        str | None, typer.Argument(help="A case, a report or somebody of the staff; without: everything.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 50,
) -> None:
    """Who looked, the latest first. Your own look is noted too."""
    from services.cli.names import look_up
    from services.cli.pool.supporters import ref_of

    async with desk.client() as client:
        ref = about if about is None or about[:2] in ("c-", "r-") else await ref_of(client, about)
        found = await client.get("access-log", about=ref, limit=limit)
        people = [one for look in found["access_log"] for one in (look["by"], *look["about"]) if one.startswith("s-")]
        names = {} if desk.json else await look_up(client, people)
    rows = [_row(desk, look, ref, names) for look in found["access_log"]]
    show.table(desk, ("when", "by", "role", "looked_at", "regarding"), rows, found, desk.words("talk.no_looks"))
    show.more(desk, found, limit)


def _row(desk: Desk, look: dict[str, Any], ref: str | None, names: dict[str, str]) -> list[str]:
    words, others = desk.words, len(look["about"]) - 1
    first = ref or next(iter(look["about"]), "")
    return [
        words.brief(look["at"], desk.zone),
        names.get(look["by"], look["by"]),
        words.code("role", look["by_role"]),
        words.code("look", look["what"]),
        names.get(first, first) + (f" +{others}" if others > 0 else ""),
    ]
