"""`naast cases` and `naast case show`: who is supported, how far it is, and how it went, in plain sentences."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from services.cli import show
from services.cli.command import DAILY, an_id, command
from services.cli.desk import Desk
from services.cli.terms import reasons, term
from services.cli.words import Words

State = Literal["offered", "matched", "in_contact", "paused", "closed"]
#: A narrower terminal shows fewer columns; `case show` has them all.
_WIDE = 100
Case = Annotated[str, typer.Argument(callback=an_id, help="The id of the case, such as c-7k3m9q2hzd.")]


def add_to(app: typer.Typer, cases_app: typer.Typer) -> None:
    """Adds the commands."""
    command(app, "cases", "naast cases --state matched", panel=DAILY)(cases)
    command(cases_app, "list", "naast case list --state matched")(cases)
    command(cases_app, "show", "naast case show c-7k3m9q2hzd")(one)


async def cases(
    desk: Desk,
    state: Annotated[State | None, typer.Option("--state", help="Only the cases in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 200,
) -> None:
    """The cases you may see, the latest offer first."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.get("cases", state=state, limit=limit)
        names = {} if desk.json else await look_up(client, [case["supporter"] for case in found["cases"]])
    rows = [_row(desk, case, names) for case in found["cases"]]
    columns: tuple[str, ...] = ("case", "state", "supporter", "offered", "conversations", "first_contact", "clock")
    if desk.out.width < _WIDE:
        rows, columns = [row[:-2] for row in rows], columns[:-2]
    show.table(desk, columns, rows, found, desk.words("talk.no_cases"))
    show.more(desk, found, limit)


def _row(desk: Desk, case: dict[str, Any], names: dict[str, str]) -> list[str]:
    words, zone = desk.words, desk.zone
    clock = case.get("next_clock")
    next_clock = f"{words.brief(clock['due_at'], zone)}: {clock_name(words, clock['clock'])}" if clock else ""
    held, left = case["conversations_held"], case["conversations_left"]
    return [
        case["case"],
        words.code("state", case["state"]),
        names.get(case["supporter"] or "", case["supporter"] or ""),
        words.brief(case["offered_at"], zone),
        f"{held} / {held + left}",
        words.brief(case["first_contact_at"], zone),
        next_clock,
    ]


async def one(desk: Desk, case: Case) -> None:
    """How a case stands and how it went, in plain sentences and the hospital's time."""
    from services.cli.names import look_up, refs_in

    async with desk.client() as client:
        found = await client.get(f"cases/{case}", lang=desk.words.lang)
        refs = {found["case"], found["supporter"], *refs_in(line["text"] for line in found["timeline"])}
        names = {} if desk.json else await look_up(client, refs)
    if desk.json:
        desk.give(found)
        return
    _print_standing(desk, found, names)
    show.line(desk)
    print_timeline(desk, found["timeline"], names)
    for task in found.get("tasks", ()):
        show.line(desk)
        print_task(desk, task)


def _print_standing(desk: Desk, case: dict[str, Any], names: dict[str, str]) -> None:
    words, zone = desk.words, desk.zone
    held, left = case["conversations_held"], case["conversations_left"]
    who = names.get(case["case"], "")
    show.line(desk, f"{case['case']}{'  ' + who if who else ''}", "bold")
    clocks = [f"{clock_name(words, c['clock'])}: {words.moment(c['due_at'], zone)}" for c in case.get("clocks", ())]
    show.pairs(
        desk,
        (
            ("state", words.code("state", case["state"])),
            ("ends_with", ending_name(words, case["ending"]) if case["ending"] else ""),
            ("supporter", names.get(case["supporter"] or "", case["supporter"] or "")),
            ("event", words.codes("event", case.get("event_types", ()))),
            ("conversations", f"{held} / {held + left}"),
            ("clocks", "\n".join(clocks)),
        ),
    )


def print_timeline(desk: Desk, lines: list[dict[str, str]], names: dict[str, str]) -> None:
    """Moments and sentences below each other."""
    from rich.table import Table
    from rich.text import Text

    from services.cli.names import named

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        moment = Text(desk.words.moment(line["at"], desk.zone), "dim")
        grid.add_row(moment, Text(named(line["text"], names)))
    desk.put(grid)


def print_task(desk: Desk, task: dict[str, Any], names: dict[str, str] | None = None) -> None:
    """What waits, until when, and the command that ends it; the command is never broken over lines."""
    from rich.text import Text

    words = desk.words
    mark = Text("! ", "bold red") if task["overdue"] else Text("· ")
    about = (names or {}).get(task["regarding"], "")
    what = Text(task_name(words, task["task"]), "bold")
    mark.append(what).append(f"  {task['regarding']}{f' ({about})' if about else ''}")
    until = words.moment(task["due_at"], desk.zone)
    mark.append(f"\n  {words('task.overdue' if task['overdue'] else 'task.until', moment=until)}")
    mark.append(f", {words('task.by', who=words.code('role', task['owner']))}")
    if task["reasons"]:
        mark.append(f"\n  {reasons(words, task['reasons'])}")
    desk.put(mark)
    desk.whole(f"  → {task['command']}", "cyan")


def clock_name(words: Words, code: str) -> str:
    return term(words, "clock", code)


def task_name(words: Words, code: str) -> str:
    return term(words, "task", code)


def ending_name(words: Words, code: str) -> str:
    return term(words, "ending", code)
