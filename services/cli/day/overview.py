"""`naast overview`: the coordinator's numbers on one page; whoever runs the house sees the counts alone."""

from __future__ import annotations

from typing import Any

import typer

from services.cli import show
from services.cli.case.cases import clock_name, task_name
from services.cli.command import DAILY, command
from services.cli.desk import Desk


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "overview", "naast overview", panel=DAILY)(overview)


async def overview(desk: Desk) -> None:
    """What waits, how soon colleagues are reached, what was missed, and how cases are divided."""
    async with desk.client() as client:
        found = await client.get("overview")
        divided = await client.get("fairness")
    if desk.json:
        desk.give(found | {"fairness": divided})
        return
    _print_cases(desk, found["cases"])
    _print_tasks(desk, found["tasks"])
    _print_numbers(desk, found)
    _print_missed(desk, found.get("clocks_missed", {}))
    _print_fairness(desk, divided)


def _heading(desk: Desk, name: str, **values: Any) -> None:
    show.line(desk, desk.words(f"overview.{name}", **values), "bold")


def _print_cases(desk: Desk, cases: dict[str, int]) -> None:
    _heading(desk, "cases")
    show.pairs(desk, [(desk.words.code("state", state), n) for state, n in cases.items()])
    show.line(desk)


def _print_tasks(desk: Desk, tasks: dict[str, Any]) -> None:
    words = desk.words
    _heading(desk, "tasks")
    show.line(desk, words("overview.open", open=tasks["open"], overdue=tasks["overdue"]))
    rows = [(task_name(words, kind), n["open"], n["overdue"]) for kind, n in tasks.get("by_kind", {}).items()]
    if rows:
        show.table(desk, ("task", "open", "overdue"), rows, None, "")
    show.line(desk)


def _print_numbers(desk: Desk, found: dict[str, Any]) -> None:
    """What only the coordinator is told; of no case the words are left out."""
    oldest, contact = found.get("oldest_hours", {}), found.get("first_contact", {})
    counted = [(name, found.get(name)) for name in ("extensions", "handed_over", "not_reached", "erased")]
    rows = [
        *oldest.items(),
        ("first_contact_in_time", _in_time(desk, contact)),
        ("median_hours", contact.get("median_hours")),
        *counted,
    ]
    if any(value not in ("", None) for _, value in rows):
        _heading(desk, "numbers")
        show.pairs(desk, rows)
        show.line(desk)


def _in_time(desk: Desk, contact: dict[str, Any]) -> str:
    if contact.get("share_in_time") is None:
        return ""
    share, hours = f"{contact['share_in_time']:.0%}", f"{contact['limit_hours']:g}"
    return desk.words("overview.of_cases", share=share, n=contact["cases"], hours=hours)


def _print_missed(desk: Desk, missed: dict[str, int]) -> None:
    if missed:
        _heading(desk, "missed")
        show.pairs(desk, [(clock_name(desk.words, clock), n) for clock, n in missed.items()])
        show.line(desk)


def _print_fairness(desk: Desk, divided: dict[str, Any]) -> None:
    """Per profession, and never of so few that it would tell of somebody."""
    _heading(desk, "fairness", days=divided["days"])
    names = ("supporters", "cases", "fewest", "most", "spread")
    rows = []
    for one in divided["professions"]:
        hidden = desk.words("overview.hidden") if one["cases"] is None else ""
        rows.append([desk.label("professions", one["profession"]), *(one[name] for name in names), hidden])
    show.table(desk, ("profession", *names, "note"), rows, None, desk.words("talk.no_supporters"))
