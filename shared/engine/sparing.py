"""One bad item harms only itself: all at once, or else each alone, and only what is refused even so is set aside.

Which errors are the item's own and which will pass is for shared.passing to say; what will pass is raised.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from shared.passing import error_code, is_passing

T = TypeVar("T")
R = TypeVar("R")

#: (items, why they must be set aside, or nothing) -> result; one transaction.
Work = Callable[[Sequence[T], str], Awaitable[R]]


async def spared(work: Work[T, R], items: Sequence[T], doomed: str = "") -> AsyncIterator[tuple[Sequence[T], R]]:
    """Does the work with these items, in as few goes as their faults allow, in order; gives the items and the result of
    each go once it is done. doomed: why all of them are set aside.
    """
    if len(items) > 1:
        try:
            result = await work(items, doomed)
        except Exception as error:
            if is_passing(error):
                raise
        else:
            yield items, result
            return
    for item in items:
        yield [item], await alone(work, item, doomed)


async def alone(work: Work[T, R], item: T, doomed: str = "") -> R:
    """Does the work with this item, or sets it aside where it is refused."""
    try:
        return await work([item], doomed)
    except Exception as error:
        if is_passing(error):
            raise
        reason = doomed or error_code(error)
    return await work([item], reason)
