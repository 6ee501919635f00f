"""Wiring of followup."""

from __future__ import annotations

from services.followup.doors.api import measure, router
from services.followup.protocol.domain import PROTOCOL
from services.followup.tables import SHELVES, STATES, TIMELINE, forget, metadata
from shared.service import Service

SERVICE = Service(
    protocol=PROTOCOL,
    metadata=metadata,
    states=STATES,
    router=router,
    view=TIMELINE,
    forget=lambda running: forget,
    gauges=measure,
    shelves=lambda running: SHELVES,
)
