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


class Partly(Exception, Generic[R]):
    """Something that will pass came in between. done: what came of the messages before that; left: the others."""

    def __init__(self, done: R, left: Sequence[Event], cause: Exception) -> None:
        super().__init__()
        self.done, self.left, self.cause = done, left, cause


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
        """Returns once the work is done; raises what the work raises. Of work that was done in part only those whose
        messages are left hear what is in the way.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run())
        return await future

    async def stop(self) -> None:
        """Ends what is at work; whoever waits hears no more."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _run(self) -> None:
        while self._waiting:
            together = self._next()
            try:
                result = await self._work([event for events, _ in together for event in events])
            except Partly as partly:
                _tell_each(together, partly)
            except Exception as error:
                for _, future in together:
                    _fail(future, error)
            else:
                for _, future in together:
                    _succeed(future, result)
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


def _tell_each(together: Sequence[_Waiting[R]], partly: Partly[R]) -> None:
    """Whose messages are all done hears so; the others, that something is in the way."""
    left = {event.id for event in partly.left}
    for events, future in together:
        if left.isdisjoint(event.id for event in events):
            _succeed(future, partly.done)
        else:
            _fail(future, partly.cause)


def _succeed(future: asyncio.Future[R], result: R) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[R], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
