"""`naast case …` for the coordinator: picking and replacing a supporter, handing over, and confirming danger."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from services.cli.case.cases import Case
from services.cli.command import command
from services.cli.desk import Desk
from services.cli.pool.supporters import Who, ref_of
from services.cli.said import print_said, tell

Why = Literal["ill", "involved", "coordinator"]
Professional = Literal["occupational_physician", "staff_social_work", "psychologist", "general_practitioner"]
Reason = Literal["colleague_asks", "language", "continuity", "nobody_else", "urgency"]


def add_to(case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(case_app, "pick", "naast case pick c-7k3m9q2hzd 10442 --reason language")(pick)
    command(case_app, "replace", "naast case replace c-7k3m9q2hzd --why ill")(replace)
    command(case_app, "hand-over", "naast case hand-over c-7k3m9q2hzd --to psychologist")(hand_over)
    command(case_app, "confirm-danger", "naast case confirm-danger c-7k3m9q2hzd")(confirm_danger)


async def pick(
    desk: Desk,
    case: Case,
    who: Who,
    reason: Annotated[Reason, typer.Option("--reason", help="Why this one; it is kept with the case.")],
) -> None:
    """Pick the supporter who is asked, by hand; rules that may be set aside are, on record."""
    async with desk.client() as client:
        body = {"supporter": await ref_of(client, who), "reason": reason}
        said = await client.post(f"cases/{case}/pick", body)
    print_said(desk, said)


async def replace(
    desk: Desk, case: Case, why: Annotated[Why, typer.Option("--why", help="Why she stops.")] = "coordinator"
) -> None:
    """Take a case from its supporter; another one is looked for."""
    await tell(desk, f"cases/{case}/replace", {"why": why})


async def hand_over(
    desk: Desk, case: Case, to: Annotated[Professional, typer.Option("--to", help="Who takes over.")]
) -> None:
    """Hand a case over to professional support; the case ends with it."""
    await tell(desk, f"cases/{case}/hand-over", {"to": to})


async def confirm_danger(desk: Desk, case: Case) -> None:
    """Confirm, as a second person, that there is danger; the colleague's card then opens for you."""
    await tell(desk, f"cases/{case}/danger/confirm")
