"""Messages that arrive while others are being committed are committed together, right afterwards.

Under load this is one transaction for many people, feeds and services; at rest nobody waits for anybody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.messages import Event

R = TypeVar("R")
_Waiting = tuple[Sequence[Event], "asyncio.Future[R]"]


class Together(Generic[R]):
    """Gives `work` what many callers bring. Each caller gets the result of the work that its own messages were in.

    most: messages at a time. Two messages with the same id never share one piece of work, so that each caller can tell
    whether it was the first.
    """

    def __init__(self, work: Callable[[Sequence[Event]], Awaitable[R]], most: int) -> None:
        self._work, self._most = work, most
        self._waiting: deque[_Waiting[R]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def do(self, events: Sequence[Event]) -> R:
        """Returns once the work is done; raises what the work raises."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            together = self._next()
            try:
                result = await self._work([event for events, _ in together for event in events])
            except Exception as error:
                for _, future in together:
                    if not future.done():
                        future.set_exception(error)
                continue
            for _, future in together:
                if not future.done():
                    future.set_result(result)
            await asyncio.sleep(0)  # who was waiting for this may come along with what is next

    def _next(self) -> list[_Waiting[R]]:
        together, ids = [self._waiting.popleft()], set[str]()
        ids.update(event.id for event in together[0][0])
        while self._waiting:
            own = {event.id for event in self._waiting[0][0]}
            if own & ids or len(own) + len(ids) > self._most:
                break
            ids |= own
            together.append(self._waiting.popleft())
        return together
