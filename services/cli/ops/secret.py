"""`naast secret`: another secret for what is named from now on; what has a name keeps it."""

from __future__ import annotations

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import AWAY, Stop

app = group("The secret that turns staff numbers into refs.", alone="--help")


@command(app, "rotate", "naast secret rotate", ("json",))
async def rotate(desk: Desk) -> None:
    """Replace the secret. Who and what has a ref keeps it and is found by it; the next ones are made by the new one.

    Stop naast first: a service that still goes by the old one alone would not find what the new one names.
    """
    from services.house.parts import SECRETS, new_secret, secrets_of
    from shared import private

    settings, new, before = desk.settings, new_secret(), secrets_of(desk.settings)
    if settings.secret is None:
        _must_stand_still(desk)
        private.write(settings.home / SECRETS, "\n".join((new, *before)) + "\n")
    if desk.json:
        desk.give({"kept": settings.secret is None, "secrets": 1 + len(before)} | _to_set(desk, new, before))
    elif settings.secret is None:
        desk.say(f"The new secret stands first in {settings.home / SECRETS}. Keep the others there, and back it up.")
    else:
        for name, value in _to_set(desk, new, before).items():
            show.line(desk, f"{name}={value}")
        desk.say("Stop every service, set these for all of them, and start them again.")


def _to_set(desk: Desk, new: str, before: tuple[str, ...]) -> dict[str, str]:
    """What the operator must set, where no file holds it."""
    return {} if desk.settings.secret is None else {"NAAST_SECRET": new, "NAAST_OLD_SECRETS": " ".join(before)}


def _must_stand_still(desk: Desk) -> None:
    from services.cli.ops.checks import is_locked

    if is_locked(desk.settings.home / "lock"):
        raise Stop(f"Another process works in {desk.settings.home}.", "Stop it first.", AWAY)
