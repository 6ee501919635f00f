"""Moments and days as somebody types them: in the hospital's time, and sent with its offset."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from services.cli.desk import Desk
from services.cli.stop import WRONG, Stop

FORMS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
DAY = ["%Y-%m-%d"]
At = Annotated[
    datetime | None,
    typer.Option("--at", formats=FORMS, help="When it was, in the hospital's time; now, if not."),
]


def aware(desk: Desk, at: datetime) -> str:
    """This moment of the hospital's clocks as ISO 8601 with its offset; of an hour that comes twice, the first.

    Raises Stop for an hour that the clocks skip. Where nobody can tell the hospital's time, this machine's is meant.
    """
    here = at.replace(tzinfo=desk.zone) if desk.zone else at.astimezone()
    there = here.astimezone(UTC).astimezone(here.tzinfo)
    if there.replace(tzinfo=None) != at:
        raise Stop(
            f"The clocks skip {at:%H:%M} on {at:%Y-%m-%d}, for summer time begins.",
            "Give an hour before or after.",
            WRONG,
        )
    return here.isoformat()
