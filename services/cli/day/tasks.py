"""`naast tasks` and `naast task done`: what waits for a person, overdue first, each with the command that ends it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.case.cases import print_task
from services.cli.command import DAILY, an_id, command, group
from services.cli.desk import Desk
from services.cli.mistakes import fields
from services.cli.said import print_said

#: A list that nobody reads to its end helps nobody; JSON has them all.
_FEW = 20

app = group("What waits for a person.")


def add_to(whole: typer.Typer) -> None:
    """Adds `naast tasks`, which is `naast task list` as well."""
    command(whole, "tasks", "naast tasks", panel=DAILY)(tasks)
    command(app, "list", "naast task list")(tasks)


async def tasks(
    desk: Desk, all: Annotated[bool, typer.Option("--all", help="Not only the first twenty.")] = False
) -> None:
    """What waits for you, overdue first, each with the command that ends it."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await (client.whole("tasks", "tasks") if all or desk.json else client.get("tasks", limit=_FEW))
        first = found["tasks"]
        names = {} if desk.json else await look_up(client, [task["regarding"] for task in first])
    if desk.json:
        desk.give(found)
        return
    if found.get("settings"):
        _print_mistakes(desk, found["settings"])
    for task in first:
        print_task(desk, task, names)
    if not first:
        desk.say(desk.words("talk.no_tasks"))
    if "next" in found:
        desk.say(desk.words("talk.more_tasks", n=found["total"] - len(first)))


def _print_mistakes(desk: Desk, told: dict[str, Any]) -> None:
    """While the earlier settings are in force: what stands above everything else that waits."""
    from rich.text import Text

    says = desk.words("settings.earlier", since=desk.words.moment(told["since"], desk.zone))
    desk.put(Text("! ", "bold red").append(says, "bold"))
    for line in fields(desk.words, told):
        desk.whole(f"  {line}")


@command(app, "done", "naast task done c-7k3m9q2hzd help")
async def done(
    desk: Desk,
    about: Annotated[str, typer.Argument(callback=an_id, help="The case, report or supporter that it is about.")],
    task: Annotated[str, typer.Argument(callback=an_id, help="The task, as the list names it.")],
) -> None:
    """Say that a task is done."""
    async with desk.client() as client:
        said = await client.post(f"tasks/{about}/{task}/done")
    print_said(desk, said)
