"""Wiring of followup."""

from __future__ import annotations

from services.followup.doors.api import measure, router
from services.followup.protocol.domain import PROTOCOL
from services.followup.tables import STATES, forget, metadata, remember
from shared.service import Service

SERVICE = Service(
    protocol=PROTOCOL,
    metadata=metadata,
    states=STATES,
    router=router,
    after=remember,
    forget=lambda running: forget,
    gauges=measure,
)
