"""What somebody takes out of a queue comes back: its publisher tells how much it said, and says it again. Until then
what comes after it waits, is counted, and goes on behind a gap that is told.
"""

from __future__ import annotations

from datetime import timedelta

import aio_pika
import pytest
from sqlalchemy import delete as delete_from

from shared.bus import level, topology
from shared.engine.engine import Engine
from shared.engine.level import Mark
from shared.messages import write
from shared.metrics import ABOUT_SOMEBODY
from tests.engine.house import House, publish
from tests.engine.place import Place, eventually, rows, state
from tests.engine.rabbit_words import at_work, delete, has_dead_letters, holds
from tests.engine.toy import HOSPITAL, Case, Publisher, accept, offer, qualified, talk


@pytest.mark.parametrize("way", ["purged", "deleted"])
async def test_what_was_taken_out_of_a_queue_shows_as_a_gap(
    place: Place, engine: Engine, amqp_url: str, way: str
) -> None:
    other = Publisher()
    first, lost, last = (other(talk("c-1", n)) for n in (1, 2, 3))
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "followup.conversation_held", write(first))
        await eventually(lambda: _has_talks(engine, 1))
    await publish(amqp_url, "followup.conversation_held", write(lost))
    await eventually(lambda: holds(amqp_url, "matching", 1))
    await _empty(amqp_url, way)
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "followup.conversation_held", write(last))
        await eventually(lambda: _counted(place, "naast_messages_parked_total", type=ABOUT_SOMEBODY))
        assert await _has_talks(engine, 1)
        place.clock.move_to(place.clock.now() + engine.protocol.gap_limit + timedelta(seconds=1))
        await eventually(lambda: _counted(place, "naast_gaps_passed_total", publisher="followup"))
        await eventually(lambda: _has_talks(engine, 2))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishers tell how far they are all the time."""
    monkeypatch.setattr(level, "PACE", 0.1)


@pytest.mark.usefixtures("soon")
async def test_a_first_message_that_was_taken_out_of_a_queue_comes_back(place: Place, amqp_url: str) -> None:
    house, other = House(place, amqp_url), Publisher()
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await eventually(house.is_quiet)
        await house.matching.ask(accept("c-1", "s-1"))
        await eventually(house.is_quiet)
        await eventually(lambda: _heard_three(house.intake))
        # As if it had never come.
        await _forget(house.intake)
        await eventually(lambda: _heard_three(house.intake))


@pytest.mark.usefixtures("soon")
async def test_nobody_but_its_publisher_says_how_far_it_is(place: Place, engine: Engine, amqp_url: str) -> None:
    body = level.Level(by="followup", said=(Mark("Case", HOSPITAL, "c-1", 7),)).model_dump_json().encode()
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "training.level.told", body)
        await eventually(lambda: has_dead_letters(engine, "foreign_publisher"))
        await publish(amqp_url, "training.level.told", b"{")
        await eventually(lambda: has_dead_letters(engine, "foreign_publisher", "wrong_shape"))


async def _heard_three(engine: Engine) -> bool:
    """What matching said about the case: that it asks, that somebody said yes, and that the colleague is to know."""
    return ("matching", HOSPITAL, "c-1", 3, "") in await rows(engine, "heard")


async def _forget(engine: Engine) -> None:
    async with engine.database.begin() as c:
        await c.execute(delete_from(engine.store.t.heard))


async def _empty(url: str, way: str) -> None:
    if way == "deleted":
        await delete(url, "matching")
        await topology.declare(url)
        return
    async with await aio_pika.connect(url) as connection:
        queue = await (await connection.channel()).get_queue("matching")
        await queue.purge()


async def _counted(place: Place, name: str, **labels: str) -> bool:
    return place.metrics.registry.get_sample_value(name, {"service": "matching"} | labels) == 1


async def _has_talks(engine: Engine, count: int) -> bool:
    found = await state(engine, Case, "c-1")
    return found is not None and len(found.talks) == count
