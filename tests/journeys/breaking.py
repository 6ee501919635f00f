"""A house in which something is broken: whatever is asked of it dies, until it is mended; and what was set aside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from services.house.embedded import House
from shared.engine.world import Protocol
from shared.messages import Command, Message
from tests.journeys.town import Town

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


class DeadLetter(NamedTuple):
    service: str
    id: str
    type: str


async def dead_letters(town: Town) -> list[DeadLetter]:
    """Everything that was set aside and is kept, as whoever operates the deployment sees it."""
    ops, found = await town.key("ops", hospital="*"), list[DeadLetter]()
    for service in town.house.services:
        letters = (await town.house.client.get(f"/v1/ops/{service}/dead-letters", headers=ops)).json()["dead_letters"]
        found += [DeadLetter(service, one["id"], one["type"].split(".")[2]) for one in letters if one["kept"]]
    return found


async def replay(town: Town, letter: DeadLetter) -> bool:
    """Whether it was taken after all; not when it is gone by now."""
    path = f"/v1/ops/{letter.service}/dead-letters/{quote(letter.id, safe='')}/replay"
    answer = await town.house.client.post(path, headers=await town.key("ops", hospital="*"))
    await town.settle()
    return bool(answer.json().get("taken"))
