"""Who coordinates now and can be reached: those on duty, else any coordinator, else any deputy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.intake import tables
from services.intake.tables import Contact
from shared.db import Transaction
from shared.hospital import Hospital


async def reachable(c: Transaction, hospital: Hospital, now: datetime, by: Callable[[Contact], str]) -> list[Contact]:
    """Whoever of the first of these groups has what it takes to be reached, in the order of the settings."""
    on_duty = hospital.on_duty(now.astimezone(hospital.tz).date())
    for staff_ids in (on_duty, hospital.coordinators, hospital.deputies):
        found = (await tables.read_contacts_by_id(c, hospital.id, staff_ids)).values()
        able = [one for one in found if by(one)]
        if able:
            return sorted(able, key=lambda one: staff_ids.index(one.staff_id))
    return []
