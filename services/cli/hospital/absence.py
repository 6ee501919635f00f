"""`naast hospital away`: that a coordinator is not there, so that the others are told instead."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import show
from services.cli.command import an_id
from services.cli.desk import Desk
from services.cli.moments import DAY
from services.cli.stop import WRONG, Stop

if TYPE_CHECKING:
    from shared.hospital import Hospital

Number = Annotated[str, typer.Argument(callback=an_id, help="The staff number of a coordinator or a deputy.")]
First = Annotated[datetime | None, typer.Option("--from", formats=DAY, help="The first day of the absence.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Its last day.")]


async def away(
    desk: Desk,
    who: Number,
    begin: First = None,
    end: Last = None,
    back: Annotated[bool, typer.Option("--back", help="Back from today; what was planned for later goes too.")] = False,
) -> None:
    """Say that a coordinator or a deputy is away, or back. It is written in hospital.toml."""
    hospital = desk.known_hospital()
    if who not in (*hospital.coordinators, *hospital.deputies):
        raise Stop(f"{who} is no coordinator or deputy here.", "See who is: naast hospital show", WRONG)
    absences = _absences(hospital)
    if back:
        if begin or end:
            raise Stop("Whoever is back is not away as well.", "Give --back alone, or --from and --to.", WRONG)
        absences = returned(absences, who, datetime.now(hospital.tz).date())
    else:
        absences.append({"who": who, **_span(begin, end)})
    _write(desk, hospital, absences)
    _tell(desk, absences)


def _absences(hospital: Hospital) -> list[dict[str, Any]]:
    return list(hospital.model_dump(mode="json", by_alias=True).get("away", ()))


def _span(begin: datetime | None, end: datetime | None) -> dict[str, str]:
    if begin is None or end is None:
        raise Stop("It is not said from when to when.", "Give both: --from 2026-07-01 --to 2026-07-14", WRONG)
    if end < begin:
        raise Stop("The last day is before the first.", "Give --from, then the same day or a later one as --to.", WRONG)
    return {"from": begin.date().isoformat(), "to": end.date().isoformat()}


def returned(absences: list[dict[str, Any]], who: str, today: date) -> list[dict[str, Any]]:
    """The absences as they are when somebody is back today: hers end yesterday, and those to come are gone."""
    kept = []
    for one in absences:
        if one["who"] == who and date.fromisoformat(one["to"]) >= today:
            if date.fromisoformat(one["from"]) >= today:
                continue
            one = one | {"to": (today - timedelta(days=1)).isoformat()}
        kept.append(one)
    return kept


def _write(desk: Desk, hospital: Hospital, absences: list[dict[str, Any]]) -> None:
    from shared.hospital import write

    settled = hospital.model_dump(mode="json", by_alias=True) | {"away": absences}
    write(desk.settings.hospitals / hospital.id, type(hospital).model_validate(settled))


def _tell(desk: Desk, absences: list[dict[str, Any]]) -> None:
    words = desk.words
    rows = [(one["who"], words.day(one["from"]), words.day(one["to"])) for one in absences]
    show.table(desk, ("staff_id", "begins", "ends"), rows, {"away": absences}, words("hospital.all_there"))
