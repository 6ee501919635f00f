"""Wiring of matching."""

from __future__ import annotations

from services.matching.doors.api import measure, router
from services.matching.protocol.domain import PROTOCOL
from services.matching.tables import STATES, metadata
from shared.service import Service

SERVICE = Service(protocol=PROTOCOL, metadata=metadata, states=STATES, router=router, gauges=measure)
