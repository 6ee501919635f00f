"""intake behind its door, with a staff list: Anna and Bram are nurses, Carla supports, Eva coordinates."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from services.intake.app import SERVICE
from services.intake.doors.people import import_staff
from shared.hospital import Hospital
from shared.ids import keyed_ref
from shared.testing import a_hospital
from tests.engine.door import Door, open_door

SETTLED = dict.fromkeys(("confidentiality", "sharing", "handover", "position"), "yes")
HEADER = (
    "staff_id,name,function,profession,department,site,manager,languages,mail,phone,channel,"
    "active,supporter,trained_on,intervisie_on"
)
ANNA = "1,Anna Marker,nurse,nurse,icu,,,nl,anna@example.org,+31 6 1,mail,yes,no,,"
BRAM = "2,Bram Marker,nurse,nurse,surgery,,1,en,bram@example.org,,mail,yes,no,,"
CARLA = "3,Carla Marker,nurse,nurse,surgery,,,nl,carla@example.org,+31 6 33333,mail,yes,yes,2025-01-01,"
EVA = "9,Eva Marker,coordinator,doctor,icu,,,nl,eva@example.org,,mail,yes,no,,"
EVERYBODY = ANNA.replace("+31 6 1,", "+31 6 11111,"), BRAM, CARLA, EVA


def staff_list(*rows: str) -> bytes:
    return "\n".join((HEADER, *(rows or EVERYBODY))).encode()


@asynccontextmanager
async def open_intake(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Door]:
    """Two hospitals that have settled everything, with one staff list."""
    async with open_door(SERVICE, request, folder) as door:
        hospitals = cast(dict[str, Hospital], door.running.hospitals)
        for id in ("example", "elsewhere"):
            hospitals[id] = a_hospital(id=id, answers=SETTLED, coordinators=("9",), deputies=("3",))
            await import_staff(door.running, id, staff_list())
        yield door


def ref(door: Door, staff_id: str) -> str:
    return keyed_ref("s", door.running.secret, "example", staff_id)


def canonical(*staff: str, **but: Any) -> dict[str, Any]:
    """A canonical report in a CloudEvent, after a death an hour ago; `data` in `but` replaces fields of the report."""
    data = {
        "hospital_id": "example",
        "source": {"system": "vim", "report_id": "2026-1", "revision": "1", "mapping": "vim@1"},
        "occurred_at": {"value": "2026-03-11T07:00:00Z", "precision": "minute"},
        "reported_at": "2026-03-11T08:00:00Z",
        "status": "new",
        "kind": "actual",
        "event_types": ["medication"],
        "harm": "death",
        "calamity": "no",
        "department": "icu",
        "staff": [{"ref": number, "role": "involved"} for number in staff],
        "support_wish": "default",
    }
    event = {"specversion": "1.0", "id": "e-1", "source": "urn:vim", "type": "naast.incident.reported.v1"}
    return event | {"hospitalid": "example", "data": data | but.pop("data", {})} | but


def version(n: int, *staff: str, number: str = "2026-1", **data: Any) -> dict[str, Any]:
    """The n-th version of a report."""
    source = {"system": "vim", "report_id": number, "revision": str(n), "mapping": "vim@1"}
    return canonical(*staff, data={"source": source, **data})


async def feed(door: Door, *reports: Any, kind: str = "application/json", who: dict[str, str] | None = None) -> Any:
    """Posts reports: one as it is, several as a list; bytes as they are. Returns the response."""
    key = who or await door.key("feed")
    body = reports[0] if len(reports) == 1 else list(reports)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await door.client.post("/v1/hospitals/example/incidents", content=raw, headers=key | {"Content-Type": kind})
