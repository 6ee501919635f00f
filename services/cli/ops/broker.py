"""`naast broker`: what an operator gives to RabbitMQ, so that nobody speaks there for another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import WRONG, Stop

app = group("The accounts of the broker, and what they may.", alone="definitions")


@command(app, "definitions", "naast broker definitions --vhost naast", ("json",))
async def definitions(
    desk: Desk,
    deployment: Annotated[
        str, typer.Option("--deployment", help="What the name of each account begins with.")
    ] = "naast",
    vhost: Annotated[str, typer.Option("--vhost", help="The virtual host of this deployment.")] = "/",
    passwords: Annotated[
        Path | None, typer.Option("--passwords", help="Where passwords are kept; without: broker in NAAST_HOME.")
    ] = None,
) -> None:
    """Definitions for rabbitmqctl import_definitions, as JSON: an account for each service and for each hospital."""
    from shared.bus import definitions as broker

    hospitals = sorted({*desk.hospitals, *desk.hospitals.problems})
    if not deployment.replace("-", "").isalnum():
        raise Stop("The name of a deployment holds letters, digits and hyphens.", code=WRONG)
    folder = passwords or desk.settings.home / "broker"
    hashes = {name: broker.hashed(_password(folder / name)) for name in broker.accounts(deployment, hospitals)}
    desk.give(broker.definitions(deployment, vhost, hospitals, hashes))
    desk.say(f"The password of each account stands in {folder}, in a file of that name.")


def _password(path: Path) -> str:
    """The one that is kept there, or a new one."""
    import secrets

    from shared import private

    if not path.exists():
        private.write(path, secrets.token_urlsafe(32))
    return path.read_text()
