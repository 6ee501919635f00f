"""What a key says about its holder: hospital, role and person, and how that hospital speaks and counts time."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from shared.http.answers import Holder, routes_of
from shared.http.terms import EVERY_ROLE, lets
from shared.service import Running


def router(running: Running) -> APIRouter:
    """`GET /v1/whoami`."""
    router = routes_of(tags=["ops"])

    @router.get("/v1/whoami")
    @lets(*EVERY_ROLE, link=True)
    async def whoami(found: Holder) -> dict[str, Any]:
        """Who holds this key."""
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
