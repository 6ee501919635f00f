"""Wiring of training."""

from __future__ import annotations

from services.training.doors.api import router
from services.training.protocol.domain import PROTOCOL
from services.training.tables import STATES, metadata
from shared.service import Service

SERVICE = Service(protocol=PROTOCOL, metadata=metadata, states=STATES, router=router)
