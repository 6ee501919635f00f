"""A fact that is larger than the broker takes: what comes behind it goes on, it is told among the dead ends, and it is
sent once the broker takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aio_pika import Message

from shared.bus.outbox import NOT_TAKEN
from shared.engine.engine import GRACE, Engine
from shared.messages import Fact, intake
from tests.engine.house import waiting_in
from tests.engine.place import Place, eventually, rows
from tests.engine.rabbit_words import at_work, published
from tests.engine.toy import Publisher
from tests.servers import RabbitMQ

#: Bytes: more than a fact about one case and less than one about all of these; and what the broker takes by itself.
SMALL, LARGE = 2000, 134217728
MANY = tuple(f"c-{n}" for n in range(1000))


@pytest.fixture
async def url(rabbit_server: RabbitMQ) -> AsyncIterator[str]:
    """Of a broker that takes little."""
    await limit(rabbit_server, SMALL)
    yield rabbit_server.fresh()
    await limit(rabbit_server, LARGE)


async def limit(server: RabbitMQ, size: int) -> None:
    """The largest message, for channels that are opened from now on."""
    set_it = f"application:set_env(rabbit, max_message_size, {size}), persistent_term:put(max_message_size, {size})."
    await asyncio.to_thread(server.control, "eval", set_it)


def planned(report: str, *cases: str) -> Fact:
    """What makes matching say a plan of all of these cases."""
    return intake.SupporterInvolved(report=report, cases=cases, supporters=("s-1",))


@pytest.mark.parametrize("together", [True, False])
async def test_a_fact_over_the_maximum_holds_up_nothing_and_is_sent_when_the_broker_takes_it(
    place: Place, engine: Engine, url: str, rabbit_server: RabbitMQ, together: bool
) -> None:
    other = Publisher()
    said = [other(planned("r-1", "c-1")), other(planned("r-2", *MANY)), other(planned("r-3", "c-3"))]
    async with at_work(place, engine, url):
        for batch in [said] if together else [[one] for one in said]:
            await engine.handle(batch)
        await until_gone(place, engine)
    assert await waiting_in(url, "followup") == 2
    assert await rows(engine, "dead_letter", "subject", "reason") == [("r-2", NOT_TAKEN)]
    assert told(place) == 1

    [(id, body)] = await rows(engine, "dead_letter", "id", "event")
    async with at_work(place, engine, url):
        assert await engine.replay(id, body.encode()) == ""
        await until_gone(place, engine)
        assert await rows(engine, "dead_letter", "subject") == ["r-2"]
        assert await waiting_in(url, "followup") == 2
    await limit(rabbit_server, LARGE)
    async with at_work(place, engine, url):
        assert await engine.replay(id, body.encode()) == ""
        await until_gone(place, engine)
    assert await rows(engine, "dead_letter") == []
    assert await waiting_in(url, "followup") == 3


async def until_gone(place: Place, engine: Engine) -> None:
    """What did not leave at once is the net's."""
    place.clock.move_to(place.clock.now() + GRACE + timedelta(seconds=1))
    await eventually(lambda: published(engine))


def told(place: Place) -> float | None:
    labels = {"service": "matching", "type": "naast.matching.plan_made.v1", "reason": NOT_TAKEN}
    return place.metrics.registry.get_sample_value("naast_messages_dead_lettered_total", labels)


async def test_what_is_wrong_with_all_messages_is_waited_for(
    place: Place, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(place, engine, url) as bus:
        monkeypatch.setattr(bus, "_message", lambda envelope: Message(envelope.body, user_id="somebody else"))
        await engine.handle([Publisher()(planned("r-1", "c-1"))])
        place.clock.move_to(place.clock.now() + GRACE + timedelta(seconds=1))
        await eventually(lambda: waited(place, "arguments"))
    assert (await rows(engine, "dead_letter"), await published(engine)) == ([], False)


async def waited(place: Place, reason: str) -> bool:
    labels = {"service": "matching", "reason": reason}
    return (place.metrics.registry.get_sample_value("naast_waits_total", labels) or 0) > 1
