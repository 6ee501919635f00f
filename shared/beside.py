"""Work that takes long and asks nobody goes to a thread beside the event loop, so that everybody else is served."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Bytes that are read so fast that handing them to another thread takes longer.
SHORT = 4096
#: Seconds after which the thread that serves may go on; each of its statements waits for that while another computes.
_TURN = 0.001


async def beside(size: int, work: Callable[[], T]) -> T:
    """What this work gives, on `size` bytes; raises what it raises. It must touch nothing that others change."""
    return await asyncio.to_thread(work) if size > SHORT else work()


def give_way() -> None:
    """From now on threads take turns often."""
    sys.setswitchinterval(_TURN)
