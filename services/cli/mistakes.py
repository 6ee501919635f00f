"""What is wrong with the settings of a hospital, as the services tell it: since when, and per field what to do."""

from __future__ import annotations

from typing import Any

from services.cli.desk import Desk
from services.cli.stop import AWAY, Stop


def print_mistakes(desk: Desk, told: dict[str, Any]) -> None:
    """While the earlier settings are in force: what stands above everything else that waits."""
    from rich.text import Text

    words = desk.words
    mark = Text("! ", "bold red").append(
        words("settings.earlier", since=words.moment(told["since"], desk.zone)), "bold"
    )
    desk.put(mark)
    for line in fields(desk, told):
        desk.whole(f"  {line}")


def nothing_in_force(desk: Desk, told: dict[str, Any]) -> Stop:
    """Where nothing of a hospital is in force: it waits until somebody corrects the file."""
    words = desk.words
    says = words("settings.none", since=words.moment(told["since"], desk.zone))
    return Stop(says, "\n       ".join(fields(desk, told)), AWAY, told)


def fields(desk: Desk, told: dict[str, Any]) -> list[str]:
    """A line for each mistake: the field, and what to do."""
    return [f"{one['field']}: {one['do'][desk.words.lang]}" for one in told["problems"]]
