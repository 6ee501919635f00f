"""Everything that came to an end in a service: what it was, where it came from, why, and the way back.

What was set aside is kept and can be taken again; a body that nobody can read and what was refused at a door are not:
their source sends them again. A row shows codes and refs, never the message. Whoever operates a hospital sees that
hospital's rows; a key of the whole deployment sees all of them. A replay bypasses the sequence: a dead letter was
counted as heard when it was set aside. One that came from outside may have come again meanwhile; then its replay
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import ColumnElement, Row, select

from shared.http.access import EVERY_HOSPITAL, Caller
from shared.http.answers import Holder, gone, routes_of
from shared.http.pages import Paged
from shared.http.terms import lets
from shared.messages import Command, Letter, Timer, Unreadable, kind_of, opened, read
from shared.service import Refusals, Running

OPERATORS = lets("ops", "coordinator")
#: Why something cannot be taken again: whoever sent it must send it once more.
NOT_KEPT = "not_kept"


def router(running: Running, refusals: Callable[[Running], Refusals] | None = None) -> APIRouter:
    """The dead letters of one service: list, look at, replay, drop."""
    router = routes_of(prefix=f"/v1/ops/{running.name}/dead-letters", tags=["ops"])
    letters = DeadLetters(running, refusals(running) if refusals is not None else None)

    @router.get("")
    @OPERATORS
    async def listed(who: Holder, page: Paged) -> dict[str, Any]:
        """The dead letters, newest first."""
        found = (await letters.newest(who, page.offset + page.wanted))[page.offset :]
        await _note_look(running, who, "dead_letters", page.first(found))
        return page.read("dead_letters", found, dict)

    @router.get("/{id:path}")
    @OPERATORS
    async def one(id: str, who: Holder) -> dict[str, Any]:
        """The codes of one."""
        found = await letters.one(who, id)
        await _note_look(running, who, "dead_letter", [found])
        return found

    @router.post("/{id:path}/replay")
    @OPERATORS
    async def replay(id: str, who: Holder) -> JSONResponse:
        """Takes it again; 409 with the reason when it is set aside again, or "not_kept"."""
        reason = await letters.replay(who, id)
        return JSONResponse({"id": id, "taken": not reason, "reason": reason or None}, 409 if reason else 200)

    @router.delete("/{id:path}")
    @OPERATORS
    async def drop(id: str, who: Holder) -> dict[str, Any]:
        """Takes it away for good."""
        await letters.drop(who, id)
        return {"id": id, "dropped": True}

    return router


class DeadLetters:
    """The dead letters of a service, as one caller sees them."""

    def __init__(self, running: Running, refusals: Refusals | None = None) -> None:
        self.running, self.refusals = running, refusals
        self.table = running.engine.store.t.dead_letter

    async def newest(self, caller: Caller, count: int) -> list[dict[str, Any]]:
        newest = select(self.table).where(*self._mine(caller)).order_by(self.table.c.at.desc(), self.table.c.id)
        async with self.running.database.read() as c:
            rows = (await c.execute(newest.limit(count))).all()
        refused = [] if self.refusals is None else await self.refusals.listed(_whose(caller), count)
        found = [self._shown(row) for row in rows] + [self._told(one) for one in refused]
        return sorted(found, key=lambda one: str(one["at"]), reverse=True)[:count]

    async def one(self, caller: Caller, id: str) -> dict[str, Any]:
        if self.refusals is not None and (refused := await self.refusals.one(_whose(caller), id)):
            return self._told(refused)
        row = await self._row(caller, id)
        return self._shown(row) | _envelope(row.event)

    async def replay(self, caller: Caller, id: str) -> str:
        """Gives the message to the engine again. Returns why it was set aside again, or nothing."""
        if not (await self.one(caller, id))["kept"]:
            return NOT_KEPT
        row = await self._row(caller, id)
        return await self.running.engine.replay(id, row.event.encode())

    async def drop(self, caller: Caller, id: str) -> None:
        if self.refusals is not None and await self.refusals.drop(_whose(caller), id):
            return
        await self._row(caller, id)
        async with self.running.database.begin() as c:
            await self.running.engine.store.unbury(c, [id])

    async def _row(self, caller: Caller, id: str) -> Row[Any]:
        async with self.running.database.read() as c:
            row: Row[Any] | None = (
                await c.execute(select(self.table).where(self.table.c.id == id, *self._mine(caller)))
            ).one_or_none()
        if row is None:
            raise gone()
        return row

    def _mine(self, caller: Caller) -> list[ColumnElement[bool]]:
        whose = _whose(caller)
        return [] if whose is None else [self.table.c.hospital == whose]

    def _told(self, refused: dict[str, Any]) -> dict[str, Any]:
        return {"service": self.running.name, **refused, "at": refused["at"].isoformat()}

    def _shown(self, row: Row[Any]) -> dict[str, Any]:
        shown = {name: row._mapping[name] for name in ("id", "hospital", "type", "subject", "reason")}
        source, trace = _origin(row)
        where = {"service": self.running.name, "source": source, "trace": trace}
        return where | shown | {"at": row.at.isoformat(), "kept": row.event is not None}


async def _note_look(running: Running, who: Caller, what: str, found: Sequence[dict[str, Any]]) -> None:
    """Each hospital learns who looked at what is its own, also where the key is of the whole deployment."""
    seen: dict[str, list[str]] = {} if found else {who.hospital: []}
    for one in found:
        mine = seen.setdefault(one["hospital"], [])
        if one["kept"] and kind_of(one["subject"]):
            mine.append(one["subject"])
    for hospital, about in seen.items():
        await running.access.looks.note(hospital, who.role, who.by, what, about)


def _whose(caller: Caller) -> str | None:
    """Whose dead ends somebody sees; None: all."""
    return None if caller.hospital == EVERY_HOSPITAL else caller.hospital


def _origin(row: Row[Any]) -> tuple[str, str]:
    """Where it came from, and by what it can be followed: the correlation, or the hash of a body."""
    if row.event is None:
        return "broker", row.id.partition("-")[0]
    event = opened(row.event.encode())
    kinds = {Timer: "timer", Letter: "mail", Command: "door"}
    source = next((name for kind, name in kinds.items() if isinstance(event.data, kind)), event.publisher)
    return source, event.correlation


def _envelope(body: str | None) -> dict[str, Any]:
    """Where in the stream it stood; nothing of what it holds."""
    try:
        event = read((body or "").encode())
    except Unreadable as unreadable:
        return {"readable": False, "unreadable": unreadable.reason}
    return {
        "readable": True,
        "publisher": event.publisher,
        "sequence": event.sequence,
        "time": event.time.isoformat(),
        "correlation": event.correlation,
        "cause": event.cause,
    }
