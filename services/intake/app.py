"""Wiring of intake."""

from __future__ import annotations

from services.intake.doors.api import router
from services.intake.doors.feeds.refusals import Refused
from services.intake.doors.feeds.reports import door
from services.intake.doors.forgetting import end_links, forget
from services.intake.doors.leavers import shelves
from services.intake.doors.mail.notices import MailCarrier
from services.intake.protocol.domain import PROTOCOL
from services.intake.tables import STATES, metadata
from shared.service import Service

SERVICE = Service(
    protocol=PROTOCOL,
    metadata=metadata,
    states=STATES,
    router=router,
    carrier=MailCarrier,
    door=door,
    forget=forget,
    after=end_links,
    refusals=Refused,
    shelves=shelves,
)
