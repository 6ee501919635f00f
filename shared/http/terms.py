"""What a route says of itself, for the gate: whether a key is needed, where it is, and how much may be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

#: Bytes of a body where its route does not say more.
SMALL = 64 * 1024
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Terms:
    """What a route says of itself. key: where it is, "header" or, of a link, "path"; empty where none is needed. most:
    bytes of a body. always: it is answered however much else is asked.
    """

    key: str = "header"
    most: int = SMALL
    always: bool = False


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Marks a route that needs no key."""
    return _mark(endpoint, Terms(key=""))


def open_always(endpoint: Endpoint) -> Endpoint:
    """Marks a route that needs no key and has no budget: whether the house is well."""
    return _mark(endpoint, Terms(key="", always=True))


def by_link(endpoint: Endpoint) -> Endpoint:
    """Marks a route whose path holds a link's token. Of whoever has no good one nothing is read; a page tells her."""
    return _mark(endpoint, Terms(key="path"))


def holds(most: int) -> Callable[[Endpoint], Endpoint]:
    """Marks a route that takes a body of so many bytes."""
    return lambda endpoint: _mark(endpoint, Terms(most=most))


def _mark(endpoint: Endpoint, terms: Terms) -> Endpoint:
    endpoint.terms = terms  # type: ignore[attr-defined]
    return endpoint
