"""`naast case …` for the supporter of the case: giving it back, a debrief of her own, and danger."""

from __future__ import annotations

import typer

from services.cli.case.cases import Case
from services.cli.command import command
from services.cli.desk import Desk
from services.cli.said import tell


def add_to(case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(case_app, "hand-back", "naast case hand-back c-7k3m9q2hzd")(hand_back)
    command(case_app, "debrief", "naast case debrief c-7k3m9q2hzd")(debrief)
    command(case_app, "danger", "naast case danger c-7k3m9q2hzd")(danger)


async def hand_back(desk: Desk, case: Case) -> None:
    """Give a case back, without a reason; another supporter is looked for."""
    await tell(desk, f"cases/{case}/hand-back")


async def debrief(desk: Desk, case: Case) -> None:
    """Ask to talk about what a case does to yourself; the coordinator arranges it."""
    await tell(desk, f"cases/{case}/debrief")


async def danger(desk: Desk, case: Case) -> None:
    """Report danger to the colleague or to others; a second person decides. If it is acute, call the alarm number."""
    await tell(desk, f"cases/{case}/danger")
