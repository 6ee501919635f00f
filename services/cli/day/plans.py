"""`naast plan`: how the asks of a large event are divided, and that they go out."""

from __future__ import annotations

from typing import Any

from services.cli import show
from services.cli.case.matches import print_helps
from services.cli.command import command, group
from services.cli.day.report import Report
from services.cli.desk import Desk
from services.cli.said import tell

app = group("The plans of large events.")


@command(app, "list", "naast plan list")
async def listed(desk: Desk) -> None:
    """The plans, the newest first, and what would help those who have nobody."""
    async with desk.client() as client:
        found = await client.whole("plans", "plans")
    rows = [_row(desk, plan) for plan in found["plans"]]
    columns = ("report", "state", "made", "departments", "cases", "asked", "left", "without")
    show.table(desk, columns, rows, found, desk.words("plan.none"))
    if desk.json:
        return
    for plan in found["plans"]:
        if plan.get("helps"):
            show.line(desk, plan["report"], "bold")
            print_helps(desk, plan["helps"])
        if not plan["confirmed"]:
            desk.whole(f"  → naast plan confirm {plan['report']}", "cyan")


def _row(desk: Desk, plan: dict[str, Any]) -> list[Any]:
    words = desk.words
    state = words("plan.confirmed" if plan["confirmed"] else "plan.waits")
    numbers = [plan["departments"], len(plan["cases"]), plan["asked"], plan["left"], plan.get("without_anybody", "")]
    return [plan["report"], state, words.brief(plan.get("made_at"), desk.zone), *numbers]


@command(app, "confirm", "naast plan confirm r-7k3m9q2hzd4f")
async def confirm(desk: Desk, report: Report) -> None:
    """Let the asks of a large event go out."""
    await tell(desk, f"plans/{report}/confirm")
