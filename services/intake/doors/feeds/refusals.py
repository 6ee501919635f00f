"""What was refused at the doors for reports, as whoever operates naast looks after it: it is not kept, so its source
sends it again; here it is only let go of. What was set aside and can be taken again stands among the dead letters.
"""

from __future__ import annotations

from typing import Any

from services.intake import tables
from shared.messages.intake import TakeReport
from shared.service import Running


class Refused:
    """The refused reports of a deployment. hospital: whose, or None for all."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def listed(self, hospital: str | None, limit: int) -> list[dict[str, Any]]:
        """The latest, in the form of dead letters. `subject`: which part of the input; `trace`: its sha256."""
        async with self._running.database.read() as c:
            rows = await tables.read_refused(c, limit, **({} if hospital is None else {"hospital": hospital}))
        return [_shown(row) for row in rows]

    async def one(self, hospital: str | None, id: str) -> dict[str, Any] | None:
        """One of them; None when there is no such thing."""
        key = _key(hospital, id)
        if key is None:
            return None
        async with self._running.database.read() as c:
            rows = await tables.read_refused(c, 1, **key)
        return _shown(rows[0]) if rows else None

    async def drop(self, hospital: str | None, id: str) -> bool:
        """Lets go of one; False when there is no such thing."""
        key = _key(hospital, id)
        if key is None:
            return False
        async with self._running.database.begin() as c:
            return await tables.drop_refused(c, **key)

    async def count(self) -> int:
        """How many stand here."""
        async with self._running.database.read() as c:
            return await tables.count_refused(c)


#: The parts of an id.
_PARTS = ("digest", "reason", "path", "hospital")


def _key(hospital: str | None, id: str) -> dict[str, str] | None:
    """The columns of one; None where it is another hospital's."""
    key = dict(zip(_PARTS, [*id.split("~", 3), "", "", ""], strict=False))
    return key if hospital in (None, key["hospital"]) else None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "~".join(row[name] for name in _PARTS),
        "hospital": row["hospital"],
        "source": row["source"],
        "type": TakeReport.type,
        "subject": row["path"],
        "reason": row["reason"],
        "at": row["at"],
        "trace": row["digest"],
        "kept": False,
    }
