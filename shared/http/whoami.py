"""What a key says about its holder: hospital, role and person, and how that hospital speaks and counts time."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Header, HTTPException

from shared.http.access import Caller
from shared.service import Running

#: The hospital of a key that belongs to the whole deployment.
EVERY_HOSPITAL = "*"


async def holder(running: Running, authorization: str) -> Caller:
    """Whoever holds the key of an Authorization header. 401 without a good one."""
    scheme, _, token = authorization.partition(" ")
    found = await running.access.who(token.strip()) if scheme.lower() == "bearer" and token else None
    if found is None:
        raise HTTPException(
            401, {"error": "no_key", "hint": "Send 'Authorization: Bearer <key>'; `naast keys create` makes one."}
        )
    return found


def router(running: Running) -> APIRouter:
    """`GET /v1/whoami`."""
    router = APIRouter(tags=["ops"])

    @router.get("/v1/whoami")
    async def whoami(authorization: str = Header("")) -> dict[str, Any]:
        """Who holds this key."""
        found = await holder(running, authorization)
        settings = running.hospitals.get(found.hospital)
        return {
            "hospital": found.hospital,
            "role": found.role,
            "person": found.person,
            "case": found.case,
            "name": settings.name if settings else None,
            "timezone": settings.timezone if settings else None,
            "languages": list(settings.languages) if settings else [],
            "practice": settings.practice if settings else None,
        }

    return router
