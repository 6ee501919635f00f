"""`naast broker`: what an operator gives to RabbitMQ, so that nobody speaks there for another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import WRONG, Stop

#: Bytes of the name of an account: a file has it as well, and a longer name while it is written.
_LONGEST = 250

app = group("The accounts of the broker, and what they may.", alone="definitions")


@command(app, "definitions", "naast broker definitions --vhost naast", ("json",))
async def definitions(
    desk: Desk,
    deployment: Annotated[
        str, typer.Option("--deployment", help="What the name of each account begins with.")
    ] = "naast",
    vhost: Annotated[str, typer.Option("--vhost", help="The virtual host of this deployment.")] = "/",
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            help="The one system of a hospital that may hand in, as st-anna.Datix; again for one more. "
            "A hospital of which none is named gets an account that may hand in for all of them.",
        ),
    ] = None,
    passwords: Annotated[
        Path | None, typer.Option("--passwords", help="Where passwords are kept; without: broker in NAAST_HOME.")
    ] = None,
) -> None:
    """Definitions for rabbitmqctl import_definitions, as JSON: an account for each service and for each reporter."""
    from shared.bus import definitions as broker

    if not deployment.replace("-", "").isalnum():
        raise Stop("The name of a deployment holds letters, digits and hyphens.", code=WRONG)
    reporters = _reporters(sorted({*desk.hospitals, *desk.hospitals.problems}), system or [])
    names = broker.accounts(deployment, reporters)
    if len(max(names, key=len)) > _LONGEST:
        raise Stop("The name of a system is too long for the name of an account.", code=WRONG)
    folder = passwords or desk.settings.home / "broker"
    hashes = {name: broker.hashed(_password(folder / name)) for name in names}
    desk.give(broker.definitions(deployment, vhost, reporters, hashes))
    desk.say(f"The password of each account stands in {folder}, in a file of that name.")


def _reporters(hospitals: list[str], systems: list[str]) -> list[str]:
    """Who hands in: each system that is named, and each hospital of which none is."""
    for one in systems:
        hospital, _, system = one.partition(".")
        if hospital not in hospitals or not system or not system.isprintable():
            raise Stop(f"{one!r} is no system of a hospital that is here.", "Write it as st-anna.Datix.", WRONG)
    named = {one.partition(".")[0] for one in systems}
    return [*(one for one in hospitals if one not in named), *sorted(set(systems))]


def _password(path: Path) -> str:
    """The one that is kept there, or a new one."""
    import secrets

    from shared import private

    if not path.exists():
        private.write(path, secrets.token_urlsafe(32))
    return path.read_text()
