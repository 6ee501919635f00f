"""The embedded house: all services in one process, SQLite in `home`, one process at a time."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
from sqlalchemy import func, select

from services.house.erasure import erase_again
from services.house.parts import HouseError, Parts, parts, services, start_service
from services.house.ready import keys_of, work_of
from services.house.serving import forwarded, make_app, until_stopped
from shared import private
from shared.bus.local import LocalBus
from shared.clock import Clock
from shared.http import access as access_module
from shared.http.readiness import Readiness
from shared.http.server import server_of
from shared.messages import SERVICES
from shared.migrate import upgrade
from shared.service import Running, Service
from shared.settings import Settings


class House:
    """All services in one process."""

    def __init__(self, common: Parts, pairs: list[tuple[Service, Running]], lock: int) -> None:
        self.common = common
        self.services = {service.name: running for service, running in pairs}
        self._lock = lock
        carriers = [service.carrier(running) for service, running in pairs if service.carrier is not None]
        engines = {name: running.engine for name, running in self.services.items()}
        self.bus = LocalBus(engines, common.clock, common.metrics, carriers[0] if carriers else None)
        checks = {f"{name}_database": work_of(running) for name, running in self.services.items()}
        self.app = make_app(pairs, Readiness(checks | {"keys": keys_of(common)}))
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=common.settings.public_url)

    async def forward(
        self, method: str, path: str, token: str, body: Any, once: str
    ) -> tuple[int, dict[str, str], bytes]:
        """A request to ourselves, in the name of whoever holds the token."""
        return await forwarded(self.client, method, path, token, body, once)

    async def settle(self) -> None:
        """Works until nothing is due now."""
        await self.bus.settle()

    async def waiting(self) -> int:
        """How many clocks and letters wait for their moment."""
        return sum([await _waiting(running) for running in self.services.values()])

    async def serve(self, stop: asyncio.Event) -> None:
        """HTTP and the bus on the wall clock, until `stop`."""
        settings = self.common.settings
        server = server_of(self.app, settings)
        address = settings.home / "url"
        private.write(address, f"http://{settings.host}:{settings.port}")
        try:
            await until_stopped(stop, server, self.bus.run(stop))
        finally:
            address.unlink(missing_ok=True)

    async def close(self) -> None:
        await self.bus.close()
        await self.client.aclose()
        for running in self.services.values():
            await running.database.close()
        await self.common.access.database.close()
        os.close(self._lock)


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    seed: int | None = None,
    tools: dict[str, Any] | None = None,
) -> AsyncIterator[House]:
    """Opens the embedded house in `settings.home`, delivers what was on its way when it was last closed, and closes it
    again.
    """
    private.folder(settings.home)
    lock = _lock(settings.home)
    common = parts(settings, clock, seed, tools)
    await upgrade(common.access.database, "shared", access_module.metadata)
    box: list[House] = []

    async def forward(method: str, path: str, token: str, body: Any, once: str) -> tuple[int, dict[str, str], bytes]:
        return await box[0].forward(method, path, token, body, once)

    pairs = [(s, await start_service(s, common, SERVICES, forward)) for s in services()]
    house = House(common, pairs, lock)
    box.append(house)
    try:
        for running in house.services.values():
            await erase_again(running)
        await house.bus.start()
        yield house
    finally:
        await house.close()


def _lock(home: Path) -> int:
    """One process at a time works in a house."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise HouseError(f"Another process works in {home}; wait for it, or stop it.") from error
    return descriptor


async def _waiting(running: Running) -> int:
    pending = running.engine.store.t.pending
    own = select(func.count()).where(pending.c.destination.in_((running.name, "mail")))
    async with running.database.read() as c:
        return int((await c.execute(own)).scalar_one())
