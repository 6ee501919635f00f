"""Many handlers, one transaction: whatever has arrived is decided and committed together, and each handler learns when.

While the database is away what has arrived waits; nothing is given back, so nothing is delivered too often.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from shared.bus.patience import patiently
from shared.engine.engine import BATCH, Engine
from shared.messages import Event


@dataclass(frozen=True)
class _Waiting:
    events: Sequence[Event]
    alone: bool
    done: asyncio.Future[None]


class Inbox:
    """Gives the engine as much as has arrived, up to a few hundred events at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: deque[_Waiting] = deque()
        self._some = asyncio.Event()

    async def take(self, events: Sequence[Event], alone: bool = False) -> None:
        """Returns once these events are committed. alone: shares its transaction with nothing else."""
        waiting = _Waiting(events, alone, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._some.set()
        await waiting.done

    async def run(self) -> None:
        """Works until it is cancelled; what then still waits is cancelled as well, and the broker keeps it."""
        try:
            while True:
                await self._some.wait()
                together = self._next()
                if not self._waiting:
                    self._some.clear()
                await self._commit(together)
        finally:
            for waiting in self._waiting:
                waiting.done.cancel()

    def _next(self) -> list[_Waiting]:
        together = [self._waiting.popleft()]
        size = len(together[0].events)
        while self._waiting and not together[0].alone and not self._waiting[0].alone and size < BATCH:
            size += len(self._waiting[0].events)
            together.append(self._waiting.popleft())
        return together

    async def _commit(self, together: list[_Waiting]) -> None:
        events = [event for waiting in together for event in waiting.events]
        take = self.engine.handle if together[0].alone else self.engine.join
        try:
            await patiently(self.engine, lambda: take(events))
        except Exception as error:
            for waiting in together:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
            return
        except BaseException:
            for waiting in together:
                waiting.done.cancel()
            raise
        for waiting in together:
            if not waiting.done.done():
                waiting.done.set_result(None)
