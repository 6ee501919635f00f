"""naast as people run it: `naast up`, or `naast run <service>` several times, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from shared.messages import SERVICES
from tests.effort import PATIENCE
from tests.live import forked
from tests.servers.host import free_ports

SECRET = "a secret of the tests, long enough"


class Process:
    """One naast process, which may be killed, stopped and started again on the same port.

    What it says goes to `log`. `armed`: a crash point (shared/crashpoint.py) for one start only, as "name" or "name:n".
    """

    def __init__(self, arguments: tuple[str, ...], folder: Path, log: str, settings: Mapping[str, str]) -> None:
        (self.port,) = free_ports(1)
        self.arguments = arguments
        self.log = folder / f"{log}.log"
        self.settings = settings
        self.running: BaseProcess | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.is_alive()

    @property
    def given_up(self) -> bool:
        """Whether nobody will start it again."""
        return not self.alive

    def start(self, armed: str = "") -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("NAAST_")}
        given = {**self.settings, "PORT": str(self.port), **({"CRASH_AT": armed} if armed else {})}
        environment = own | {f"NAAST_{name}": value for name, value in given.items()}
        self.running = forked.naast(self.arguments, environment, self.log)

    async def ready(self) -> None:
        """Returns once it answers that it is ready. Raises RuntimeError with what it said when it never is."""
        deadline = time.monotonic() + PATIENCE
        while not (await self.health())[0]:
            if self.given_up or time.monotonic() > deadline:
                raise RuntimeError(f"{self.log.stem} does not start; it said:\n{self.said()[-3000:]}")
            await asyncio.sleep(0.05)

    async def health(self) -> tuple[bool, dict[str, str]]:
        """Whether it is ready, and the word of each part; nothing of it when it does not answer."""
        return await asyncio.to_thread(_health, f"{self.address}/health/ready")

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """As `kill -9` does."""
        if self.running is not None:
            self.running.kill()
            self.running.join()

    def ask_to_stop(self) -> None:
        assert self.running is not None
        self.running.terminate()

    async def stopped(self) -> int:
        """The exit code of the process that was asked to stop; another may have taken its place."""
        asked = self.running
        assert asked is not None
        async with asyncio.timeout(PATIENCE):
            while asked.exitcode is None:  # noqa: ASYNC110 - it looks from outside
                await asyncio.sleep(0.05)
        return asked.exitcode


def _health(url: str) -> tuple[bool, dict[str, str]]:
    try:
        with urlopen(url, timeout=10) as response:
            return True, json.load(response)["parts"]
    except HTTPError as error:
        with error:
            return False, json.load(error)["parts"]
    except (URLError, OSError):
        return False, {}


def up(folder: Path) -> Process:
    """All services in one process, at home in `folder`."""
    return Process(("up",), folder, "up", _settings(folder))


def replicas(folder: Path, amqp_url: str, database_url: str, times: int = 2) -> dict[str, list[Process]]:
    """So many processes of each service, on RabbitMQ and PostgreSQL; a feed of each other's address is the first's."""
    settings = _settings(folder) | {"AMQP_URL": amqp_url, "DATABASE_URL": database_url}
    found = {
        name: [Process(("run", name), folder, f"{name}-{n}", settings) for n in range(1, times + 1)]
        for name in SERVICES
    }
    settings["URL"] = ",".join(f"{name}={processes[0].address}" for name, processes in found.items())
    return found


def _settings(folder: Path) -> dict[str, str]:
    places = {"HOME": str(folder / "home"), "HOSPITALS": str(folder / "hospitals")}
    # A container may have an address of its own, which nobody else reaches.
    near = {"PRIVATE_NETWORK": "true", "PRIVATE_BROKER": "true"}
    return places | near | {"SECRET": SECRET, "LOG_LEVEL": "WARNING"}
