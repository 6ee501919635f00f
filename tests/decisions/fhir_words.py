"""A FHIR R4 AdverseEvent and the report that it becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.canonical import Placed, Reject, Report
from services.intake.doors.feeds.report import Occurred, Person, Source

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)

MARKER = "Mevrouw-Jansen-viel"

EVENT: dict[str, Any] = {
    "resourceType": "AdverseEvent",
    "id": "vim-42",
    "identifier": {"system": "urn:vim", "value": "42"},
    "actuality": "actual",
    "event": {"coding": [{"system": "urn:naast:event-type", "code": "fall"}]},
    "subject": {"reference": "Patient/1"},
    "date": "2026-06-01T23:30:00+02:00",
    "recordedDate": "2026-06-02T08:15:00Z",
    "location": {"reference": "Location/IC"},
    "recorder": {"reference": "Practitioner/100234"},
}

GOOD = Report(
    hospital_id="st-anna",
    source=Source(system="urn:vim", report_id="42", mapping="fhir-r4@1"),
    occurred_at=Occurred.model_validate({"value": "2026-06-01T23:30:00+02:00", "precision": "minute"}),
    reported_at="2026-06-02T08:15:00Z",  # type: ignore[arg-type]
    status="new",
    kind="actual",
    event_types=["fall"],  # type: ignore[arg-type]
    harm="unknown",
    calamity="unknown",
    department="IC",
    staff=(Person(ref="100234", role="reporter"),),
    support_wish="default",
)


def read_any(raw: bytes, content_type: str, hospital: str, received_at: datetime) -> list[Report | Reject]:
    found = canonical.read_any(raw, content_type, hospital, received_at)
    return [one.report if isinstance(one, Placed) else one for one in found]


def taken(resource: object, content_type: str = "application/fhir+json") -> list[Report | Reject]:
    return read_any(json.dumps(resource).encode(), content_type, "st-anna", NOW)


def one(**changes: object) -> Report | Reject:
    """What the event gives with these fields changed; None leaves a field out."""
    changed = {name: value for name, value in (EVENT | changes).items() if value is not None}
    [found] = taken(changed)
    return found


def extension(name: str, code: str) -> list[dict[str, str]]:
    return [{"url": f"urn:naast:{name}", "valueCode": code}]
