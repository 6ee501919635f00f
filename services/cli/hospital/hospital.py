"""`naast hospital`: the hospitals of this deployment, each a folder with its settings, its staff list and its feeds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.hospital.absence import away
from services.cli.hospital.check import check
from services.cli.hospital.days import as_json, print_days
from services.cli.hospital.new_hospital import new
from services.cli.hospital.questions import DOORS
from services.cli.hospital.staff_list import ending, send, tell
from services.cli.stop import REFUSED
from services.cli.terms import term

if TYPE_CHECKING:
    from shared.hospital import Hospital

LOCAL = ("lang", "json")

app = group("The hospitals of this deployment.")
command(app, "new", "naast hospital new st-lucas --staff staff.csv", LOCAL)(new)
command(app, "check", "naast hospital check st-lucas", LOCAL)(check)
command(app, "away", "naast hospital away 10017 --from 2026-07-01 --to 2026-07-14", ("hospital", *LOCAL))(away)


@command(app, "list", "naast hospital list", LOCAL)
async def listed(desk: Desk) -> None:
    """The hospitals there are."""
    words, found = desk.words, desk.hospitals
    rows = [
        (id, h.name, h.timezone, ", ".join(h.languages), words(f"hospital.{'practises' if h.practice else 'live'}"))
        for id, h in found.items()
    ]
    shown = {"id", "name", "timezone", "languages"}
    document = [
        h.model_dump(mode="json", include=shown) | {"practice": h.practice, "unanswered": list(h.unanswered)}
        for h in found.values()
    ]
    columns = ("hospital", "name", "time_zone", "languages", "practice")
    show.table(desk, columns, rows, {"hospitals": document}, words("hospital.none"))
    for problem in found.problems.values():
        desk.say(f"naast: {problem}")
    if found.problems:
        raise typer.Exit(REFUSED)


@command(app, "show", "naast hospital show st-lucas --year 2027", LOCAL)
async def one(
    desk: Desk,
    id: Annotated[str | None, typer.Argument(help="Which; not needed for one.")] = None,
    year: Annotated[
        int | None, typer.Option("--year", min=2000, max=2100, help="The year whose days are shown; this one, if not.")
    ] = None,
) -> None:
    """What a hospital has settled, what is still open, and on which days it is closed."""
    desk.asked_hospital = id
    hospital = desk.known_hospital()
    year = year or datetime.now(hospital.tz).year
    if desk.json:
        settled = hospital.model_dump(mode="json", by_alias=True) | {"unanswered": list(hospital.unanswered)}
        desk.give(settled | as_json(hospital, year))
        return
    _print_settled(desk, hospital)
    print_days(desk, hospital, year)
    if hospital.practice:
        desk.say(desk.words("hospital.practice_means"))


def _print_settled(desk: Desk, hospital: Hospital) -> None:
    words = desk.words
    show.line(desk, hospital.name, "bold")
    hours = "; ".join(f"{words.code('day', day)} {span}" for day, span in hospital.working_hours.items())
    quiet = hospital.quiet_hours
    show.pairs(
        desk,
        (
            ("hospital", hospital.id),
            ("folder", str(desk.settings.hospitals / hospital.id)),
            ("time_zone", hospital.timezone),
            ("country", hospital.country),
            ("languages", ", ".join(hospital.languages)),
            ("working_hours", hours),
            ("quiet_hours", f"{quiet.from_}-{quiet.to}" if quiet else ""),
            ("coordinators", ", ".join(hospital.coordinators)),
            ("deputies", ", ".join(hospital.deputies)),
            ("away", _away(desk, hospital)),
            ("professions", ", ".join(hospital.professions)),
            ("departments", ", ".join(hospital.departments)),
            ("doors", _doors(desk, hospital)),
            ("own_rules", ", ".join(f"{rule} = {value}" for rule, value in hospital.rules.items())),
        ),
    )
    for name in type(hospital.answers).model_fields:
        given = getattr(hospital.answers, name)
        show.line(desk, f"{'✓' if given else '·'} {words(f'question.{name}')} {given or words('hospital.open')}")


def _away(desk: Desk, hospital: Hospital) -> str:
    """Who is away or will be; what is over is not told."""
    words, today = desk.words, datetime.now(hospital.tz).date()
    coming = [one for one in hospital.away if one.to >= today]
    return "\n".join(f"{one.who}: {words.day(one.from_)} - {words.day(one.to)}" for one in coming)


def _doors(desk: Desk, hospital: Hospital) -> str:
    """Per way to ask for support without a report, the departments that agreed to it."""
    agreed = {door: [code for code, one in hospital.departments.items() if door in one.doors] for door in DOORS}
    return "\n".join(f"{term(desk.words, 'door', door)}: {', '.join(codes)}" for door, codes in agreed.items() if codes)


@command(app, "import-staff", "naast hospital import-staff staff.csv --dry-run")
async def import_staff(
    desk: Desk,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The staff list (CSV, UTF-8).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at every row and change nothing.")] = False,
) -> None:
    """Take over a staff list; rows that cannot be used are told one by one, the others are taken."""
    async with desk.client() as client:
        found = await send(client, file, dry_run)
    tell(desk, found)
    if ending(found):
        raise typer.Exit(ending(found))
