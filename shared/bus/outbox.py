"""Publishes what was just committed, in order, in few AMQP messages: one event at rest, a batch under load. Those that
the same services hear travel together, and nobody gets what he does not hear.

Whatever does not go out here keeps its pending row, and the net finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from shared import log
from shared.bus.apart import NotTaken
from shared.bus.steady import told
from shared.crashpoint import crashpoint
from shared.engine.engine import BATCH, Engine, Parcel, PendingRow
from shared.messages import write_batch
from shared.passing import trouble

#: Why an event is set aside that the broker takes from nobody.
NOT_TAKEN = "over_the_maximum"
_MOST_BYTES = 1_000_000
#: Seconds; much less than the grace after which the net would publish it again.
_MOMENT = 0.25
_logger = log.logger("bus.outbox")


@dataclass(frozen=True)
class Envelope:
    """One AMQP message. `id` is the id of its first event; `kinds`: as what outside observers may listen to it;
    `hearers`: the services that hear it, whose queues must be there; `parcels`: what is in it.
    """

    kinds: list[str]
    hearers: list[str]
    content_type: str
    id: str
    body: bytes
    parcels: list[Parcel]

    def apart(self) -> list[Envelope]:
        """The same, each event by itself."""
        return [_envelope([parcel]) for parcel in self.parcels]


#: Hands one AMQP message to the broker; returns once the broker has it, raises when that is not sure. Raises NotTaken.
Send = Callable[[Envelope], Awaitable[None]]


def packed(parcels: Sequence[Parcel]) -> list[Envelope]:
    """These events in as few AMQP messages as is reasonable, in order."""
    return [_envelope(group) for chunk in _chunks(parcels) for group in together(chunk)]


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
        reason = NOT_TAKEN if isinstance(error, NotTaken) else trouble(error)
        if reason:
            self.engine.metrics.waited(self.engine.name, reason)
        else:
            told(self.engine.metrics, self.engine.name, "outbox", error)
        _logger.warning("left_to_the_net", service=self.engine.name, error=type(error).__name__)

    async def _publish(self, waiting: list[Parcel]) -> None:
        # What is due by now is the net's.
        now = self.engine.clock.now()
        for chunk in _chunks([parcel for parcel in waiting if parcel.row[0] > now]):
            for group in together(chunk):
                await self._send(_envelope(group))
                crashpoint("after_publish_before_delete")
                self._gone += [parcel.row for parcel in group]


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


def together(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    """The same parcels, those with the same hearers together, such that nobody hears about a subject out of order."""
    groups: list[list[Parcel]] = []
    open_groups: dict[frozenset[str], int] = {}
    #: Per hearer and subject: the last group that tells him about it.
    latest: dict[tuple[str, str, str], int] = {}
    for parcel in parcels:
        event, hearers = parcel.event, frozenset(parcel.event.nth)
        told = [(hearer, event.hospital, event.subject) for hearer in hearers]
        n = open_groups.get(hearers, -1)
        if n < 0 or n < max((latest.get(one, -1) for one in told), default=-1):
            n = open_groups[hearers] = len(groups)
            groups.append([])
        groups[n].append(parcel)
        latest |= dict.fromkeys(told, n)
    return groups


def _envelope(parcels: list[Parcel]) -> Envelope:
    first = parcels[0].event
    kinds = list(dict.fromkeys(f"{one.event.publisher}.{one.event.data.name}" for one in parcels))
    alone = len(parcels) == 1
    body = parcels[0].body if alone else write_batch([parcel.body for parcel in parcels])
    content_type = f"application/cloudevents{'' if alone else '-batch'}+json"
    return Envelope(kinds, sorted(first.nth), content_type, first.id, body, parcels)
