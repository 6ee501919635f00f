"""A timer fires exactly once, at its moment, whoever is there to hear it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from shared.engine.engine import BATCH, GRACE, Engine
from shared.messages import Event, matching
from shared.metrics import ABOUT_SOMEBODY
from tests.engine.place import Place, rows, said, state, trouble
from tests.engine.toy import ANSWER_TIME, Case, Publisher, Supporter, accept, offer, qualified


async def test_a_timer_fires_exactly_once_for_two_who_look(
    place: Place, callers: tuple[Engine, Engine], other: Publisher
) -> None:
    one, two = callers
    cases = [f"c-{n}" for n in range(60)]
    await one.handle([other(qualified("s-1")), other(offer("r-1", *cases))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    fired = await asyncio.gather(*(engine.fire(20) for engine in (one, two) * 3))
    assert sum(fired) + await one.fire() == 60
    expired = [line for line in await said(one) if line.startswith("ask_expired")]
    assert sorted(expired) == sorted(f"ask_expired {case} 2" for case in cases)
    assert (await state(one, Supporter, "s-1")).open == 0
    assert await rows(one, "pending") == []


async def test_a_timer_never_fires_early(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    assert await engine.next_due() == place.clock.now() + ANSWER_TIME
    place.clock.move_to(place.clock.now() + ANSWER_TIME - timedelta(microseconds=1))
    assert (await engine.fire(), (await state(engine, Case, "c-1")).woken) == (0, 0)
    place.clock.move_to(place.clock.now() + timedelta(microseconds=1))
    assert (await engine.fire(), (await state(engine, Case, "c-1")).woken) == (1, 1)
    assert await rows(engine, "received") == []


async def test_a_timer_is_counted_and_has_no_age_of_its_own(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    value, timer = place.metrics.registry.get_sample_value, {"service": "matching", "type": ABOUT_SOMEBODY}
    before = value("naast_message_age_seconds_count", {"service": "matching"})
    taken = value("naast_messages_consumed_total", timer) or 0
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert await engine.fire() == 1
    assert value("naast_messages_consumed_total", timer) == taken + 1
    assert value("naast_message_age_seconds_count", {"service": "matching"}) == before == 2


async def test_a_late_timer_finds_nothing_to_do(place: Place, engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await engine.ask(accept("c-1", "s-1"))
    before = await said(engine)
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert await engine.fire() == 1
    assert await said(engine) == before
    assert (await state(engine, Case, "c-1")).accepted


class Trouble(Exception):
    """What a database driver raises; `sqlstate` says whether it will pass."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@asynccontextmanager
async def in_trouble(engine: Engine, place: Place, other: Publisher, *troubles: str) -> AsyncIterator[None]:
    """The answers of three cases are due, and the second cannot be kept: once for each of these troubles."""
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1", "c-2", "c-3"))])
    left = list(troubles)

    async def after(_: object, events: list[Event]) -> None:
        if left and any(event.subject == "c-2" for event in events):
            raise DBAPIError("select 1", {}, Trouble(left.pop(0)))

    trouble(engine, after)
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    yield
    assert left == []


async def test_a_timer_that_the_database_refuses_is_set_aside_and_the_others_fire(
    place: Place, engine: Engine, other: Publisher
) -> None:
    async with in_trouble(engine, place, other, "22021", "22021"):
        assert await engine.fire() == 3
    assert [line for line in await said(engine) if "expired" in line] == ["ask_expired c-1 2", "ask_expired c-3 2"]
    dead = ("naast.matching.answer_due.v1", "c-2", "sqlstate_22021")
    assert await rows(engine, "dead_letter", "type", "subject", "reason") == [dead]
    assert await rows(engine, "pending") == await rows(engine, "received") == []


async def test_a_timer_that_cannot_be_kept_for_now_waits(place: Place, engine: Engine, other: Publisher) -> None:
    async with in_trouble(engine, place, other, "22021", "08006"):
        with pytest.raises(DBAPIError):
            await engine.fire()
    assert await rows(engine, "dead_letter") == []
    assert await engine.fire() == 2
    expired = ["ask_expired c-1 2", "ask_expired c-2 2", "ask_expired c-3 2"]
    assert [line for line in await said(engine) if "expired" in line] == expired


async def test_what_was_just_said_is_left_for_a_moment_to_the_process_that_said_it(
    place: Place, other: Publisher
) -> None:
    engine, now = await place.engine(destinations=("intake",)), place.clock.now()
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    pending = [(now + GRACE, "intake"), (now + ANSWER_TIME, "matching")]
    assert await rows(engine, "pending", "due_at", "destination") == pending


async def test_more_timers_than_fit_in_one_round_all_fire(place: Place, engine: Engine, other: Publisher) -> None:
    count = 2 * BATCH + 1
    await engine.handle([other(qualified("s-1")), other(offer("r-1", *(f"c-{n}" for n in range(count))))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert [await engine.fire() for _ in range(4)] == [BATCH, BATCH, 1, 0]


async def test_a_timer_that_is_set_behind_the_others_is_not_forgotten(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", *(f"c-{n}" for n in range(BATCH))))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert await engine.fire() == BATCH  # a full round: the next one starts where this one ended
    await engine.handle([other(offer("r-2", "c-late"))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert await engine.fire() + await engine.fire() == 1


async def test_a_timer_of_which_nothing_can_come_is_set_aside_and_may_be_replayed_once(
    place: Place, other: Publisher
) -> None:
    broken = {"c-2"}

    async def after(_: object, events: list[Event]) -> None:
        if any(isinstance(event.data, matching.AnswerDue) and event.subject in broken for event in events):
            raise LookupError

    engine = await place.engine(after=after)
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1", "c-2", "c-3"))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    assert [await engine.fire(), await engine.fire()] == [3, 0]
    assert await expired(engine) == ["c-1", "c-3"]
    [(id, reason, body)] = await rows(engine, "dead_letter", "id", "reason", "event")
    assert reason == "LookupError"
    broken.clear()
    assert [await engine.replay(id, body.encode()) for _ in range(2)] == ["", ""]
    assert (await expired(engine), await rows(engine, "dead_letter")) == (["c-1", "c-3", "c-2"], [])


async def expired(engine: Engine) -> list[str]:
    return [line.split()[1] for line in await said(engine) if line.startswith("ask_expired")]
