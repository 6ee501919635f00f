"""What a transaction costs in messages to and fro: no more for two hundred events than for a few."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.engine.engine import BATCH
from tests.engine.conftest import on_postgresql
from tests.engine.place import Place, statements
from tests.engine.toy import Publisher, accept, offer, qualified, talk, withdrawal

pytestmark = pytest.mark.live
#: BEGIN is sent before anybody counts.
BEGIN = 1
ALONE, ANY = 5, 9


@pytest.fixture
async def place(schemas_url: str) -> AsyncIterator[Place]:
    place = on_postgresql(schemas_url)
    async with place.closing:
        yield place


async def test_a_message_alone_is_five_messages_to_the_database(place: Place, other: Publisher) -> None:
    engine = await place.engine(destinations=("intake",))
    await engine.handle([other(qualified("s-1")), other(offer("r-0", "c-0"))])
    for name, event in (("fact", other(offer("r-1", "c-1"))), ("command", accept("c-1", "s-1"))):
        with statements(engine) as sent:
            assert (await engine.handle([event])).taken == 1
        assert BEGIN + len(sent) <= ALONE, (name, sent)


async def test_a_timer_is_five_messages_to_the_database(place: Place, other: Publisher) -> None:
    engine = await place.engine()
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    place.clock.move_to(place.clock.now().replace(day=20))
    with statements(engine) as sent:
        assert await engine.fire() == 1
    assert BEGIN + len(sent) <= ALONE, sent


@pytest.mark.parametrize("count", [20, BATCH])
async def test_a_batch_is_nine_messages_to_the_database_however_large(
    place: Place, other: Publisher, count: int
) -> None:
    engine = await place.engine(destinations=("intake",))
    await engine.handle([other(qualified("s-1")), other(talk("c-3", 2), 2)])
    # Early ones that are taken up, others that are parked, commands, and cases that nobody foresaw.
    batch = [other(talk("c-3", 1), 1), other(withdrawal("r-w", "c-8", "c-9")), accept("c-0", "s-1")]
    batch += [other(offer(f"r-{n}", f"c-{n}")) for n in range(count - 4)] + [other(talk("c-4", 7), 7)]
    with statements(engine) as sent:
        outcome = await engine.handle(batch)
    assert (outcome.parked, outcome.dead) == (1, {})
    assert BEGIN + len(sent) <= ANY, sent
