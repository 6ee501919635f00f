"""Whatever a key asks for within its rights, health is answered and another hospital's report is taken meanwhile.

Each flood is one that takes long by itself. How long others wait is held against how long they wait at rest, and how
crowded the machine is, in the same run: that it has much else to do is no failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.attacks.floods import Waits, a_line, beside, crowded, reports
from tests.effort import effort
from tests.live import deployment as places
from tests.live.deployment import Deployment, Keys
from tests.live.hospital import SUPPORTERS, TRAINER, write_hospital

HERE, THERE = "here", "there"
#: Seconds on a machine that does nothing else: health, and a report of another hospital.
HEALTH, REPORT = 0.25, 1.0
#: Of so many waits one may be longer: the machine does other things too.
ONE_IN = 50

Flood = Callable[[httpx.AsyncClient, Keys], Awaitable[None]]


async def _send(client: httpx.AsyncClient, key: str, path: str, body: bytes, *expected: int) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = await client.post(f"/v1/hospitals/{HERE}/{path}", content=body, headers=headers)
    assert answer.status_code in expected, answer.text


async def a_year_in_one_body(client: httpx.AsyncClient, keys: Keys) -> None:
    await _send(client, keys.feed, "incidents", reports(HERE, effort(1000, 10_000)), 202)


async def one_by_one_as_fast_as_it_goes(client: httpx.AsyncClient, keys: Keys) -> None:
    bodies = [reports(HERE, 1, f"single-{n}") for n in range(400)]
    await asyncio.gather(*(_send(client, keys.feed, "incidents", body, 202, 429) for body in bodies))


async def nothing_that_can_be_read(client: httpx.AsyncClient, keys: Keys) -> None:
    await _send(client, keys.feed, "incidents", b"x y\n" * 2_000_000, 400)
    await _send(client, keys.feed, "incidents", b"[" + b",".join([b"{}"] * 9_999) + b"]", 400)
    await _send(client, keys.feed, "incidents", b"[" * 8_000_000, 400)


async def a_line_of_managers(client: httpx.AsyncClient, keys: Keys) -> None:
    await _send(client, keys.coordinator, "staff", a_line(effort(1000, 10_000)), 200)


async def everything_there_is_to_read(client: httpx.AsyncClient, keys: Keys) -> None:
    """By whoever reads: again and again, until there is no more in the budget."""
    readers = [keys.coordinator, keys.by_number[TRAINER], *(keys.by_number[one] for one in SUPPORTERS)]
    paths = ("reports?limit=1000", "staff", "quarantine?limit=1000", "access-log?limit=1000")
    asked = [
        client.get(f"/v1/hospitals/{HERE}/{path}", headers={"Authorization": f"Bearer {key}"})
        for key in readers
        for path in paths * 3
    ]
    assert {one.status_code for one in await asyncio.gather(*asked)} <= {200, 403, 429}


FLOODS: tuple[Flood, ...] = (
    a_year_in_one_body,
    one_by_one_as_fast_as_it_goes,
    nothing_that_can_be_read,
    a_line_of_managers,
    everything_there_is_to_read,
)


async def rest(client: httpx.AsyncClient, keys: Keys) -> None:
    await asyncio.sleep(2)


@asynccontextmanager
async def open_to_floods(house: Deployment, folder: Path) -> AsyncIterator[dict[str, Keys]]:
    for id in (HERE, THERE):
        write_hospital(folder / "hospitals", id)
    try:
        await house.start()
        yield {id: await house.make_keys(id) for id in (HERE, THERE)}
    finally:
        await house.close()


async def flooded(house: Deployment, keys: dict[str, Keys], flood: Flood) -> Waits:
    address = house.of["intake"][0].address
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits) as client:
        return await beside(house, keys[THERE], "intake", lambda: flood(client, keys[HERE]), flood.__name__)


def usual(waits: list[float]) -> float:
    """The longest, but for one in so many."""
    return sorted(waits)[-1 - len(waits) // ONE_IN]


async def nobody_waits(house: Deployment, keys: dict[str, Keys]) -> None:
    at_rest = await flooded(house, keys, rest)
    health, report = usual(at_rest.health), usual(at_rest.report)
    print(f"at rest: health {health * 1000:.0f} ms, report {report * 1000:.0f} ms")
    late: dict[str, tuple[float, float, float]] = {}
    for flood in FLOODS:
        before = crowded()
        waits = await flooded(house, keys, flood)
        found, slow = (usual(waits.health), usual(waits.report)), max(before, crowded())
        print(f"{flood.__name__}: health {found[0] * 1000:.0f} ms, report {found[1] * 1000:.0f} ms, crowded {slow:.1f}")
        if found[0] > health + HEALTH * slow or found[1] > report + REPORT * slow:
            late[flood.__name__] = *found, slow
    assert late == {}, (health, report)


@pytest.mark.thorough
async def test_in_a_house_nobody_waits_for_somebody_elses_load(tmp_path: Path) -> None:
    house = places.embedded(tmp_path)
    async with open_to_floods(house, tmp_path) as keys:
        await nobody_waits(house, keys)


async def test_at_a_replica_nobody_waits_for_somebody_elses_load(
    tmp_path: Path, amqp_url: str, postgres_url: str
) -> None:
    house = places.distributed(tmp_path, amqp_url, postgres_url, replicas=1)
    async with open_to_floods(house, tmp_path) as keys:
        await nobody_waits(house, keys)
