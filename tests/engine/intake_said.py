"""What several tests of the doors of intake share."""

from __future__ import annotations

from typing import get_args

from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.messages import Role
from tests.engine.door import Door

ROLES: tuple[Role, ...] = get_args(Role)

#: HL7's example, without its narrative, which would not pass anyhow.
FHIR = {
    "resourceType": "AdverseEvent",
    "id": "example",
    "identifier": {"system": "http://acme.com/ids/patients/risks", "value": "49476534"},
    "actuality": "actual",
    "event": {"coding": [{"system": "http://snomed.info/sct", "code": "304386008"}], "text": "Marker on the forearm"},
    "subject": {"reference": "Patient/marker"},
    "date": "2017-01-29T12:34:56+00:00",
    "severity": {"coding": [{"code": "mild"}]},
    "recorder": {"reference": "Practitioner/example"},
}


async def links(door: Door) -> dict[str, Link]:
    """The cases there are, by staff ref."""
    async with door.running.database.read() as c:
        return {link.staff: link for link in (await read_all(c, Link, "example")).values()}
