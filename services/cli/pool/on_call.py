"""`naast on-call`: who is asked at once, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.moments import FORMS, aware
from services.cli.pool.supporters import Who, ref_of
from services.cli.said import print_said
from services.cli.stop import WRONG, Stop

Begin = Annotated[datetime, typer.Option("--from", formats=FORMS, help="When the turn begins, in the hospital's time.")]
End = Annotated[datetime, typer.Option("--to", formats=FORMS, help="When it ends.")]

app = group("Who is on call.")


@command(app, "list", "naast on-call list")
async def listed(desk: Desk) -> None:
    """The turns on call that are not over, the first to begin first."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.whole("on-call", "on_call")
        names = {} if desk.json else await look_up(client, [turn["supporter"] for turn in found["on_call"]])
    words, zone = desk.words, desk.zone
    rows = [
        (
            turn["supporter"],
            names.get(turn["supporter"], ""),
            words.moment(turn["begin"], zone),
            words.moment(turn["end"], zone),
        )
        for turn in found["on_call"]
    ]
    columns = ("supporter", "name", "begins", "ends")
    show.table(desk, columns, rows, found, words("availability.nobody_on_call"))


@command(app, "add", "naast on-call add 10442 --from 2026-07-03T17:00 --to 2026-07-06T08:00")
async def add(desk: Desk, who: Who, begin: Begin, end: End) -> None:
    """Plan that a supporter is on call."""
    if end <= begin:
        raise Stop("The turn ends before it begins.", "Give --from, then a later --to.", WRONG)
    async with desk.client() as client:
        body = {"begin": aware(desk, begin), "end": aware(desk, end)}
        said = await client.post(f"on-call/{await ref_of(client, who)}", body)
    print_said(desk, said)


@command(app, "cancel", "naast on-call cancel 10442 --from 2026-07-03T17:00")
async def cancel(desk: Desk, who: Who, begin: Begin) -> None:
    """Take the turn that begins at this moment away."""
    async with desk.client() as client:
        said = await client.post(f"on-call/{await ref_of(client, who)}/cancel", {"begin": aware(desk, begin)})
    print_said(desk, said)
