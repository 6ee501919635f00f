"""naast at work, in one process or in many, with a hospital in it; and the doors by which people and feeds come in."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from services.house import routes
from shared.ids import keyed_ref
from shared.messages import SERVICES, Role
from tests.effort import PATIENCE
from tests.live import processes
from tests.live.books import Books
from tests.live.hospital import COORDINATOR, DEPUTY, SUPPORTERS, TRAINER, everybody
from tests.live.processes import SECRET, Process

STAFF: tuple[tuple[str, Role], ...] = (
    (COORDINATOR, "coordinator"),
    (TRAINER, "trainer"),
    (DEPUTY, "coordinator"),
    *((number, "supporter") for number in SUPPORTERS),
)


@dataclass
class Deployment:
    """`of`: the processes of each service; an embedded house is the one process of all of them."""

    of: Mapping[str, Sequence[Process]]
    books: Books
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))

    def __post_init__(self) -> None:
        self._turns: dict[str, Iterator[Process]] = {name: itertools.cycle(those) for name, those in self.of.items()}

    @property
    def processes(self) -> list[Process]:
        return list(dict.fromkeys(process for those in self.of.values() for process in those))

    async def start(self) -> None:
        for process in self.processes:
            process.start()
        await asyncio.gather(*(process.ready() for process in self.processes))

    async def close(self) -> None:
        await self.client.aclose()
        await self.books.close()
        running = [process for process in self.processes if process.alive]
        for process in running:
            process.ask_to_stop()
        await asyncio.gather(*(process.stopped() for process in running))

    async def request(
        self,
        method: str,
        path: str,
        key: str,
        content: bytes | None = None,
        kind: str = "application/json",
        once: str = "",
    ) -> httpx.Response:
        """Sends it to the replicas in turn, and the same again until one of them answers."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
        headers |= {"Idempotency-Key": once} if once else {}
        deadline = time.monotonic() + PATIENCE
        while True:
            address = next(self._turns[routes.owner(method, path)]).address
            try:
                response = await self.client.request(method, address + path, content=content, headers=headers)
                if response.status_code != 503:
                    return response
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody answers {method} {path}")
            await asyncio.sleep(0.05)

    async def make_keys(self, hospital: str) -> Keys:
        """Keys for everybody who has one."""
        keys, access = Keys(hospital), self.books.access()
        for number, role in STAFF:
            keys.by_number[number] = await access.make_key(hospital, role, keys.ref(number))
        keys.feed = await access.make_key(hospital, "feed")
        return keys


@dataclass
class Keys:
    """Who may come in at one hospital; refs are those that the secret of the tests gives."""

    hospital: str
    by_number: dict[str, str] = field(default_factory=dict)
    feed: str = ""

    @property
    def coordinator(self) -> str:
        return self.by_number[COORDINATOR]

    def ref(self, number: str) -> str:
        return keyed_ref("s", SECRET, self.hospital, number)

    def refs(self) -> dict[str, str]:
        """The staff number of each ref."""
        return {self.ref(one.number): one.number for one in everybody()}

    def number(self, ref: str) -> str:
        return self.refs()[ref]


def embedded(folder: Path) -> Deployment:
    process = processes.up(folder)
    home = folder / "home"
    return Deployment({name: [process] for name in SERVICES}, Books(lambda name: f"sqlite:///{home / name}.sqlite"))


def distributed(folder: Path, amqp_url: str, database_url: str, replicas: int = 2) -> Deployment:
    return Deployment(processes.replicas(folder, amqp_url, database_url, replicas), Books(lambda name: database_url))
