"""What somebody takes out of a queue is seen: what comes after it waits, is counted, and goes on behind a gap that is
told. The first message about a subject leaves no gap: nothing before it says that it is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aio_pika
import pytest

from shared.bus import topology
from shared.engine.engine import Engine
from shared.messages import write
from shared.metrics import ABOUT_SOMEBODY
from tests.engine.house import publish
from tests.engine.place import Place, eventually, state
from tests.engine.rabbit_words import at_work, delete, holds
from tests.engine.toy import Case, Publisher, talk


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        yield place


@pytest.fixture
async def engine(place: Place) -> Engine:
    return await place.engine()


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
