"""`naast case …`: what anybody does in a case. Who may do it is for the rules to say; a refusal names its rule."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from services.cli import show
from services.cli.case.cases import Case
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.said import print_said, tell

Ending = Literal["completed", "declined", "not_reached", "withdrawn", "handed_over"]

app = group("The cases: the timeline of one, and what you do in it.")


@command(app, "accept", "naast case accept c-7k3m9q2hzd")
async def accept(desk: Desk, case: Case) -> None:
    """Say yes to being asked; the colleague's card then opens for you."""
    await tell(desk, f"cases/{case}/ask/accept")


@command(app, "decline", "naast case decline c-7k3m9q2hzd")
async def decline(desk: Desk, case: Case) -> None:
    """A supporter says no to being asked; a coordinator records that the colleague wants no support."""
    async with desk.client() as client:
        path = "ask/decline" if client.me["role"] == "supporter" else "decline"
        said = await client.post(f"cases/{case}/{path}")
    print_said(desk, said)


@command(app, "extend", "naast case extend c-7k3m9q2hzd")
async def extend(desk: Desk, case: Case) -> None:
    """Allow one conversation more."""
    await tell(desk, f"cases/{case}/extension")


@command(app, "close", "naast case close c-7k3m9q2hzd --ending completed")
async def close(
    desk: Desk, case: Case, ending: Annotated[Ending, typer.Option("--ending", help="How it ended.")] = "completed"
) -> None:
    """Close a case."""
    await tell(desk, f"cases/{case}/close", {"ending": ending})


@command(app, "pause", "naast case pause c-7k3m9q2hzd")
async def pause(desk: Desk, case: Case) -> None:
    """Let the support rest; its clocks stand still."""
    await tell(desk, f"cases/{case}/pause")


@command(app, "resume", "naast case resume c-7k3m9q2hzd")
async def resume(desk: Desk, case: Case) -> None:
    """Take the support up again; its clocks start anew."""
    await tell(desk, f"cases/{case}/resume")


@command(app, "help", "naast case help c-7k3m9q2hzd")
async def more_help(desk: Desk, case: Case) -> None:
    """Ask the coordinator for more help than a colleague can give."""
    await tell(desk, f"cases/{case}/help")


@command(app, "search", "naast case search c-7k3m9q2hzd")
async def search(desk: Desk, case: Case) -> None:
    """Look for a supporter again, now."""
    await tell(desk, f"cases/{case}/search")


@command(app, "card", "naast case card c-7k3m9q2hzd")
async def card(desk: Desk, case: Case) -> None:
    """How to reach the other one: for the supporter, and after confirmed danger the coordinator. Each look is noted."""
    async with desk.client() as client:
        found = await client.post(f"cases/{case}/card")
    if desk.json:
        desk.give(found)
        return
    show.pairs(desk, found["card"].items())
