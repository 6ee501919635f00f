"""`naast case …` for the colleague of the case: her wishes, her choices, and that she stops."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from services.cli.case.cases import Case
from services.cli.command import command
from services.cli.desk import Desk
from services.cli.said import tell

Unit = Literal["own", "other", "any"]
Milestone = Literal["interview", "report", "complaint"]


def add_to(case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(case_app, "wishes", "naast case wishes c-7k3m9q2hzd --unit other --independent")(wishes)
    command(case_app, "another", "naast case another c-7k3m9q2hzd")(another)
    command(case_app, "more", "naast case more c-7k3m9q2hzd")(more)
    command(case_app, "check-ins", "naast case check-ins c-7k3m9q2hzd --later --no-milestones")(check_ins)
    command(case_app, "milestone", "naast case milestone c-7k3m9q2hzd interview")(milestone)
    command(case_app, "stop", "naast case stop c-7k3m9q2hzd")(stop)


async def wishes(
    desk: Desk,
    case: Case,
    unit: Annotated[Unit, typer.Option("--unit", help="Somebody of her own unit, of another, or of any.")] = "any",
    independent: Annotated[bool, typer.Option("--independent", help="Somebody who does not work with her.")] = False,
    same_site: Annotated[bool, typer.Option("--same-site", help="Somebody who works at her site.")] = False,
    own_line: Annotated[
        bool, typer.Option("--own-line", help="Somebody of her own management line is all right.")
    ] = False,
) -> None:
    """Say what the colleague wishes of her supporter; what is not named is no wish any more."""
    body = {"unit": unit, "independent": independent, "same_site": same_site, "own_line": own_line}
    await tell(desk, f"cases/{case}/preferences", body)


async def another(desk: Desk, case: Case) -> None:
    """Ask for another supporter, without a reason."""
    await tell(desk, f"cases/{case}/another")


async def more(desk: Desk, case: Case) -> None:
    """Ask for one conversation more, as the colleague of the case; the coordinator decides."""
    await tell(desk, f"cases/{case}/more")


async def check_ins(
    desk: Desk,
    case: Case,
    later: Annotated[bool, typer.Option("--later/--no-later", help="A word some weeks later.")] = False,
    milestones: Annotated[
        bool, typer.Option("--milestones/--no-milestones", help="A word when the event comes back.")
    ] = False,
) -> None:
    """Say, as the colleague of the case, which later messages are welcome; what is not named is not."""
    await tell(desk, f"cases/{case}/check-ins", {"later": later, "milestones": milestones})


async def milestone(
    desk: Desk, case: Case, reached: Annotated[Milestone, typer.Argument(help="With what the event comes back.")]
) -> None:
    """Say that the event comes back to the colleague; she is told that we are there."""
    await tell(desk, f"cases/{case}/milestone", {"milestone": reached})


async def stop(desk: Desk, case: Case) -> None:
    """Stop everything: the case ends, and what joins the colleague to it is erased. It cannot be taken back."""
    await tell(desk, f"cases/{case}/stop")
