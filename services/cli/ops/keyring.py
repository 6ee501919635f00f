"""The keys of a deployment, reached where they are kept: for whoever can reach the house or its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.cli.credentials import HERE
from services.house.parts import clock_of, database_url, secrets_of
from shared import private
from shared.db import Database
from shared.http import access as access_module
from shared.http.access import Access
from shared.ids import keyed_ref
from shared.migrate import current, upgrade
from shared.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Access]:
    """The keys, whether a house runs or not."""
    private.folder(settings.home)
    database = Database(database_url(settings, "access"), "access")
    try:
        await upgrade(database, "shared", access_module.metadata)
        yield Access(database, clock_of(settings.home))
    finally:
        await database.close()


async def ref_of(settings: Settings, hospital: str, staff_id: str) -> str:
    """The ref by which the services know this member of the staff; empty for nobody."""
    if not staff_id:
        return ""
    secret, *old = secrets_of(settings)
    refs = [keyed_ref("s", one, hospital, staff_id) for one in (secret, *old)]
    known = await _known(settings, hospital, refs) if old else set()
    return next((ref for ref in refs if ref in known), refs[0])


async def _known(settings: Settings, hospital: str, refs: list[str]) -> set[str]:
    """Those of these by which intake knows somebody."""
    from services.intake.protocol.states import Staff
    from services.intake.tables import read_states

    database = Database(database_url(settings, "intake"), "intake")
    try:
        if await current(database) is None:
            return set()
        async with database.read() as c:
            return set(await read_states(c, Staff, hospital, refs))
    finally:
        await database.close()


def place_of(settings: Settings) -> str:
    """Where the keys that are made here are good for: in this machine's house, or where NAAST_URL says that those who
    share the database answer.
    """
    return HERE if settings.database_url is None else settings.url or HERE
