"""`naast clock`: whether the services believe their clock, and the word that it is right."""

from __future__ import annotations

from typing import Any

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.ops.dead_letters import SERVICES

app = group("The clock of the services, after it jumped.", alone="show")


@command(app, "show", "naast clock show")
async def shown(desk: Desk) -> None:
    """What time it is for each service, and whether timers and letters wait because the clock jumped."""
    await _each(desk, "GET", "")


@command(app, "accept", "naast clock accept")
async def accept(desk: Desk) -> None:
    """Say that the clock is right: what waited goes on. Needs a key of ops for everywhere."""
    await _each(desk, "POST", "/accept")


async def _each(desk: Desk, method: str, what: str) -> None:
    async with desk.client() as client:
        found: list[dict[str, Any]] = [await client.call(method, f"/v1/ops/{name}/clock{what}") for name in SERVICES]
    words = desk.words
    rows = [(one["service"], one["now"], words("clock.held" if one["held"] else "clock.runs")) for one in found]
    show.table(desk, ("service", "when", "state"), rows, {"clocks": found}, "")
