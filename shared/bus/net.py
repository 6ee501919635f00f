"""The net below: finds what is due and still there, because its moment has come or because its process died.

Every replica has one. Timers, letters and gaps are taken under locks or leases, so each is dealt with by one replica.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from aiormq.exceptions import AMQPError

from shared import log
from shared.bus.letters import Carrier, carried
from shared.bus.outbox import Send, packed
from shared.bus.steady import Steady
from shared.engine.engine import BATCH, LETTER_GRACE, Engine, Parcel
from shared.messages import Message

#: Letters that are leased at a time: a slow mail server must get through them within their lease.
_LETTERS = 10
_POLL = 1.0
#: Seconds: a letter that was sent is known to be sent after so long, or it may be sent again after a crash.
_MOMENT = 0.1
_logger = log.logger("bus.net")


class Net:
    """Looks each second, or when the next thing is known to be due."""

    def __init__(self, engine: Engine, send: Send, carrier: Carrier | None) -> None:
        self.engine = engine
        self._send = send
        self._carrier = carrier
        self._steady = Steady(engine.clock, engine.metrics, expected=(AMQPError,))

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set. Whatever goes wrong in a round is tried again in the next."""
        while not stop.is_set():
            pause = _POLL
            try:
                await self.settle()
                pause = await self._pause()
            except Exception as error:
                _logger.warning("net_torn", service=self.engine.name, error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=pause)

    async def settle(self) -> None:
        """Works until nothing is due now. The bus goes last: while it is away the rest goes on."""
        await self._do("take_up", self.engine.take_up, BATCH)
        await self._do("fire", self.engine.fire, BATCH)
        await self._do("gaps", self.engine.pass_gaps, BATCH)
        if self._carrier is not None:
            await self._do("letters", self._carry_due, _LETTERS)
        await self._do("publish", self._publish_due, BATCH)
        self.engine.metrics.net_ran(self.engine.name)

    async def _do(self, work: str, job: Callable[[], Awaitable[int]], limit: int) -> None:
        """Again while there was as much as fits in one go."""
        while await self._steady.do(self.engine.name, work, job) >= limit:
            pass

    async def carry(self, letters: list[Parcel]) -> None:
        """Sends letters one by one; one that cannot be tried now stays pending.

        What was sent within a moment is finished together.
        """
        sent: list[tuple[Parcel, Message]] = []
        begun = time.monotonic()
        try:
            for parcel in letters:
                receipt = await self._sent(parcel)
                if receipt is not None:
                    sent.append((parcel, receipt))
                if sent and (len(sent) == BATCH or time.monotonic() - begun > _MOMENT):
                    finished, sent, begun = sent, [], time.monotonic()
                    await self.engine.finish(finished)
        finally:
            if sent:
                await self.engine.finish(sent)

    async def _sent(self, parcel: Parcel) -> Message | None:
        # A slow mail server may take half of the lease; so nobody else begins with the same letter meanwhile.
        if self._carrier is None or parcel.row[0] <= self.engine.clock.now() + LETTER_GRACE / 2:
            return None
        return await carried(self.engine, self._carrier, parcel)

    async def _carry_due(self) -> int:
        letters = await self.engine.lease_letters(_LETTERS)
        await self.carry(letters)
        return len(letters)

    async def _publish_due(self) -> int:
        """What a process committed and did not publish. The rows stay locked until the broker has confirmed."""
        async with self.engine.database.begin() as c:
            parcels = await self.engine.due_parcels(c, "amqp")
            for envelope in packed(parcels):
                await self._send(envelope)
            if parcels:
                await self.engine.store.take_pending(c, [parcel.row for parcel in parcels])
        return len(parcels)

    async def _pause(self) -> float:
        due, now = await self.engine.next_due(), self.engine.clock.now()
        late = (now - due).total_seconds() if due is not None else 0.0
        self.engine.metrics.pending_age.labels(self.engine.name).set(max(0.0, late))
        return min(_POLL, max(0.05, -late)) if due is not None else _POLL
