"""Wiring of intake."""

from __future__ import annotations

from services.intake.api import router
from services.intake.domain import PROTOCOL
from services.intake.doors import door
from services.intake.erasure import forget
from services.intake.notices import carrier
from services.intake.tables import STATES, metadata
from shared.service import Service

SERVICE = Service(
    protocol=PROTOCOL, metadata=metadata, states=STATES, router=router, carrier=carrier, door=door, forget=forget
)
