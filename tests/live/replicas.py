"""The four services as processes of their own: started, killed, and started again as an orchestrator would."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from shared.messages import SERVICES
from tests.servers.host import free_ports

_NAAST = "from services.cli.main import main; main()"
_START_SECONDS = 60


class Replica:
    """One process of one service, on a port that stays the same."""

    def __init__(self, service: str, port: int, environment: Mapping[str, str], log: Path) -> None:
        self.service, self.port, self.environment, self.log = service, port, environment, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, crash_at: str = "") -> None:
        """crash_at: a named point of shared/crashpoint.py at which it ends at once, as "name:n" for the n-th time."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _NAAST, "run", self.service],
                env={**self.environment, "NAAST_PORT": str(self.port), "NAAST_CRASH_AT": crash_at},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def replace(self, crash_at: str) -> None:
        """Another process takes its place, which will end at the named point."""
        self.kill()
        assert self.process is not None
        self.process.wait()
        self.start(crash_at)

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    async def ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not await asyncio.to_thread(self._answers):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.service} is not ready: {self.log.read_text(errors='replace')[-2000:]}")
            await asyncio.sleep(0.1)

    async def ended(self) -> int:
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, 30)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    async def stop(self) -> int:
        """A polite end, as of a rolling restart. Gives the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as response:
                return bool(response.status == 200)
        except (URLError, OSError):
            return False


class Replicas:
    """Two replicas of each service; a context manager. Whatever dies is started again. `of` are the first ones."""

    def __init__(self, folder: Path, **settings: str) -> None:
        found = free_ports(2 * len(SERVICES))
        ports, more = (
            dict(zip(SERVICES, half, strict=True)) for half in (found[: len(SERVICES)], found[len(SERVICES) :])
        )
        own = {name: value for name, value in os.environ.items() if not name.startswith("NAAST_")}
        settings["URL"] = ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in ports.items())
        environment = own | {f"NAAST_{name}": value for name, value in settings.items()}
        self.of = {name: Replica(name, port, environment, folder / f"{name}.log") for name, port in ports.items()}
        seconds = [Replica(name, port, environment, folder / f"{name}-2.log") for name, port in more.items()]
        self.all = [*self.of.values(), *seconds]
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
        for replica in self.all:
            if not replica.is_dead:
                await replica.stop()

    async def ready(self) -> None:
        await asyncio.gather(*(replica.ready() for replica in self.all))

    async def _keep_alive(self) -> None:
        while True:
            for replica in self.all:
                if replica.is_dead:
                    self.deaths += 1
                    replica.start()
            await asyncio.sleep(0.1)
