"""Where a server runs: what a container and a process of this machine have in common."""

import contextlib
import os
import random
import socket
import subprocess
from typing import Any, Protocol

START_SECONDS = 300  # only one that never starts takes so long
FIRST_PORT = 10_000
EPHEMERAL_PORTS_START = 32768  # above it the system hands out ports to others while a server is down


class ServerMissing(RuntimeError):
    """No such server can be had here; says in one line what to install."""


class Host(Protocol):
    """Where a server runs, and how it goes away and comes back with the same data on the same port."""

    address: str
    port: int

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...
    def run(self, *command: str) -> None:
        """Run one of the server's own tools beside it; raises when it fails."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses, that the system does not hand out, and that no other process of this run looks at."""
    found: list[int] = []
    for port in random.SystemRandom().sample(_own_ports(), len(_own_ports())):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise ServerMissing(f"no free ports between {FIRST_PORT} and {EPHEMERAL_PORTS_START}")


def _own_ports() -> range:
    """Each process of a run has every n-th port: a port that is free now is taken only when its server starts."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")) + 1
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    return range(FIRST_PORT + own, EPHEMERAL_PORTS_START, processes)


def run_quietly(*command: str, **options: Any) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, **options)
