"""Reports as feeds send them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: A FHIR R4 AdverseEvent in the shape of the standard's own example: long ago, no department, one practitioner.
FHIR_R4: dict[str, Any] = {
    "resourceType": "AdverseEvent",
    "id": "example",
    "identifier": {"system": "http://acme.example/ids/risks", "value": "49476534"},
    "actuality": "actual",
    "category": [{"coding": [{"code": "product-use-error"}]}],
    "event": {"coding": [{"system": "http://snomed.info/sct", "code": "304386008"}]},
    "subject": {"reference": "Patient/example"},
    "date": "2017-01-29T12:34:56+00:00",
    "seriousness": {"coding": [{"code": "Non-serious"}]},
    "severity": {"coding": [{"code": "mild"}]},
    "recorder": {"reference": "Practitioner/example"},
    "suspectEntity": [{"instance": {"reference": "Medication/example"}}],
}


def calamity(hospital: str, *staff: str, number: str = "1", department: str = "icu") -> dict[str, Any]:
    """A calamity of an hour ago that these members of the staff were involved in, as a CloudEvent."""
    moment = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "urn:example:vim",
        "type": "naast.incident.reported.v1",
        "hospitalid": hospital,
        "data": {
            "hospital_id": hospital,
            "source": {"system": "vim", "report_id": number, "mapping": "vim@1"},
            "occurred_at": {"value": moment, "precision": "minute"},
            "reported_at": moment,
            "status": "new",
            "kind": "actual",
            "event_types": ["resuscitation"],
            "harm": "severe",
            "calamity": "yes",
            "department": department,
            "staff": [{"ref": ref, "role": "involved"} for ref in staff],
            "support_wish": "default",
            "anonymous": False,
        },
    }


def write(path: Path, document: Any) -> Path:
    """The document as a file."""
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
