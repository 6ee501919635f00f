"""A canonical report and its envelope, and how a refusal looks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.canonical import STRUCTURED, Placed, Reject, Report

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)

MARKER = "Mevrouw-Jansen-viel"

REPORT: Mapping[str, Any] = {
    "hospital_id": "st-anna",
    "source": {"system": "triasweb", "report_id": "2026-0042", "revision": "1", "mapping": "vim-csv@1"},
    "occurred_at": {"value": "2026-06-01T23:30:00+02:00", "precision": "minute"},
    "reported_at": "2026-06-02T08:15:00Z",
    "status": "new",
    "kind": "actual",
    "event_types": ["medication"],
    "harm": "low",
    "risk": {"scheme": "sac", "code": "2"},
    "calamity": "no",
    "department": " 310",
    "staff": [{"ref": "100234", "role": "involved", "profession": "nurse"}],
    "support_wish": "default",
    "anonymous": False,
    "language": "nl",
}

ENVELOPE: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "abc",
    "source": "urn:peersupport:st-anna:vim",
    "type": "nl.peersupport.incident.reported.v1",
    "hospitalid": "st-anna",
    "time": "2026-06-02T08:15:00Z",
}

GOOD = Report.model_validate(REPORT)


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def event(data: object = REPORT, **changes: object) -> dict[str, object]:
    return dict(ENVELOPE) | {"data": data} | changes


def changed(path: str, value: object) -> dict[str, Any]:
    """The report with one field, such as `source.mapping`, given another value."""
    copy: dict[str, Any] = json.loads(json.dumps(REPORT))
    *way, last = path.split(".")
    place: Any = copy
    for step in way:
        place = place[int(step)] if step.isdecimal() else place[step]
    place[last] = value
    return copy


def read(*given: Any) -> list[Report | Reject]:
    return [one.report if isinstance(one, Placed) else one for one in canonical.read(*given)]


def read_any(*given: Any, **more: Any) -> list[Report | Reject]:
    return [one.report if isinstance(one, Placed) else one for one in canonical.read_any(*given, **more)]


def structured(value: object) -> list[Report | Reject]:
    return read(body(value), {"Content-Type": STRUCTURED + "; charset=utf-8"}, "st-anna", NOW)


def file(raw: bytes, content_type: str = "") -> list[Report | Reject]:
    return read_any(raw, content_type, "st-anna", NOW)


def reasons(found: list[Report | Reject]) -> list[str]:
    return [f"{one.reason} {one.path}".strip() if isinstance(one, Reject) else "taken" for one in found]
