"""`naast run`, `naast up` and `naast demo`: the services at work, until you stop them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.command import BEGIN, OPERATE, command
from services.cli.desk import Desk
from services.cli.stop import AWAY, WRONG, Stop

if TYPE_CHECKING:
    from services.house.embedded import House

SERVICES = ("intake", "matching", "followup", "training")


def add_to(app: typer.Typer) -> None:
    """Adds what a newcomer begins with."""
    command(app, "up", "naast up", ("lang",), panel=BEGIN)(up)
    command(app, "demo", "naast demo --seed 7", ("lang", "json"), panel=BEGIN)(demo)


def add_service_to(app: typer.Typer) -> None:
    """Adds what runs one service."""
    command(app, "run", "naast run matching", ("lang",), panel=OPERATE)(run)


async def up(desk: Desk) -> None:
    """All services in one process on this machine, with their clocks running, until Ctrl-C."""
    await _serve(desk, friendly=True)


async def run(desk: Desk, service: Annotated[str, typer.Argument(help=f"{', '.join(SERVICES)}, or all.")]) -> None:
    """One service on RabbitMQ and PostgreSQL (NAAST_AMQP_URL, NAAST_DATABASE_URL), or all of them embedded."""
    if service == "all":
        await _serve(desk, friendly=False)
        return
    if service not in SERVICES:
        raise Stop(f"There is no service {service}.", f"There are {', '.join(SERVICES)}, and all.", WRONG)
    from services.house.replica import run_one
    from services.house.serving import stop_on_signals
    from shared import log

    log.set_up(desk.settings.log_level)
    await run_one(service, desk.settings, stop_on_signals())


async def demo(
    desk: Desk,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same year.")] = 1,
    keep: Annotated[Path | None, typer.Option("--keep", help="Leave the year in this folder, to explore.")] = None,
) -> None:
    """A simulated year of two example hospitals: real services, simulated people who act on what they are told."""
    from services.demo import run_demo
    from shared import log

    log.set_up("CRITICAL")
    code = await run_demo(seed=seed, as_json=desk.json, keep=keep)
    if code:
        raise typer.Exit(code)


async def _serve(desk: Desk, friendly: bool) -> None:
    from services.house.embedded import open_house
    from services.house.serving import stop_on_signals
    from shared import log

    settings = desk.settings
    if settings.amqp_url is not None:
        raise Stop("With a bus every service runs on its own.", "Start each: naast run intake, …", WRONG)
    log.set_up(settings.log_level if not friendly else "WARNING")
    _must_be_free(settings.host, settings.port)
    stop = stop_on_signals()
    async with open_house(settings) as house:
        if friendly:
            await _welcome(desk, house)
        await house.serve(stop)
    if friendly:
        desk.say(desk.words("up.stopped"))


def _must_be_free(host: str, port: int) -> None:
    """Says it in a sentence before a server says it in many."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Stop(
                f"Something else listens at {host}:{port}, or this machine has no such address.",
                "Stop it, or choose another: NAAST_PORT=8401 naast up",
                AWAY,
            ) from None


async def _welcome(desk: Desk, house: House) -> None:
    words, settings = desk.words, desk.settings
    where = f"http://{settings.host}:{settings.port}"
    desk.say(words("up.running", where=where))
    desk.say(words("up.docs", where=where))
    found = list(desk.hospitals)
    if not found:
        desk.say(words("up.no_hospital"))
    for id in found:
        hospital = desk.hospitals[id]
        desk.say(words("up.practice" if hospital.practice else "up.hospital", id=id, name=hospital.name))
    for id in desk.hospitals.problems:
        desk.say(words("up.wrong", id=id))
    if settings.smtp_url is None:
        desk.say(words("up.no_mail"))
    desk.say(words("up.clocks", n=await house.waiting()))
    desk.say(words("up.stop"))
