"""A service on RabbitMQ: acknowledgements, an end in good order, reports from outside, a broker that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from shared.bus import patience, rabbit, topology
from shared.engine.engine import Engine
from shared.messages import write
from tests.engine.house import publish, waiting_in
from tests.engine.place import Place, eventually, rows, trouble
from tests.engine.rabbit_words import at_work, delete, die_of, has_dead_letters, holds, published
from tests.engine.toy import Publisher, offer, qualified, talk


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(f"sqlite:///{tmp_path}/{{service}}.sqlite", "", ("amqp",))
    async with place.closing:
        yield place


async def test_a_message_is_acknowledged_only_after_its_commit(
    place: Place, engine: Engine, amqp_url: str, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit, "_GRACE", 0.2)
    committing = asyncio.Event()

    async def never(*_: object) -> None:
        committing.set()
        await asyncio.Event().wait()

    trouble(engine, never)
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

    trouble(engine, slow)
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
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.01)
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
        assert await bus.trouble() == "connection"
        await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
        assert "amqp" in await rows(engine, "pending", "destination")


async def test_a_bus_that_works_is_ready(place: Place, engine: Engine, amqp_url: str) -> None:
    async with at_work(place, engine, amqp_url) as bus:
        assert await bus.trouble() == ""
    assert await bus.trouble() != ""


# -- what can be seen
async def as_async(answer: bool) -> bool:
    return answer


async def test_a_report_of_a_hospital_whose_settings_are_not_in_force_waits_on_the_broker(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "WAIT", timedelta(seconds=0.2))
    place.settled.wrong.add("elsewhere")
    tried: list[str] = []
    taken: list[tuple[str, bytes, str]] = []

    async def take(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        tried.append(hospital)
        place.settled(hospital)
        taken.append((hospital, body, headers["content-type"] + headers["x-key"]))

    async with at_work(place, engine, amqp_url, take):
        for hospital in ("elsewhere", "example"):
            await publish(amqp_url, hospital, b"{}", topology.REPORTS, **{"X-Key": "k-1"})
        await eventually(lambda: as_async(tried.count("elsewhere") >= 3))  # it comes again, and again
        assert taken == [("example", b"{}", "application/jsonk-1")]
        place.settled.wrong.clear()
        await eventually(lambda: as_async(len(taken) == 2))
        await eventually(lambda: holds(amqp_url, topology.REPORTS, 0))
    assert taken[1] == ("elsewhere", b"{}", "application/jsonk-1")
    assert [await waiting_in(amqp_url, queue) for queue in (topology.REPORTS, "naast.reports.waiting")] == [0, 0]


async def test_a_report_that_the_broker_does_not_take_back_is_held(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "WAIT", timedelta(seconds=0.2))
    place.settled.wrong.add("elsewhere")
    tried: list[str] = []
    taken: list[str] = []

    async def take(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        tried.append(hospital)
        place.settled(hospital)
        taken.append(hospital)

    async with at_work(place, engine, amqp_url, take):
        await delete(amqp_url, "naast.reports.waiting")
        for hospital in ("elsewhere", "example"):
            await publish(amqp_url, hospital, b"{}", topology.REPORTS)
        await eventually(lambda: as_async(tried.count("elsewhere") >= 2 and taken == ["example"]))
        place.settled.wrong.clear()
        await eventually(lambda: as_async(taken == ["example", "elsewhere"]))
    assert await waiting_in(amqp_url, topology.REPORTS) == 0


async def test_what_a_handler_cannot_do_is_given_back_later_each_time(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []

    def at_once(times: int) -> float:
        pauses.append(times)
        return 0.0

    monkeypatch.setattr(patience, "pause_after", at_once)
    tried: list[str] = []

    async def torn(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        tried.append(doomed)
        if not doomed:
            raise LookupError

    async with at_work(place, engine, amqp_url, torn):
        await publish(amqp_url, "example", b"{}", topology.REPORTS)
        await eventually(lambda: as_async(tried[-1:] == ["delivery_limit"]))
    assert pauses == list(range(topology.DELIVERY_LIMIT + 1))


def test_the_pauses_before_a_message_is_given_back_grow_to_minutes() -> None:
    pauses = [patience.pause_after(times) for times in range(topology.DELIVERY_LIMIT)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (patience.FIRST_RETURN, patience.LONGEST_RETURN)
    assert sum(pauses) > 600


async def test_what_was_delivered_too_often_is_kept_until_it_can_be_set_aside(
    place: Place, engine: Engine, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_RETURN", 0.001)
    place.settled.wrong.add("example")
    tried: list[str] = []

    async def enter(hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        tried.append(doomed)
        place.settled(hospital)

    await topology.declare(amqp_url)
    await publish(amqp_url, "example", b"{}", topology.REPORTS)
    await die_of(amqp_url, topology.REPORTS, topology.DELIVERY_LIMIT + 1)
    async with at_work(place, engine, amqp_url, enter):
        await eventually(lambda: as_async(tried.count("delivery_limit") > 2))
        assert await rows(engine, "dead_letter") == []
        place.settled.wrong.clear()
        await eventually(lambda: holds(amqp_url, topology.dead_queue(topology.REPORTS), 0))
    assert await waiting_in(amqp_url, topology.dead_queue(topology.REPORTS)) == 0


async def test_how_much_was_delivered_too_often_can_be_seen(place: Place, amqp_url: str) -> None:
    await topology.declare(amqp_url)
    await publish(amqp_url, "example", b"{}", topology.REPORTS)
    await die_of(amqp_url, topology.REPORTS, topology.DELIVERY_LIMIT + 1)
    grave = topology.dead_queue(topology.REPORTS)
    await eventually(lambda: holds(amqp_url, grave, 1))
    assert await topology.declare(amqp_url, (grave,)) == {grave: 1}
