"""What the benchmark needs of a system under load, however it is built: its doors, what it says, what is done."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import aio_pika
import asyncpg
from aio_pika.abc import AbstractIncomingMessage

from tests.benchmarks.fleet import Fleet

#: Hears one event: (name such as "supporter_asked", data).
Listener = Callable[[str, dict[str, Any]], None]
QUIET_SECONDS = 120


class System(Protocol):
    """Four services as processes on RabbitMQ and PostgreSQL; a context manager that starts and stops them."""

    name: str
    fleet: Fleet
    listeners: list[Listener]

    async def report(self, number: int, run: str) -> str:
        """Hands in a report by the door for feeds; returns its ref once the broker has confirmed it."""

    async def accept(self, case: str, supporter: str) -> None:
        """A supporter says yes, by the door for people; returns once that is committed."""

    async def counted(self) -> tuple[dict[str, float], dict[str, float]]:
        """By service: the messages that it took since it started, and its round trips to the database if it counts
        them.
        """

    async def running(self) -> int:
        """How many cases followup knows of whose contact clock has started."""

    async def quiet(self) -> None:
        """Returns once nothing is on its way any more, notices included."""

    async def watch(self, started: Callable[[str], None]) -> None:
        """From now on calls with each case whose contact clock is committed, at once. Costs the database a little."""

    async def unwatch(self) -> None:
        """No more of these calls."""


class Ear:
    """Hears what is said on an exchange, in a queue of its own that costs the broker as little as can be."""

    def __init__(self, url: str, exchange: str, keys: tuple[str, ...]) -> None:
        self._url, self._exchange, self._keys = url, exchange, keys

    async def open(self, hear: Callable[[AbstractIncomingMessage], None]) -> aio_pika.abc.AbstractChannel:
        """Begins to hear; returns a channel with confirms to publish on."""

        async def take(message: AbstractIncomingMessage) -> None:
            hear(message)

        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for key in self._keys:
            await queue.bind(self._exchange, key)
        await queue.consume(take, no_ack=True)
        return await self._connection.channel()

    async def close(self) -> None:
        await self._connection.close()


class Watch:
    """Tells of each row of a followup table that gets the status `matched`, when it is committed."""

    def __init__(self, database: asyncpg.Connection, table: str) -> None:
        self._database, self._table = database, table

    async def open(self, started: Callable[[str], None]) -> None:
        self._tell = lambda connection, pid, channel, case: started(case)
        await self._database.execute(
            "create or replace function bench_tell() returns trigger language plpgsql as "
            "$$ begin perform pg_notify('bench', new.id); return new; end $$"
        )
        await self._database.execute(
            f"create or replace trigger bench_tell after update or insert on {self._table} for each row "
            "when (new.status = 'matched') execute function bench_tell()"
        )
        await self._database.add_listener("bench", self._tell)

    async def close(self) -> None:
        await self._database.remove_listener("bench", self._tell)
        await self._database.execute(f"drop trigger bench_tell on {self._table}")


async def until_quiet(busy: Callable[[], Any]) -> None:
    """Returns when `busy` (a coroutine function) has said no twice, a moment apart."""
    calm, deadline = 0, asyncio.get_running_loop().time() + QUIET_SECONDS
    while calm < 2:
        calm = 0 if await busy() else calm + 1
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("it does not come to rest")
        await asyncio.sleep(0.2)
