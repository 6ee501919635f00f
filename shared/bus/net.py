"""The net below: finds what is due and still there, because its moment has come or because its process died.

Every replica has one. Timers, letters and gaps are taken under locks or leases, so each is dealt with by one replica.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from shared import log
from shared.bus.apart import NotTaken
from shared.bus.lateness import measure
from shared.bus.letters import TOGETHER, Carrier, Letters
from shared.bus.loops import Loop
from shared.bus.outbox import NOT_TAKEN, Envelope, Send, packed
from shared.bus.steady import Steady
from shared.engine.engine import BATCH, BUS, Engine, Parcel

_POLL = 1.0
_logger = log.logger("bus.net")


class Net:
    """Looks each second, or when the next timer is known to be due. Its loops do not wait for each other: behind a
    mail server that hangs timers fire, and while the bus is away the rest goes on.
    """

    def __init__(self, engine: Engine, send: Send, carrier: Carrier | None) -> None:
        self.engine = engine
        self._send = send
        self._letters = None if carrier is None else Letters(engine, carrier)
        self._steady = Steady(engine.clock, engine.metrics)
        #: The work of each loop, by name. The bus is last: while it is away the rest is settled.
        self._works: dict[str, Callable[[], Awaitable[None]]] = {"timers": self._fire_due}
        if self._letters is not None:
            self._works["letters"] = self._carry_due
        self._works["sweep"] = self._sweep
        self._works["publish"] = self._publish_due
        self.loops = {name: Loop(partial(self._turn, name)) for name in self._works}

    async def settle(self) -> None:
        """Works until nothing is due now."""
        for work in self._works.values():
            await work()

    def carry(self, letters: Sequence[Parcel]) -> None:
        """Letters that were just committed leave at once."""
        if self._letters is not None and letters:
            self._letters.add(letters)
            self.loops["letters"].wake()

    async def close(self) -> None:
        if self._letters is not None:
            await self._letters.close()

    async def _turn(self, name: str) -> float:
        """Whatever goes wrong in a turn is tried again in the next."""
        try:
            await self._works[name]()
            self.engine.metrics.net_ran(self.engine.name, name)
            return await self._pause() if name == "timers" else _POLL
        except Exception as error:
            _logger.warning("net_torn", service=self.engine.name, work=name, error=type(error).__name__)
            return _POLL

    async def _pause(self) -> float:
        due = await self.engine.next_due(self.engine.name)
        return _POLL if due is None else min(_POLL, max(0.05, (due - self.engine.clock.now()).total_seconds()))

    async def _do(self, work: str, job: Callable[[], Awaitable[int]], limit: int) -> None:
        """Again while there was as much as fits in one go."""
        while await self._steady.do(self.engine.name, work, job) >= limit:
            pass

    async def _fire_due(self) -> None:
        await self._do("measure", partial(measure, self.engine), 1)
        await self._do("take_up", self.engine.take_up, BATCH)
        await self._do("fire", self.engine.fire, BATCH)
        await self._do("gaps", self.engine.pass_gaps, BATCH)

    async def _carry_due(self) -> None:
        assert self._letters is not None
        await self._do("letters", self._letters.carry_fresh, 1)
        await self._do("letters", self._letters.carry_due, TOGETHER)

    async def _sweep(self) -> None:
        await self._steady.do(self.engine.name, "sweep", self.engine.sweep)

    async def _publish_due(self) -> None:
        await self._do("publish", self._publish, BATCH)

    async def _publish(self) -> int:
        """What a process committed and did not publish. The rows stay locked until the broker has confirmed."""
        async with self.engine.database.begin() as c:
            parcels = await self.engine.due_parcels(c, BUS)
            refused = [one for envelope in packed(parcels) for one in await self._refused(envelope)]
            if parcels:
                await self.engine.store.take_pending(c, [parcel.row for parcel in parcels])
            await self.engine.bury(c, refused, NOT_TAKEN)
        for parcel in refused:
            self.engine.tell_dead(parcel.event, NOT_TAKEN)
        return len(parcels)

    async def _refused(self, envelope: Envelope) -> list[Parcel]:
        """Sends this; tells what of it the broker does not take, however it is sent."""
        try:
            await self._send(envelope)
        except NotTaken:
            if len(envelope.parcels) == 1:
                return envelope.parcels
            return [one for each in envelope.apart() for one in await self._refused(each)]
        return []
