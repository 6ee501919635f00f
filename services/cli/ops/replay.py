"""`naast replay`: what the services said is said again to one that may have missed some of it."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from services.cli import show
from services.cli.command import OPERATE, command
from services.cli.desk import Desk
from services.cli.ops.dead_letters import SERVICES


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "replay", "naast replay --to matching", panel=OPERATE)(replay)


async def replay(
    desk: Desk,
    to: Annotated[
        Literal["intake", "matching", "followup", "training"], typer.Option("--to", help="The service that missed it.")
    ],
) -> None:
    """Say again what the other services said about this hospital; what was heard before changes nothing."""
    counts: dict[str, int] = {}
    async with desk.client() as client:
        for name in SERVICES:
            query = {"to": to, "hospital": client.hospital}
            after, counts[name] = 0, 0
            while name != to:
                found = await client.call("POST", f"/v1/ops/{name}/say-again", params=query | {"after": after})
                counts[name] += found["said"]
                if "next" not in found:
                    break
                after = found["next"]
    rows = [(name, n) for name, n in counts.items() if name != to]
    show.table(desk, ("service", "messages"), rows, {"to": to, "said": dict(rows)}, "")
