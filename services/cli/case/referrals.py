"""`naast case open` and `naast group call`: support without a report, for one colleague or for a whole team."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from services.cli.command import command, group
from services.cli.day.report import print_reports
from services.cli.desk import Desk
from services.cli.said import tell
from services.cli.stop import WRONG, Stop

Door = Literal["self", "colleague", "manager", "coordinator"]


def _known(codes: list[str] | None) -> list[str] | None:
    """Raises BadParameter for what is no event."""
    from services.cli.words import texts

    known = texts()["event"]
    if any(code not in known for code in codes or ()):
        raise typer.BadParameter(f"the events are: {', '.join(known)}")
    return codes


Events = Annotated[
    list[str] | None,
    typer.Option("--event", callback=_known, help="What it was, such as aggression; may be given more than once."),
]

app = group("Support for a whole team.")


def add_to(case_app: typer.Typer) -> None:
    """Adds `naast case open`."""
    command(case_app, "open", "naast case open 10442 --door manager --event aggression")(open_case)


async def open_case(
    desk: Desk,
    door: Annotated[Door, typer.Option("--door", help="Who asks: the colleague herself, or who else.")],
    staff: Annotated[str | None, typer.Argument(help="Her staff number; for --door self not needed.")] = None,
    event: Events = None,
) -> None:
    """Ask for support without a report, for yourself or for a colleague."""
    if door != "self" and staff is None:
        raise Stop("It is not said for whom.", f"Add a staff number: naast case open 10442 --door {door}", WRONG)
    body: dict[str, Any] = {"door": door} | ({"staff_id": staff} if staff else {})
    await tell(desk, "referrals", body | _events(event))


@command(app, "list", "naast group list")
async def listed(desk: Desk) -> None:
    """The teams for which support was asked, the latest first."""
    async with desk.client() as client:
        found = await client.whole("reports", "reports")
    of_teams = [report for report in found["reports"] if report.get("door") == "group"]
    print_reports(desk, {"reports": of_teams}, desk.words("talk.no_groups"))


@command(app, "call", "naast group call --department icu --profession nurse --caller 10442")
async def call(
    desk: Desk,
    department: Annotated[str, typer.Option("--department", help="Its code, as in hospital.toml.")],
    caller: Annotated[str, typer.Option("--caller", help="The staff number of who receives the supporter there.")],
    profession: Annotated[
        str | None, typer.Option("--profession", help="The code of most of the team; without: no one profession.")
    ] = None,
    event: Events = None,
) -> None:
    """Ask for support of a whole team, as the coordinator."""
    body: dict[str, Any] = {"department": department, "caller": caller}
    await tell(desk, "groups", body | ({"profession": profession} if profession else {}) | _events(event))


def _events(event: list[str] | None) -> dict[str, Any]:
    return {"event_types": event} if event else {}
