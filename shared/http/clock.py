"""Whether the clock of a service is believed, and the word of ops that it is right."""

from __future__ import annotations

from fastapi import APIRouter

from shared.http.answers import routes_of
from shared.http.terms import lets
from shared.service import Running


def router(running: Running) -> APIRouter:
    """The clock of one service, for ops of the whole deployment: it belongs to no hospital."""
    router = routes_of(prefix=f"/v1/ops/{running.name}/clock", tags=["ops"])
    held = running.engine.held

    @router.get("")
    @lets("ops", everywhere=True)
    async def state() -> dict[str, str | bool]:
        """What time it is here, and whether timers and letters wait because the clock jumped."""
        return {"service": running.name, "now": running.clock.now().isoformat(), "held": await held.holds()}

    @router.post("/accept")
    @lets("ops", everywhere=True)
    async def accept() -> dict[str, str | bool]:
        """The clock is right: what waited goes on, in every replica."""
        await held.accept()
        return {"service": running.name, "now": running.clock.now().isoformat(), "held": await held.holds()}

    return router
