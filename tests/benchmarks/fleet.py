"""Services as separate processes: started, found ready, weighed and stopped."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

import psutil

START_SECONDS = 60


@dataclass(frozen=True)
class Command:
    """How to start one process, and the port at which it answers for its health."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int


class Fleet:
    """Processes by name; a context manager that starts and stops them. What they say goes to `folder`/<name>.log."""

    def __init__(self, commands: Mapping[str, Command], folder: Path) -> None:
        self.commands = commands
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    async def __aenter__(self) -> Self:
        try:
            for name, command in self.commands.items():
                self._start(name, command)
            for name in self.commands:
                await self._ready(name)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stop()

    def rss_mb(self) -> dict[str, float]:
        """Resident memory of each process, in MB of 2^20 bytes, as `ps` and `docker stats` count."""
        return {name: psutil.Process(one.pid).memory_info().rss / 2**20 for name, one in self.processes.items()}

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time that each process has used."""
        used = {name: psutil.Process(one.pid).cpu_times() for name, one in self.processes.items()}
        return {name: times.user + times.system for name, times in used.items()}

    def _start(self, name: str, command: Command) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command.arguments],
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _ready(self, name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not await asyncio.to_thread(_answers, self.commands[name].port):
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                said = (self.folder / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"{name} does not start; it said:\n{said[-3000:]}")
            await asyncio.sleep(0.2)

    async def _stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                await asyncio.to_thread(process.wait, 30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
