"""A service on RabbitMQ: what goes out, what comes in, and what becomes of what cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aio_pika
import pytest

from shared.bus import rabbit, topology
from shared.engine.engine import Engine, Outcome
from shared.messages import Event, read_all, write, write_batch
from tests.engine.house import publish, publish_batch, waiting_in
from tests.engine.place import Place, eventually, rows, state
from tests.engine.rabbit_words import at_work, delete, die_of, has_dead_letters, holds, published
from tests.engine.toy import Case, Publisher, Supporter, offer, qualified, suspended, talk


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        yield place


async def test_one_amqp_message_carries_everything_that_one_commit_says(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    async with at_work(place, engine, amqp_url):
        await engine.handle([other(qualified("s-1")), *(other(offer(f"r-{n}", f"c-{n}")) for n in range(50))])
        await eventually(lambda: holds(amqp_url, "intake", 1))
    [message] = await taken_from(amqp_url, "intake")
    found = read_all(message.body)
    assert [event.data.name for event in found if isinstance(event, Event)] == ["supporter_asked"] * 50
    assert (message.routing_key, message.content_type) == (
        "matching.supporter_asked",
        "application/cloudevents-batch+json",
    )
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT


async def test_one_event_goes_out_alone(place: Place, engine: Engine, amqp_url: str, other: Publisher) -> None:
    async with at_work(place, engine, amqp_url):
        await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
        await eventually(lambda: holds(amqp_url, "intake", 1))
    [message] = await taken_from(amqp_url, "intake")
    assert (message.routing_key, message.content_type) == ("matching.supporter_asked", "application/cloudevents+json")


async def test_a_service_that_starts_later_has_missed_nothing(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    await topology.declare(amqp_url)
    events = [other(talk(f"c-{n % 7}", n)) for n in range(700)]
    for start in range(0, 700, 5):
        await publish_batch(amqp_url, "followup", *events[start : start + 5])
    async with at_work(place, engine, amqp_url):
        await eventually(lambda: has_talks(engine, "c-6", 100))
        await eventually(lambda: holds(amqp_url, "matching", 0))
    assert [len((await state(engine, Case, f"c-{n}")).talks) for n in range(7)] == [100] * 7
    assert await waiting_in(amqp_url, "matching") == 0  # nothing was left unacknowledged


async def test_what_nobody_would_get_stays_pending_until_it_can_be_routed(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    async with at_work(place, engine, amqp_url):
        await delete(amqp_url, "intake", "followup", "training")
        await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
        await asyncio.sleep(0.2)
        assert "amqp" in await rows(engine, "pending", "destination")
        place.clock.move_to(place.clock.now() + timedelta(seconds=6))
        await eventually(lambda: holds(amqp_url, "intake", 1))
        await eventually(lambda: published(engine))


async def test_a_queue_that_is_deleted_under_its_service_comes_back(
    place: Place, engine: Engine, amqp_url: str, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit, "_LOOK_AGAIN", 0.5)
    event = other(talk("c-1", 1))
    async with at_work(place, engine, amqp_url):
        await delete(amqp_url, "matching")
        await eventually(lambda: takes(amqp_url, engine, event))


async def test_an_unreadable_event_in_a_batch_harms_only_itself(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    good = [write(other(talk("c-1", n))) for n in (1, 2)]
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "followup.batch", write_batch([good[0], b'{"specversion":"1.0"}', good[1]]))
        await publish(amqp_url, "followup.batch", b"no json at all")
        await eventually(lambda: has_talks(engine, "c-1", 2))
        await eventually(lambda: has_dead_letters(engine, "not_json", "wrong_shape"))
    assert await waiting_in(amqp_url, "matching") == 0


async def test_nobody_speaks_for_another_service(place: Place, engine: Engine, amqp_url: str, other: Publisher) -> None:
    event = other(suspended("s-1"))
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "intake.support_offered", write(event))
        await eventually(lambda: has_dead_letters(engine, "foreign_publisher"))
        assert await state(engine, Supporter, "s-1") is None
        await publish(amqp_url, "training.supporter_suspended", write(event))
        await eventually(lambda: is_suspended(engine, "s-1"))


async def test_a_message_that_was_delivered_too_often_is_set_aside(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    await topology.declare(amqp_url)
    first, second = other(talk("c-1", 1)), other(talk("c-1", 2))
    await publish(amqp_url, "followup.conversation_held", write(first))
    await die_of(amqp_url, "matching", topology.DELIVERY_LIMIT + 1)
    async with at_work(place, engine, amqp_url):
        await eventually(lambda: has_dead_letters(engine, "delivery_limit"))
        await publish(amqp_url, "followup.conversation_held", write(second))
        await eventually(lambda: has_talks(engine, "c-1", 1))
    assert (await state(engine, Case, "c-1")).talks == (2,)
    assert await waiting_in(amqp_url, "matching.dead") == 0


async def test_what_was_delivered_before_is_taken_apart(
    place: Place, engine: Engine, amqp_url: str, other: Publisher
) -> None:
    sizes: list[int] = []
    handle = engine.handle

    async def noted(events: list[Event]) -> Outcome:
        sizes.append(len(events))
        return await handle(events)

    engine.handle = noted  # type: ignore[method-assign,assignment]
    await topology.declare(amqp_url)
    await publish_batch(amqp_url, "followup", *(other(talk("c-1", n)) for n in (1, 2, 3)))
    await die_of(amqp_url, "matching", 2)
    async with at_work(place, engine, amqp_url):
        await eventually(lambda: has_talks(engine, "c-1", 3))
    assert sizes == [1, 1, 1]


async def has_talks(engine: Engine, case: str, count: int) -> bool:
    found = await state(engine, Case, case)
    return found is not None and len(found.talks) == count


async def is_suspended(engine: Engine, supporter: str) -> bool:
    found = await state(engine, Supporter, supporter)
    return found is not None and found.standing == "suspended"


async def takes(url: str, engine: Engine, event: Event) -> bool:
    with suppress(aio_pika.exceptions.AMQPError):
        await publish(url, f"{event.publisher}.{event.data.name}", write(event))
    return await has_talks(engine, event.subject, 1)


async def taken_from(url: str, queue: str) -> list[aio_pika.abc.AbstractIncomingMessage]:
    async with await aio_pika.connect(url) as connection:
        found = await (await connection.channel()).get_queue(queue)
        messages = []
        while message := await found.get(fail=False):
            await message.ack()
            messages.append(message)
        return messages
