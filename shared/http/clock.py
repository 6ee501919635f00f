"""Whether the clock of a service is believed, and the word of ops that it is right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from shared.http.access import EVERY_HOSPITAL, Caller
from shared.http.answers import Holder, gone, only, routes_of
from shared.service import Running


async def operator(caller: Holder) -> Caller:
    """Ops of the whole deployment: a clock belongs to no hospital."""
    only(caller, "ops")
    if caller.hospital != EVERY_HOSPITAL:
        raise gone()
    return caller


Operator = Annotated[Caller, Depends(operator)]


def router(running: Running) -> APIRouter:
    """The clock of one service."""
    router = routes_of(prefix=f"/v1/ops/{running.name}/clock", tags=["ops"])
    held = running.engine.held

    @router.get("")
    async def state(who: Operator) -> dict[str, str | bool]:
        """What time it is here, and whether timers and letters wait because the clock jumped."""
        return {"service": running.name, "now": running.clock.now().isoformat(), "held": await held.holds()}

    @router.post("/accept")
    async def accept(who: Operator) -> dict[str, str | bool]:
        """The clock is right: what waited goes on, in every replica."""
        await held.accept()
        return {"service": running.name, "now": running.clock.now().isoformat(), "held": await held.holds()}

    return router
