"""RabbitMQ and one service: what is confirmed, what is acknowledged, and what becomes of what nobody can take."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import aio_pika
import pytest

from shared.bus import inbox, rabbit, topology
from shared.bus.rabbit import RabbitBus
from shared.engine.engine import Engine, Outcome
from shared.messages import Event, read_all, write, write_batch
from shared.service import Door
from tests.engine.house import publish, publish_batch, waiting_in
from tests.engine.place import Place, eventually, rows, state
from tests.engine.toy import Case, Publisher, Supporter, offer, qualified, suspended, talk


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        yield place


@asynccontextmanager
async def at_work(place: Place, engine: Engine, url: str, door: Door | None = None) -> AsyncIterator[RabbitBus]:
    bus, stop = RabbitBus(engine, url, place.clock, place.metrics, door=door), asyncio.Event()
    await bus.start()
    running = asyncio.create_task(bus.run(stop))
    try:
        yield bus
    finally:
        stop.set()
        await running
        await bus.stop()


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
        "matching.batch",
        "application/cloudevents-batch+json",
    )
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT


async def test_one_event_goes_out_alone(place: Place, engine: Engine, amqp_url: str, other: Publisher) -> None:
    async with at_work(place, engine, amqp_url):
        await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
        await eventually(lambda: holds(amqp_url, "training", 1))
    [message] = await taken_from(amqp_url, "training")
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


async def test_a_message_is_acknowledged_only_after_its_commit(
    place: Place, engine: Engine, amqp_url: str, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit, "_GRACE", 0.2)
    committing = asyncio.Event()

    async def never(*_: object) -> None:
        committing.set()
        await asyncio.Event().wait()

    engine.after = never
    async with at_work(place, engine, amqp_url):
        await publish(amqp_url, "followup.conversation_held", write(other(talk("c-1", 1))))
        await committing.wait()
        assert await waiting_in(amqp_url, "matching") == 0
    await eventually(lambda: holds(amqp_url, "matching", 1))
    assert await rows(engine, "heard") == []


async def test_stopping_finishes_what_has_begun(place: Place, engine: Engine, amqp_url: str, other: Publisher) -> None:
    begun = asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        await asyncio.sleep(0.3)

    engine.after = slow
    async with at_work(place, engine, amqp_url):
        await engine.handle([other(qualified("s-1"))])
        begun.clear()
        await publish(amqp_url, "intake.support_offered", write(other(offer("r-1", "c-1"))))
        await begun.wait()
    assert await waiting_in(amqp_url, "matching") == 0
    assert await waiting_in(amqp_url, "intake") == 1
    assert await published(engine)


async def test_a_report_from_outside_is_taken_once_whatever_stands_in_the_way(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "FIRST_PAUSE", 0.01)
    found: list[tuple[str, bytes, str]] = []
    trouble = [ConnectionRefusedError(), TimeoutError()]

    async def take(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        if trouble:
            raise trouble.pop()
        found.append((hospital, body, headers["content-type"] + headers["x-key"]))

    async with at_work(place, engine, amqp_url, take):
        await publish(amqp_url, "example", b"{}", topology.REPORTS, **{"X-Key": "k-1"})
        await eventually(lambda: holds(amqp_url, topology.REPORTS, 0))
        await eventually(lambda: as_async(bool(found)))
    assert found == [("example", b"{}", "application/jsonk-1")]
    assert await waiting_in(amqp_url, topology.REPORTS) == 0


async def test_a_report_that_was_delivered_too_often_is_set_aside_for_its_hospital(
    place: Place, engine: Engine, amqp_url: str
) -> None:
    found: list[tuple[str, bytes, str, str]] = []

    async def enter(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        if body == b"unheard of":
            raise RecursionError
        found.append((hospital, body, headers["content-type"], doomed))

    await topology.declare(amqp_url)
    for body in (b"{}", b"unheard of"):
        await publish(amqp_url, "example", body, topology.REPORTS)
        await die_of(amqp_url, topology.REPORTS, topology.DELIVERY_LIMIT + 1)
    async with at_work(place, engine, amqp_url, enter):
        await eventually(lambda: as_async(bool(found)))
        await eventually(lambda: has_dead_letters(engine, "RecursionError"))
    assert found == [("example", b"{}", "application/json", "delivery_limit")]
    assert await waiting_in(amqp_url, topology.dead_queue(topology.REPORTS)) == 0


async def test_a_broker_that_is_away_stops_no_command(place: Place, engine: Engine, other: Publisher) -> None:
    async with at_work(place, engine, "amqp://guest:guest@127.0.0.1:9/") as bus:
        assert not await bus.ready()
        await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
        assert "amqp" in await rows(engine, "pending", "destination")


async def test_a_bus_that_works_is_ready(place: Place, engine: Engine, amqp_url: str) -> None:
    async with at_work(place, engine, amqp_url) as bus:
        assert await bus.ready()
    assert not await bus.ready()


# -- what can be seen


async def as_async(answer: bool) -> bool:
    return answer


async def holds(url: str, queue: str, count: int) -> bool:
    with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
        return await waiting_in(url, queue) == count
    return False


async def has_talks(engine: Engine, case: str, count: int) -> bool:
    found = await state(engine, Case, case)
    return found is not None and len(found.talks) == count


async def has_dead_letters(engine: Engine, *reasons: str) -> bool:
    return await rows(engine, "dead_letter", "reason") == sorted(reasons)


async def is_suspended(engine: Engine, supporter: str) -> bool:
    found = await state(engine, Supporter, supporter)
    return found is not None and found.standing == "suspended"


async def published(engine: Engine) -> bool:
    return "amqp" not in await rows(engine, "pending", "destination")


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


async def delete(url: str, *queues: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for queue in queues:
            await channel.queue_delete(queue)


async def die_of(url: str, queue: str, times: int) -> None:
    """A consumer that gets the message and never acknowledges it, again and again."""
    async with await aio_pika.connect(url) as connection:
        found = await (await connection.channel()).get_queue(queue)
        for _ in range(times):
            message = await found.get(timeout=5)
            assert message is not None
            await message.nack(requeue=True)
