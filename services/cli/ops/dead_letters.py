"""`naast dead-letters`: what a service set aside or refused, and the way back. Codes and refs; never what it holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import REFUSED, WRONG, Stop

if TYPE_CHECKING:
    from services.cli.client import Client

_SHOWN = ("service", "source", "type", "subject", "reason")
SERVICES = ("intake", "matching", "followup", "training")
Service = Annotated[
    Literal["intake", "matching", "followup", "training"] | None,
    typer.Option("--service", help="Of this service only."),
]
Id = Annotated[str, typer.Argument(help="The id, from the list.")]

app = group("Messages that a service set aside.")


@command(app, "list", "naast dead-letters list")
async def listed(desk: Desk, service: Service = None) -> None:
    """What was set aside or refused, where it came from, and why."""
    async with desk.client() as client:
        found = await _all(client, service)
    words, zone = desk.words, desk.zone
    rows = [[*(one[name] for name in _SHOWN), words.brief(one["at"], zone), one["id"]] for one in found]
    columns = ("service", "source", "type", "regarding", "reason", "when", "id")
    show.table(desk, columns, rows, {"dead_letters": found}, words("talk.no_dead_letters"))


@command(app, "show", "naast dead-letters show 01900000-0000-7000-8000-000000000000")
async def one(desk: Desk, id: Id) -> None:
    """The codes of one: where in the stream it stood and what led to it."""
    async with desk.client() as client:
        letter = await _find(client, id)
        found = await client.call("GET", _path(letter["service"], id))
    if desk.json:
        desk.give(found)
    else:
        show.pairs(desk, found.items())


@command(app, "replay", "naast dead-letters replay 01900000-0000-7000-8000-000000000000")
async def replay(
    desk: Desk,
    id: Annotated[str | None, typer.Argument(help="The id, from the list.")] = None,
    all: Annotated[bool, typer.Option("--all", help="All that are kept, oldest first.")] = False,
) -> None:
    """Let the service take a message again, after its cause was put right."""
    if (id is None) == (not all):
        raise Stop("Say which one, or --all.", "See them: naast dead-letters list", WRONG)
    results = []
    async with desk.client() as client:
        kept = (letter for letter in await _all(client, None) if letter["kept"])
        for letter in kept if all else [await _find(client, id or "")]:
            answer = await client.send("POST", f"{_path(letter['service'], letter['id'])}/replay")
            if answer.status_code not in (200, 409):
                raise client.trouble(answer)
            results.append({"service": letter["service"], **answer.json()})
    _tell_results(desk, results)


@command(app, "drop", "naast dead-letters drop 01900000-0000-7000-8000-000000000000")
async def drop(desk: Desk, id: Id) -> None:
    """Give a message up for good."""
    async with desk.client() as client:
        letter = await _find(client, id)
        found = await client.call("DELETE", _path(letter["service"], id))
    if desk.json:
        desk.give(found)
    else:
        desk.say(desk.words("dead.dropped", id=id))


def _tell_results(desk: Desk, results: list[dict[str, Any]]) -> None:
    if desk.json:
        desk.give({"replayed": results})
    for result in [] if desk.json else results:
        key = "dead.taken" if result.get("taken") else "dead.again"
        key = "dead.not_kept" if result.get("reason") == "not_kept" else key
        desk.say(desk.words(key, id=result.get("id", ""), reason=result.get("reason") or ""))
    if not all(result.get("taken") for result in results):
        raise typer.Exit(REFUSED)


async def _all(client: Client, service: str | None) -> list[dict[str, Any]]:
    def of(name: str) -> Callable[..., Awaitable[Any]]:
        return lambda **page: client.call("GET", _path(name), params=page)

    found = [await client.to_the_end(of(name), "dead_letters") for name in SERVICES if service in (None, name)]
    return sorted((letter for letters in found for letter in letters["dead_letters"]), key=lambda letter: letter["at"])


async def _find(client: Client, id: str) -> dict[str, Any]:
    for letter in await _all(client, None):
        if letter["id"] == id:
            return letter
    raise Stop(f"There is no such message among those set aside: {id}.", "See them: naast dead-letters list")


def _path(service: str, id: str = "") -> str:
    from urllib.parse import quote

    return f"/v1/ops/{service}/dead-letters" + (f"/{quote(id, safe='')}" if id else "")
