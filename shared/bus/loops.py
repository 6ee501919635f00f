"""Loops that do not wait for each other: what hangs in one of them keeps none of the others, nor the process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared import log

_logger = log.logger("bus.loops")


class Loop:
    """Goes round and round. `turn`: does what there is to do, and says how many seconds to wait for the next turn;
    `wake` ends the wait.
    """

    def __init__(self, turn: Callable[[], Awaitable[float]]) -> None:
        self._turn = turn
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            pause = await self._turn()
            if not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), timeout=pause)


async def run_beside(loops: Sequence[Loop], stop: asyncio.Event, grace: float) -> None:
    """Runs these loops until `stop` is set; a turn that does not end within `grace` seconds is cancelled then."""
    tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
        if stopping in done:
            for loop in loops:
                loop.wake()
            done, _ = await asyncio.wait(tasks, timeout=grace)
        for task in done - {stopping}:
            task.result()
    finally:
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)


async def in_time(grace: float, work: Awaitable[Any]) -> None:
    """Work on the way out, for as many seconds at most; whatever goes wrong there is put right by the next start."""
    try:
        await asyncio.wait_for(work, timeout=grace)
    except Exception as error:
        _logger.warning("stopped_roughly", error=type(error).__name__)
