"""A house in which something is broken: whatever is asked of it dies, until it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from services.house.house import House
from shared.engine.world import Protocol
from shared.messages import Command, Message

REASON = "undecidable_ZeroDivisionError"


def broken_for(protocol: Protocol, *kinds: type[Message]) -> Protocol:
    """The protocol, but of messages of these kinds it can make nothing."""

    def decide(world: Any, event: Any) -> Any:
        if isinstance(event.data, kinds):
            raise ZeroDivisionError
        return protocol.decide(world, event)

    return replace(protocol, decide=decide)


@contextmanager
def broken(house: House, *kinds: type[Message]) -> Iterator[None]:
    """Meanwhile no service of the house can decide on messages of these kinds; without any: on no command."""
    engines = [running.engine for running in house.services.values()]
    whole = [engine.protocol for engine in engines]
    for engine in engines:
        engine.protocol = broken_for(engine.protocol, *(kinds or (Command,)))
    try:
        yield
    finally:
        for engine, protocol in zip(engines, whole, strict=True):
            engine.protocol = protocol
