"""What a process must be able to do to be ready: write what its services write, and see and make keys."""

from __future__ import annotations

import uuid

from services.house.parts import Parts
from shared.http.readiness import Check, writes
from shared.service import Running

#: Notes a message that nobody sent; an own key each time, so that replicas that look at once do not meet.
_NOTE = "insert into received (key, hospital, correlation, at) values ('ready|{id}', '', '', '2000-01-01 00:00:00')"
_KEY = "delete from access_key where hash = ''"


def work_of(running: Running) -> Check:
    """Whether a service can note what comes to it."""

    async def check() -> str:
        return await writes(running.database, _NOTE.format(id=uuid.uuid4()))()

    return check


def keys_of(common: Parts) -> Check:
    """Whether keys can be looked up and changed."""
    return writes(common.access.database, _KEY)
