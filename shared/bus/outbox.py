"""Publishes what was just committed, in order, as few AMQP messages as possible: one event at rest, a batch under load.

Whatever does not go out here keeps its pending row, and the net finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from aiormq.exceptions import AMQPError

from shared import log
from shared.bus.steady import told
from shared.crashpoint import crashpoint
from shared.db import is_passing
from shared.engine.engine import BATCH, Engine, Parcel, PendingRow
from shared.messages import write_batch

_MOST_BYTES = 1_000_000
#: Seconds; much less than the grace after which the net would publish it again.
_MOMENT = 0.25
_logger = log.logger("bus.outbox")


@dataclass(frozen=True)
class Envelope:
    """One AMQP message. `id` is the id of its first event."""

    routing_key: str
    content_type: str
    id: str
    body: bytes
    count: int


#: Hands one AMQP message to the broker; returns once the broker has it, raises when that is not sure.
Send = Callable[[Envelope], Awaitable[None]]


def packed(parcels: Sequence[Parcel]) -> list[Envelope]:
    """These events in as few AMQP messages as is reasonable, in order."""
    return [_envelope(chunk) for chunk in _chunks(parcels)]


class Outbox:
    """One publisher per process. Commits that happen while it waits for the broker share the next publish."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self.engine = engine
        self._send = send
        self._waiting: list[Parcel] = []
        self._gone: list[PendingRow] = []
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, parcels: Iterable[Parcel]) -> None:
        self._waiting += parcels
        if self._waiting:
            self._some.set()
            self._idle.clear()

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._publish(waiting)
            except Exception as error:
                self._leave(error)
            if not self._waiting:
                self._idle.set()

    async def sweep(self) -> None:
        """Takes away the rows of what went out, a moment later and many at once; works until it is cancelled."""
        while True:
            await asyncio.sleep(_MOMENT)
            await self._sweep()

    async def flushed(self) -> None:
        """Returns once nothing is on its way out."""
        await self._idle.wait()
        await self._sweep()

    async def _sweep(self) -> None:
        gone, self._gone = self._gone, []
        try:
            await self.engine.delivered(gone)
        except Exception as error:
            self._leave(error)

    def _leave(self, error: Exception) -> None:
        """To the net."""
        if not is_passing(error) and not isinstance(error, AMQPError):
            told(self.engine.metrics, self.engine.name, "outbox", error)
        _logger.warning("left_to_the_net", service=self.engine.name, error=type(error).__name__)

    async def _publish(self, waiting: list[Parcel]) -> None:
        # What is due by now is the net's.
        now = self.engine.clock.now()
        for chunk in _chunks([parcel for parcel in waiting if parcel.row[0] > now]):
            await self._send(_envelope(chunk))
            crashpoint("after_publish_before_delete")
            self._gone += [parcel.row for parcel in chunk]


def _chunks(parcels: Sequence[Parcel]) -> Iterable[list[Parcel]]:
    chunk: list[Parcel] = []
    size = 0
    for parcel in parcels:
        if chunk and (len(chunk) == BATCH or size + len(parcel.body) > _MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(parcel)
        size += len(parcel.body)
    if chunk:
        yield chunk


def _envelope(parcels: list[Parcel]) -> Envelope:
    first = parcels[0].event
    if len(parcels) == 1:
        key = f"{first.publisher}.{first.data.name}"
        return Envelope(key, "application/cloudevents+json", first.id, parcels[0].body, 1)
    body = write_batch([parcel.body for parcel in parcels])
    key = f"{first.publisher}.batch"
    return Envelope(key, "application/cloudevents-batch+json", first.id, body, len(parcels))
