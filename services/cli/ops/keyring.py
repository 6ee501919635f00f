"""The keys of a deployment, reached where they are kept: for whoever can reach the house or its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.cli.credentials import HERE
from services.house.parts import database_url, secret_of
from shared import private
from shared.clock import WallClock
from shared.db import Database
from shared.http import access as access_module
from shared.http.access import Access
from shared.ids import keyed_ref
from shared.migrate import upgrade
from shared.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Access]:
    """The keys, whether a house runs or not."""
    private.folder(settings.home)
    database = Database(database_url(settings, "access"), "access")
    try:
        await upgrade(database, "shared", access_module.metadata)
        yield Access(database, WallClock())
    finally:
        await database.close()


def ref_of(settings: Settings, hospital: str, staff_id: str) -> str:
    """The ref by which the services know this member of the staff; empty for nobody."""
    return keyed_ref("s", secret_of(settings), hospital, staff_id) if staff_id else ""


def place_of(settings: Settings) -> str:
    """Where the keys that are made here are good for: in this machine's house, or where NAAST_URL says that those who
    share the database answer.
    """
    return HERE if settings.database_url is None else settings.url or HERE
