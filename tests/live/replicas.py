"""The four services as processes of their own: started, killed, and started again as an orchestrator would."""

from __future__ import annotations

import asyncio
from pathlib import Path

from shared.messages import SERVICES
from tests.live.processes import Process


class Replica(Process):
    """One process of one service, which somebody starts again whenever it ends."""

    given_up = False

    def __init__(self, service: str, folder: Path, log: str, settings: dict[str, str]) -> None:
        super().__init__(("run", service), folder, log, settings)
        self.service = service

    def replace(self, crash_at: str) -> None:
        """Another process takes its place, which will end at the named point."""
        self.kill()
        self.start(crash_at)

    async def stop(self) -> int:
        """A polite end, as of a rolling restart. Gives the exit code."""
        self.ask_to_stop()
        return await self.stopped()


class Replicas:
    """Two replicas of each service; a context manager. Whatever dies is started again. `of` are the first ones."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.of = {name: Replica(name, folder, name, settings) for name in SERVICES}
        self.all = [*self.of.values(), *(Replica(name, folder, f"{name}-2", settings) for name in SERVICES)]
        settings["URL"] = ",".join(f"{name}={first.address}" for name, first in self.of.items())
        self.deaths = 0
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Replicas:
        for replica in self.all:
            replica.start()
        await self.ready()
        self._keeper = asyncio.create_task(self._keep_alive())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._keeper is not None
        self._keeper.cancel()
        running = [replica for replica in self.all if replica.alive]
        for replica in running:
            replica.ask_to_stop()
        await asyncio.gather(*(replica.stopped() for replica in running))

    async def ready(self) -> None:
        await asyncio.gather(*(replica.ready() for replica in self.all))

    async def _keep_alive(self) -> None:
        while True:
            for replica in self.all:
                if not replica.alive:
                    self.deaths += 1
                    replica.start()
            await asyncio.sleep(0.05)
