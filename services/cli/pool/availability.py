"""`naast availability`: when a supporter can be asked: her week, her leave, and a pause."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.moments import DAY
from services.cli.pool.supporters import Who, ref_of
from services.cli.said import print_said
from services.cli.stop import WRONG, Stop

Hours = Annotated[str | None, typer.Option(metavar="HH:MM-HH:MM", help="Her hours on this day; without: off.")]
First = Annotated[datetime, typer.Argument(formats=DAY, help="The first day of the leave.")]
Last = Annotated[datetime | None, typer.Argument(formats=DAY, help="Its last day; without: one day.")]

app = group("When supporters can be asked.", alone="show")


@command(app, "show", "naast availability show")
async def shown(desk: Desk) -> None:
    """Your own week, leave and turns on call; for a coordinator, everybody's."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.whole("availability", "availability")
        names = {} if desk.json else await look_up(client, [one["supporter"] for one in found["availability"]])
    rows = [_row(desk, one, names) for one in found["availability"]]
    columns = ("supporter", "name", "state", "week", "leave", "on_call")
    show.table(desk, columns, rows, found, desk.words("availability.none"))


def _row(desk: Desk, one: dict[str, Any], names: dict[str, str]) -> list[str]:
    words, zone = desk.words, desk.zone
    leave = [f"{words.day(each['first'])} - {words.day(each['last'])}" for each in one["leave"]]
    turns = [f"{words.brief(each['begin'], zone)} - {words.brief(each['end'], zone)}" for each in one["on_call"]]
    name = names.get(one["supporter"], "")
    return [one["supporter"], name, _state(desk, one), _week(desk, one), "\n".join(leave), "\n".join(turns)]


def _state(desk: Desk, one: dict[str, Any]) -> str:
    words = desk.words
    if one["paused"]:
        return words("availability.paused")
    if one["on_call_now"]:
        return words("availability.on_call")
    again = datetime.fromisoformat(one["there_from"])
    if again <= datetime.now(again.tzinfo):
        return words("availability.there")
    return words("availability.from", moment=words.brief(again, desk.zone))


def _week(desk: Desk, one: dict[str, Any]) -> str:
    words = desk.words
    days = [f"{words.code('day', day)} {hours}" for day, hours in one["week"].items()]
    more = [] if one["holidays"] else [words("availability.no_holidays")]
    return ", ".join([*(days or [words("availability.always")]), *more])


@command(app, "week", "naast availability week me --monday 08:00-17:00 --tuesday 08:00-12:30 --no-holidays")
async def week(
    desk: Desk,
    who: Who,
    monday: Hours = None,
    tuesday: Hours = None,
    wednesday: Hours = None,
    thursday: Hours = None,
    friday: Hours = None,
    saturday: Hours = None,
    sunday: Hours = None,
    holidays: Annotated[
        bool, typer.Option("--holidays/--no-holidays", help="Also on holidays, as the hospital keeps them.")
    ] = True,
) -> None:
    """Say in which hours a supporter can be asked; without any day: the waking hours of the hospital."""
    given = {
        "monday": monday,
        "tuesday": tuesday,
        "wednesday": wednesday,
        "thursday": thursday,
        "friday": friday,
        "saturday": saturday,
        "sunday": sunday,
    }
    hours = {day: _hours(day, text) for day, text in given.items() if text is not None}
    await _tell(desk, who, "week", {"week": hours, "holidays": holidays})


def _hours(day: str, text: str) -> str:
    from shared.hospital.hours import opening

    try:
        opening(text)
    except ValueError as error:
        raise Stop(f"--{day}: {error}.", f"Write it as --{day} 08:00-17:00.", WRONG) from None
    return text


@command(app, "leave", "naast availability leave 10442 2026-07-01 2026-07-14")
async def leave(
    desk: Desk,
    who: Who,
    first: First,
    last: Last = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take the leave that begins on this day away.")] = False,
) -> None:
    """Plan a leave, or take it away."""
    begin = first.date().isoformat()
    if cancel:
        if last is not None:
            raise Stop("A leave is taken away by its first day alone.", f"Leave out {last.date()}.", WRONG)
        await _tell(desk, who, "leave/cancel", {"first": begin})
        return
    end = last or first
    if end < first:
        raise Stop("The last day is before the first.", "Give the first day, then the last.", WRONG)
    await _tell(desk, who, "leave", {"first": begin, "last": end.date().isoformat()})


@command(app, "pause", "naast availability pause me")
async def pause(desk: Desk, who: Who) -> None:
    """Ask for no new cases for now; the cases she has go on."""
    await _tell(desk, who, "pause")


@command(app, "return", "naast availability return me")
async def come_back(desk: Desk, who: Who) -> None:
    """Be asked again after a pause."""
    await _tell(desk, who, "return")


async def _tell(desk: Desk, who: str, what: str, body: Any = None) -> None:
    async with desk.client() as client:
        said = await client.post(f"availability/{await ref_of(client, who)}/{what}", body)
    print_said(desk, said)
