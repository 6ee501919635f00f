"""What a key can ask for that takes long, and how long others wait meanwhile."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from tests.live.deployment import Deployment, Keys

#: Seconds between two looks.
_PAUSE = 0.02


def reports(hospital: str, count: int, name: str = "flood") -> bytes:
    """So many reports in one body: of long ago, and they name nobody, so each waits for the coordinator."""
    return json.dumps([_report(hospital, f"{name}-{n}") for n in range(count)]).encode()


def _report(hospital: str, number: str) -> dict[str, Any]:
    return {
        "hospital_id": hospital,
        "source": {"system": "vim", "report_id": number, "mapping": "vim@1"},
        "occurred_at": {"value": "2024-01-10T09:00:00Z", "precision": "minute"},
        "reported_at": "2024-01-10T10:00:00Z",
        "status": "new",
        "kind": "actual",
        "event_types": ["resuscitation"],
        "harm": "severe",
        "calamity": "no",
        "department": "icu",
        "staff": [],
        "support_wish": "default",
    }


def a_line(count: int) -> bytes:
    """A staff list of so many people, of whom each is the manager of the next."""
    text = io.StringIO()
    rows = csv.writer(text)
    head = "staff_id,name,function,profession,department,site,manager,languages,mail,phone,channel,active,supporter"
    rows.writerow([*head.split(","), "trained_on", "intervisie_on"])
    for n in range(count):
        above = str(10_000 + n - 1) if n else ""
        own = (10_000 + n, "N N", "", "nurse", "icu", "", above, "nl", "n@example.org", "", "mail", "yes", "no", "", "")
        rows.writerow(own)
    return text.getvalue().encode()


@dataclass
class Waits:
    """How long others waited, in seconds, of each kind of request."""

    health: list[float] = field(default_factory=list)
    report: list[float] = field(default_factory=list)


def crowded() -> float:
    """How many times longer work takes now than on a machine that does nothing else."""
    begun, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 0.1:
        pass
    return max(1.0, (time.perf_counter() - begun) / (time.process_time() - used))


async def beside(
    house: Deployment, other: Keys, service: str, flood: Callable[[], Awaitable[object]], name: str
) -> Waits:
    """What health and another hospital's reports wait for while the flood goes on."""
    waits, over = Waits(), asyncio.Event()
    address = house.of[service][0].address
    looking = [asyncio.create_task(_health(address, waits, over))]
    if service == "intake":
        looking.append(asyncio.create_task(_reports(address, other, waits, over, name)))
    try:
        await flood()
        await asyncio.sleep(0.5)
    finally:
        over.set()
        await asyncio.gather(*looking)
    return waits


async def _health(address: str, waits: Waits, over: asyncio.Event) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        while not over.is_set():
            begun = time.perf_counter()
            assert (await client.get("/health/live")).status_code == 200
            waits.health.append(time.perf_counter() - begun)
            await asyncio.sleep(_PAUSE)


async def _reports(address: str, other: Keys, waits: Waits, over: asyncio.Event, name: str) -> None:
    headers = {"Authorization": f"Bearer {other.feed}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=address, timeout=120, headers=headers) as client:
        n = 0
        while not over.is_set():
            n += 1
            body = reports(other.hospital, 1, f"{name}-other-{n}")
            begun = time.perf_counter()
            answer = await client.post(f"/v1/hospitals/{other.hospital}/incidents", content=body)
            assert answer.json()["taken"] == 1, answer.text
            waits.report.append(time.perf_counter() - begun)
            await asyncio.sleep(0.2)
