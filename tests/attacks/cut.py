"""A network that can be cut: what goes through it is lost without a word, as behind a switch that has died.

Two ends of a cable, one of them in a network namespace of its own; each connection goes through the namespace and back.
While the cable is down both ends send again what was not confirmed, and neither is told anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

#: The cable's two ends, and the network that they have for themselves.
HERE, THERE, NETWORK = "10.213.77.1", "10.213.77.2", 30
_NAME = "naast-cut"
_RELAY = """
import asyncio, sys
from tests.attacks.cut import relay
asyncio.run(relay(sys.argv[1], [tuple(map(int, pair.split(":"))) for pair in sys.argv[3:]], sys.argv[2]))
"""


@dataclass(frozen=True)
class Cable:
    """`ports`: by the port of a server, the port in the namespace by which it is reached."""

    ports: dict[int, int]

    def address(self, port: int) -> str:
        return f"{THERE}:{self.ports[port]}"

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[None]:
        _ip("link", "set", _NAME, "down")
        try:
            yield
        finally:
            _ip("link", "set", _NAME, "up")


@asynccontextmanager
async def cable(*servers: int) -> AsyncIterator[Cable]:
    """A way to these ports of this machine that can be cut; skips where none can be laid."""
    if not _laid():
        pytest.skip("no network namespace can be made here")
    ports = {port: 20_000 + n for n, port in enumerate(servers)}
    back = asyncio.create_task(relay(HERE, [(via, port) for port, via in ports.items()], "127.0.0.1"))
    pairs = [f"{via}:{via}" for via in ports.values()]
    command = ("ip", "netns", "exec", _NAME, sys.executable, "-c", _RELAY, THERE, HERE, *pairs)
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield Cable(ports)
    finally:
        process.kill()
        await process.wait()
        back.cancel()
        await asyncio.gather(back, return_exceptions=True)
        _taken_away()


def _laid() -> bool:
    _taken_away()
    try:
        _ip("netns", "add", _NAME)
        _ip("link", "add", _NAME, "type", "veth", "peer", "name", "far", "netns", _NAME)
        _ip("address", "add", f"{HERE}/{NETWORK}", "dev", _NAME)
        _ip("link", "set", _NAME, "up")
        _ip("-n", _NAME, "address", "add", f"{THERE}/{NETWORK}", "dev", "far")
        _ip("-n", _NAME, "link", "set", "far", "up")
    except (OSError, subprocess.CalledProcessError):
        _taken_away()
        return False
    return True


def _taken_away() -> None:
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        _ip("netns", "delete", _NAME)
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        _ip("link", "delete", _NAME)


def _ip(*words: str) -> None:
    subprocess.run(("ip", *words), check=True, capture_output=True)


async def relay(at: str, ports: list[tuple[int, int]], to: str) -> None:
    """Passes on what comes at these ports to ports of another address, and back; until it is cancelled."""

    async def serve(port: int, target: int) -> None:
        async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                there, back = await asyncio.open_connection(to, target)
                await asyncio.gather(_carry(reader, back), _carry(there, writer), return_exceptions=True)

        async with await asyncio.start_server(passed_on, at, port) as server:
            await server.serve_forever()

    await asyncio.gather(*(serve(port, target) for port, target in ports))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
