"""Look-ups of one moment go to the database together. Nothing is remembered: each answer is as new as its question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lookups(Generic[K, V]):
    """`find` gives what is known of these keys. A key that is asked for while it works goes along the next time."""

    def __init__(self, find: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._asked: dict[K, asyncio.Future[V | None]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def of(self, key: K) -> V | None:
        """What is known of this key; raises what the finding raises."""
        if key not in self._asked:
            self._asked[key] = asyncio.get_running_loop().create_future()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        # Whoever gives up does so for herself alone.
        return await asyncio.shield(self._asked[key])

    async def _work(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, {}
            try:
                found = await self._find(list(asked))
            except Exception as error:
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # nobody may be left who asks
                continue
            for key, future in asked.items():
                future.set_result(found.get(key))
