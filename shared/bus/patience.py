"""Nothing is given up because of its surroundings, and what cannot be done for another reason is not tried in haste.

While the database is away the same work is done again, ever more slowly; nothing is given back to the broker. What
raises anything else is given back, later each time: the broker counts deliveries, and after so many it gives up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aio_pika import IncomingMessage

from shared import log
from shared.bus.delivery import deliveries
from shared.bus.steady import told
from shared.engine.engine import Engine
from shared.passing import trouble

T = TypeVar("T")
Handler = Callable[[IncomingMessage], Awaitable[None]]

#: Seconds between attempts while the surroundings stand in the way: the first, and the most.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
#: Seconds before a message is given back. The deliveries that the broker allows take twelve minutes.
FIRST_RETURN, LONGEST_RETURN = 0.1, 60.0
_logger = log.logger("bus.patience")


async def patiently(engine: Engine, work: Callable[[], Awaitable[T]]) -> T:
    """Does it again, ever more slowly, until what stands in the way has passed."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception as error:
            reason = trouble(error)
            if not reason:
                raise
            engine.metrics.waited(engine.name, reason)
            _logger.warning("waits", service=engine.name, reason=reason, error=type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def given_back_later(engine: Engine, handler: Handler) -> Handler:
    """A handler that keeps a message for a while before it gives it back, longer after each delivery."""

    async def handle(message: IncomingMessage) -> None:
        try:
            await handler(message)
        except Exception as error:
            told(engine.metrics, engine.name, "hear", error)
            await asyncio.sleep(pause_after(deliveries(message)))
            raise

    return handle


def never_given_back(engine: Engine, handler: Handler) -> Handler:
    """A handler of what was delivered too often: nobody comes after it, so it tries until it is done."""

    async def handle(message: IncomingMessage) -> None:
        tries = 0
        while True:
            try:
                return await handler(message)
            except Exception as error:
                told(engine.metrics, engine.name, "bury", error)
                await asyncio.sleep(pause_after(tries))
                tries += 1

    return handle


def pause_after(times: int) -> float:
    """Seconds before something is tried again that failed once, and so many times before."""
    return min(FIRST_RETURN * 2.0 ** min(times, 30), LONGEST_RETURN)
