"""`naast supporters` and `naast coverage`: who may be asked, what keeps them in order, and whether they are enough."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import show
from services.cli.command import DAILY, an_id, command, group
from services.cli.desk import Desk
from services.cli.said import print_said
from services.cli.stop import WRONG, Stop

if TYPE_CHECKING:
    from services.cli.client import Client
    from services.cli.words import Words

Who = Annotated[str, typer.Argument(callback=an_id, help="The supporter's ref or staff number; `me` is yourself.")]
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it was; today, if not.")
]

app = group("Who supports colleagues.")


def add_to(whole: typer.Typer) -> None:
    """Adds `naast coverage`."""
    command(whole, "coverage", "naast coverage", panel=DAILY)(coverage)


@command(app, "list", "naast supporters list")
async def listed(desk: Desk) -> None:
    """The supporters and who is nominated; the first whose intervisie is due comes first."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.whole("supporters", "supporters")
        names = {} if desk.json else await look_up(client, [one["supporter"] for one in found["supporters"]])
    rows = [_row(desk, one, names) for one in found["supporters"]]
    columns = ("supporter", "name", "profession", "state", "qualified", "intervisie_last", "intervisie")
    show.table(desk, columns, rows, found, desk.words("talk.no_supporters"))


def _row(desk: Desk, one: dict[str, Any], names: dict[str, str]) -> list[str]:
    words = desk.words
    return [
        one["supporter"],
        names.get(one["supporter"], ""),
        desk.label("professions", one["profession"]),
        words.code("standing", one["standing"]),
        words.day(one["qualified_on"]) + _assumed(words, one["qualified_assumed"]),
        words.day(one["last_intervisie"]),
        words.day(one["due_on"]) + _assumed(words, one["assumed"]),
    ]


def _assumed(words: Words, is_assumed: bool) -> str:
    """The mark of a date that follows from an import and that nobody has seen (TRAIN-4)."""
    return f" ({words('supporter.assumed')})" if is_assumed else ""


@command(app, "nominate", "naast supporters nominate 10442 --by 10017")
async def nominate(
    desk: Desk,
    who: Who,
    by: Annotated[str | None, typer.Option("--by", help="Whose nomination you pass on; yours, if not.")] = None,
) -> None:
    """Put a colleague forward as a supporter. Nobody nominates herself."""
    async with desk.client() as client:
        body = {"nominator": await ref_of(client, by) if by else client.me["person"]}
        said = await client.post(f"supporters/{await ref_of(client, who)}/nomination", body)
    print_said(desk, said)


@command(app, "trained", "naast supporters trained 10442 --on 2026-09-30")
async def trained(desk: Desk, who: Who, on: On = None) -> None:
    """Record that somebody completed the training."""
    await _record(desk, who, "training", on)


@command(app, "intervisie", "naast supporters intervisie 10442 --on 2026-03-12")
async def intervisie(desk: Desk, who: Who, on: On = None) -> None:
    """Record that a supporter attended intervisie."""
    await _record(desk, who, "intervisie", on)


async def coverage(desk: Desk) -> None:
    """Supporters in good standing per profession, against what the programme wants."""
    async with desk.client() as client:
        found = await client.get("coverage")
    words = desk.words
    rows = [
        (
            desk.label("professions", one["profession"]),
            one["supporters"],
            one["headcount"],
            "" if one["share"] is None else f"{one['share']:.1%}",
            f"{one['wanted']:.0%}",
            words("coverage.enough" if one["enough"] else "coverage.short"),
        )
        for one in found["coverage"]
    ]
    columns = ("profession", "supporters", "headcount", "share", "wanted", "state")
    show.table(desk, columns, rows, found, words("talk.no_coverage"))


async def _record(desk: Desk, who: str, what: str, on: datetime | None) -> None:
    day = on.date() if on else _today(desk)
    async with desk.client() as client:
        said = await client.post(f"supporters/{await ref_of(client, who)}/{what}", {"on": day.isoformat()})
    print_said(desk, said)


def _today(desk: Desk) -> date:
    return datetime.now(desk.zone).date()


async def ref_of(client: Client, who: str) -> str:
    """The ref of somebody who is named by ref or by staff number; only intake knows the numbers."""
    if who.startswith("s-"):
        return who
    if who == "me":
        return _myself(client)
    found = await client.whole("staff", "staff")
    ref = next((one["person"] for one in found["staff"] if one["staff_id"] == who), None)
    if ref is None:
        raise Stop(
            "There is no such staff number on the list.", "Take the list over: naast hospital import-staff", WRONG
        )
    return str(ref)


def _myself(client: Client) -> str:
    if not client.me["person"]:
        raise Stop("This key belongs to nobody of the staff.", "Name somebody: a ref or a staff number.", WRONG)
    return str(client.me["person"])
