"""Behind a mail server that hangs everything else goes on, and how late it is can be seen; on both buses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.bus.lateness import measure
from shared.engine.engine import GRACE, LETTER_GRACE
from shared.engine.world import Later, Said, World
from shared.messages import Event, intake, matching
from tests.effort import PATIENCE
from tests.engine import toy
from tests.engine.house import House
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import (
    ANSWER_TIME,
    INTAKE,
    MATCHING,
    Case,
    Publisher,
    Toy,
    accept,
    offer,
    qualified,
    told,
)

HOUR = timedelta(hours=1)


def decide(world: World, event: Event) -> Iterator[Said]:
    """An intake with a clock: an hour after a notice was due it says a fact about it."""
    yield from toy.mail_decide(world, event)
    match event.data:
        case matching.NoticeDue(regarding=case):
            yield Later(intake.VetoPassed(report=case, round=1), world.now + HOUR)
        case intake.VetoPassed(report=case):
            yield intake.NoticeFailed(regarding=case, to="colleague", template="late", reason="late")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests wait for is not the wall clock."""
    for bus in ("net", "local"):
        monkeypatch.setattr(f"shared.bus.{bus}._POLL", 0.05)
    for bus in ("rabbit", "local"):
        monkeypatch.setattr(f"shared.bus.{bus}._GRACE", 0.2)


async def test_behind_a_mail_server_that_hangs_timers_fire_facts_go_out_and_the_house_can_close(
    house: House, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocked = Toy(replace(INTAKE.protocol, decide=decide), INTAKE.metadata, INTAKE.states)
    monkeypatch.setattr("tests.engine.house.INTAKE", clocked)
    house.postman.hangs.add("c-9")
    async with asyncio.timeout(PATIENCE / 2), house.at_work():
        await house.intake.handle([told("c-9")])
        await house.until(lambda: _tried(house, "c-9"))
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))
        await house.matching.ask(accept("c-1", "s-1"))
        await house.until(lambda: _says(house, "notice c-1"))
        publish, house.intake.publish = house.intake.publish, None  # what it says now is left to the net
        house.place.clock.move_to(house.place.clock.now() + HOUR)
        await house.until(lambda: _says(house, "notice_failed c-9 1"))
        house.place.clock.move_to(house.place.clock.now() + GRACE)
        await house.until(lambda: _is_out(house))
        house.intake.publish = publish
    assert house.postman.tried == ["c-9"]


async def test_how_late_a_letter_is_shows_while_the_mail_server_hangs(house: House) -> None:
    house.postman.hangs.add("c-1")
    async with house.at_work():
        await house.intake.handle([told("c-1")])
        await house.until(lambda: _tried(house, "c-1"))
        house.place.clock.move_to(house.place.clock.now() + LETTER_GRACE + HOUR)
        await house.until(lambda: _is_late(house.place, "intake", HOUR))


async def test_how_late_a_timer_is_shows_while_none_can_be_fired(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house, "c-1"))

        async def torn(*arguments: Any) -> int:
            raise LookupError

        house.matching.fire = torn  # type: ignore[method-assign,assignment]
        house.matching.quiet_until = None
        house.place.clock.move_to(house.place.clock.now() + ANSWER_TIME + HOUR)
        await house.until(lambda: _is_late(house.place, "matching", HOUR))


@pytest.mark.parametrize("destination", ["amqp", "intake"])
async def test_how_late_a_fact_is_shows_wherever_it_goes(place: Place, other: Publisher, destination: str) -> None:
    engine = await place.engine(MATCHING, destinations=(destination,))
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await engine.ask(accept("c-1", "s-1"))
    await measure(engine)
    assert await _is_late(place, "matching", timedelta(0))
    place.clock.move_to(place.clock.now() + GRACE + HOUR)
    await measure(engine)
    assert await _is_late(place, "matching", HOUR)


async def _tried(house: House, case: str) -> bool:
    return case in house.postman.tried


async def _asked(house: House, case: str) -> bool:
    found = await state(house.matching, Case, case)
    return found is not None and found.asks == 1


async def _says(house: House, line: str) -> bool:
    return line in await said(house.intake)


async def _is_out(house: House) -> bool:
    return "amqp" not in await rows(house.intake, "pending", "destination")


async def _is_late(place: Place, service: str, by: timedelta) -> bool:
    """Whether the gauge shows this much."""
    late = place.metrics.registry.get_sample_value("naast_pending_oldest_seconds", {"service": service})
    return late == by.total_seconds()
