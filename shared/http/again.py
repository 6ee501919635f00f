"""Ops has a service say again to another what that one may never have heard: after a queue or a backup was lost."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from shared.engine.again import say_again
from shared.http.access import EVERY_HOSPITAL
from shared.http.answers import Holder, gone, routes_of
from shared.http.terms import lets
from shared.service import Running

Hearer = Literal["intake", "matching", "followup", "training"]


def router(running: Running) -> APIRouter:
    """`POST /v1/ops/{service}/say-again`."""
    router = routes_of(prefix=f"/v1/ops/{running.name}", tags=["ops"])

    @router.post("/say-again")
    @lets("ops")
    async def again(
        who: Holder, to: Hearer, hospital: str, after: Annotated[int, Query(ge=0, le=2**53)] = 0
    ) -> dict[str, Any]:
        """The next part of what was said about a hospital. `next`: from where the part after it goes on."""
        if who.hospital not in (EVERY_HOSPITAL, hospital):
            raise gone()
        said, last = await say_again(running.engine, to, hospital, after)
        return {"said": said} | ({} if last is None else {"next": last})

    return router
