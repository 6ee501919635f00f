"""Lists in pages: a bounded part of a list, and whether there is more.

An answer with `next` is not the whole list: the same question with that `offset` gives what follows. `total`, where it
is known, is how many there are in all. An answer without `next` is the end of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

MOST = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is asked for."""

    limit: int
    offset: int

    @property
    def wanted(self) -> int:
        """How many rows to read, so that it is known whether there is more."""
        return self.limit + 1

    def first(self, found: Sequence[T]) -> Sequence[T]:
        """What is on this page, of rows that were read from the offset on."""
        return found[: self.limit]

    def part(self, whole: Sequence[T]) -> Sequence[T]:
        """What is on this page, of the whole list."""
        return whole[self.offset : self.offset + self.limit]

    def read(self, name: str, found: Sequence[T], shown: Callable[[T], Any]) -> dict[str, Any]:
        """The answer, of rows that were read from the offset on, at most `wanted`."""
        more = {"next": self.offset + self.limit} if len(found) > self.limit else {}
        return {name: [shown(one) for one in self.first(found)]} | more

    def cut(self, name: str, whole: Sequence[T], shown: Callable[[T], Any]) -> dict[str, Any]:
        """The answer, of the whole list."""
        answer = self.read(name, whole[self.offset : self.offset + self.wanted], shown)
        return answer | {"total": len(whole)} if "next" in answer else answer


def _page(
    limit: Annotated[int, Query(ge=1, le=MOST)] = 200, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Page:
    return Page(limit, offset)


#: The parameters `limit` and `offset` of a route that gives a list.
Paged = Annotated[Page, Depends(_page)]
