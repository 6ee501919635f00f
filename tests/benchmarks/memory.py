"""Resident memory: of each service after load, and of an embedded house that took reports and made matches."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from shared.ids import keyed_ref
from tests.benchmarks import hospitals
from tests.benchmarks.fleet import Command, Fleet
from tests.benchmarks.product import NAAST, environment
from tests.benchmarks.wire import Wire
from tests.servers.host import free_ports

REPORTS = 300


async def embedded(folder: Path, say: Callable[[str], None]) -> float:
    """MB of `naast run all` after a few hundred cases on SQLite."""
    hospitals.write_folders(folder / "hospitals")
    (port,) = free_ports(1)
    settings = environment(folder, PORT=str(port), SECRET=hospitals.SECRET)
    async with Fleet({"embedded": Command(("-c", NAAST, "run", "all"), settings, port)}, folder) as fleet:
        wire = Wire(port, most=4)
        key = await _key(folder, "coordinator", "s-coordinator")
        id = hospitals.IDS[0]
        await wire.post(f"/v1/hospitals/{id}/staff", key, hospitals.staff_list(), "text/csv")
        await _hand_in(wire, id, key)
        await _say_yes(wire, id, folder)
        say("memory: the embedded house has worked")
        mb = fleet.rss_mb()["embedded"]
        await wire.close()
    return mb


async def _hand_in(wire: Wire, id: str, key: str) -> None:
    for number in range(0, REPORTS * hospitals.HOSPITALS, hospitals.HOSPITALS):
        _, _, event = hospitals.report(number, "embedded")
        await wire.post(f"/v1/hospitals/{id}/incidents", key, hospitals.as_json(event), "application/cloudevents+json")


async def _say_yes(wire: Wire, id: str, folder: Path) -> None:
    for one in hospitals.everybody():
        if one.supporter:
            token = await _key(folder, "supporter", keyed_ref("s", hospitals.SECRET, id, one.number))
            asks = json.loads(await wire.get(f"/v1/hospitals/{id}/asks", token))["asks"]
            for ask in asks:
                await wire.post(f"/v1/hospitals/{id}/cases/{ask['case']}/ask/accept", token)
    await asyncio.sleep(1)


async def _key(folder: Path, role: str, person: str) -> str:
    """A key for the first hospital, made beside the house that runs."""
    from shared.clock import WallClock
    from shared.db import Database
    from shared.http.access import Access

    access = Access(Database(f"sqlite:///{folder / 'home' / 'access.sqlite'}", "access"), WallClock())
    token = await access.make_key(hospitals.IDS[0], role, person)  # type: ignore[arg-type]
    await access.database.close()
    return token
