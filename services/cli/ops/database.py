"""`naast db`: the tables of the services, brought up to date; and, for developers, the draft of a next migration."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import WRONG, Stop

PLACES = ("access", "intake", "matching", "followup", "training")

app = group("The tables of the services.")


@command(app, "list", "naast db list", ("json",))
async def listed(desk: Desk) -> None:
    """How far the tables of every service are, and how far they could be; nothing is changed."""
    from shared.migrate import newest

    rows = []
    for name in PLACES:
        package, _ = _package(name)
        rows.append({"service": name, "has": await _has(desk, name), "newest": newest(package)})
    columns = ("service", "has", "newest")
    show.table(desk, columns, [[row[c] or "–" for c in columns] for row in rows], rows, "")


async def _has(desk: Desk, name: str) -> str | None:
    """The last migration that the tables of a service went through; None where there are none yet."""
    from services.house.parts import database_url
    from shared.db import Database
    from shared.migrate import current

    if desk.settings.database_url is None and not (desk.settings.home / f"{name}.sqlite").exists():
        return None
    database = Database(database_url(desk.settings, name), name)
    try:
        return await current(database)
    finally:
        await database.close()


@command(app, "upgrade", "naast db upgrade", ("json",))
async def upgrade(desk: Desk) -> None:
    """Bring the tables of every service up to date. A service does so itself when it starts."""
    from services.house.parts import database_url
    from shared import private
    from shared.db import Database
    from shared.migrate import current, newest
    from shared.migrate import upgrade as migrate

    private.folder(desk.settings.home)
    rows = []
    for name in PLACES:
        package, metadata = _package(name)
        database = Database(database_url(desk.settings, name), name)
        try:
            before = await current(database)
            await migrate(database, package, metadata)
        finally:
            await database.close()
        rows.append({"service": name, "before": before, "after": newest(package)})
    columns = ("service", "before", "after")
    show.table(desk, columns, [[row[c] or "–" for c in columns] for row in rows], rows, "")


@command(app, "draft", 'naast db draft followup "remembers help"', ("json",))
async def draft(
    desk: Desk,
    service: Annotated[str, typer.Argument(help="access, intake, matching, followup or training.")],
    title: Annotated[str, typer.Argument(help="What the migration does, in a few words.")],
) -> None:
    """Write the next migration of a service from what its tables lack, for you to read through. For developers."""
    import tempfile

    from shared.db import Database
    from shared.migrate import draft as write

    if service not in PLACES:
        raise Stop(f"There is no service {service}.", f"There are {', '.join(PLACES)}.", WRONG)
    package, metadata = _package(service)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.sqlite", service)
        try:
            path = await write(database, package, metadata, title)
        finally:
            await database.close()
    if desk.json:
        desk.give({"service": service, "path": str(path) if path else None})
    elif path:
        show.line(desk, str(path))
    else:
        desk.say("The tables lack nothing; nothing was written.")


def _package(name: str) -> tuple[str, Any]:
    """The package that holds the migrations, and the tables as the code has them."""
    from importlib import import_module

    if name == "access":
        return "shared", import_module("shared.http.access").metadata
    return f"services.{name}", import_module(f"services.{name}.tables").metadata
