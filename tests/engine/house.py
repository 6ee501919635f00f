"""A matching and an intake that hear each other over one of the two buses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

import aio_pika

from shared.bus import topology
from shared.bus.letters import Send
from shared.bus.local import LocalBus
from shared.bus.rabbit import RabbitBus
from shared.engine.engine import Engine
from shared.messages import SERVICES, Event, Message, intake, write, write_batch
from tests.engine.place import Place, eventually
from tests.engine.toy import INTAKE, MATCHING


class Postman:
    """Carries letters: keeps what it was given. `open` says whether letters can be tried now; `faults`: what the
    sending of a letter about one of these raises; `unknown`: about what nothing can be looked up; `hangs`: he never
    comes back from a letter about one of these.
    """

    def __init__(self) -> None:
        self.open = True
        self.unknown: set[str] = set()
        self.hangs: set[str] = set()
        self.tried: list[str] = []
        self.faults: dict[str, Exception] = {}

    async def prepare(self, letters: Sequence[Event]) -> Send:
        if self.unknown & {letter.subject for letter in letters}:
            raise LookupError
        return self.carry

    async def close(self) -> None:
        """Goes home."""

    async def carry(self, event: Event) -> Message | None:
        letter = event.data
        assert isinstance(letter, intake.Notice)
        self.tried.append(letter.regarding)
        if letter.regarding in self.hangs:
            await asyncio.Event().wait()
        if letter.regarding in self.faults:
            raise self.faults[letter.regarding]
        if not self.open:
            return None
        return intake.NoticeGone(regarding=letter.regarding, to=letter.to, template=letter.template, outcome="sent")


class House:
    """Both services at work. `url` is the broker's, or empty for an embedded house."""

    def __init__(self, place: Place, url: str) -> None:
        self.place, self.url = place, url
        self.postman = Postman()
        self.engines: dict[str, Engine] = {}

    @property
    def matching(self) -> Engine:
        return self.engines["matching"]

    @property
    def intake(self) -> Engine:
        return self.engines["intake"]

    async def hear(self, *events: Event) -> None:
        """Matching hears these from services that are not here."""
        if not self.url:
            await self.matching.handle(events)
            return
        for event in events:
            await publish(self.url, f"{event.publisher}.{event.data.name}", write(event))

    async def until(self, check: Callable[[], Awaitable[bool]]) -> None:
        await eventually(check)

    async def is_quiet(self) -> bool:
        """Whether nothing is on its way (timers may still wait)."""
        for engine in self.engines.values():
            async with engine.database.read() as c:
                waiting = [await engine.store.waiting_for(c, to) for to in (*engine.destinations, "mail")]
            if any(waiting):
                return False
        return True

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[House]:
        stop = asyncio.Event()
        buses = await self._buses()
        running = [asyncio.create_task(bus.run(stop)) for bus in buses]
        try:
            yield self
        finally:
            stop.set()
            await asyncio.gather(*running)
            for bus in buses:
                if isinstance(bus, RabbitBus):
                    await bus.stop()

    async def _buses(self) -> list[LocalBus | RabbitBus]:
        clock, metrics = self.place.clock, self.place.metrics
        for toy, others in ((MATCHING, ("intake",)), (INTAKE, ("matching",))):
            to = ("amqp",) if self.url else others
            self.engines[toy.protocol.name] = await self.place.engine(toy, destinations=to)
        if not self.url:
            local = LocalBus(self.engines, clock, metrics, self.postman)
            await local.start()
            return [local]
        rabbits = [RabbitBus(engine, self.url, clock, metrics, self.postman) for engine in self.engines.values()]
        await asyncio.gather(*(bus.start() for bus in rabbits))
        return list(rabbits)


@contextmanager
def away(engine: Engine) -> Iterator[list[int]]:
    """The database of this engine does not answer. Gives a list with one entry per attempt."""
    attempts: list[int] = []

    @asynccontextmanager
    async def refused() -> AsyncIterator[None]:
        attempts.append(1)
        raise ConnectionRefusedError
        yield

    with patch.object(engine.database, "begin", refused):
        yield attempts


async def publish(
    url: str, key: str, body: bytes, exchange: str = str(topology.EVENTS.name), kind: str = "", **headers: str
) -> None:
    """One AMQP message, as any client may send it; of a service all others hear it."""
    others = [topology.to(name) for name in SERVICES if name != key.partition(".")[0]]
    carried: dict[str, Any] = dict(headers) | ({"CC": others} if exchange == topology.EVENTS.name else {})
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        to = await channel.get_exchange(exchange, ensure=False)
        await to.publish(aio_pika.Message(body, headers=carried, content_type="application/json", type=kind), key)


async def publish_batch(url: str, publisher: str, *events: Event) -> None:
    await publish(url, f"{publisher}.batch", write_batch([write(event) for event in events]))


async def waiting_in(url: str, queue: str) -> int:
    """How many messages a queue holds that nobody has taken."""
    async with await aio_pika.connect(url) as connection:
        found = await (await connection.channel()).declare_queue(queue, passive=True)
        return found.declaration_result.message_count or 0
