"""Transactions that get in each other's way, and work of which a part was done when the database went away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared import db
from shared.engine.engine import LETTER_GRACE, Engine
from shared.engine.outcome import Outcome
from shared.messages import Event, followup, intake, write
from tests.engine.place import Place, rows, said, state, trouble
from tests.engine.toy import ANSWER_TIME, INTAKE, Case, Publisher, accept, offer, qualified, talk, told

DEADLOCK, REFUSED, AWAY = "40P01", "22021", "08006"


class Failure(Exception):
    """What a database driver raises."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def fails(engine: Engine, *sqlstates: str, about: str = "") -> list[str]:
    """Lets as many transactions end in this way, before they commit; those that take something about this subject. What
    is left to come.
    """
    left = list(sqlstates)

    async def after(_: object, events: list[Event]) -> None:
        if left and (not about or any(event.subject == about for event in events)):
            raise DBAPIError("select 1", {}, Failure(left.pop(0)))

    trouble(engine, after)
    return left


async def _timers(place: Place, engine: Engine, other: Publisher) -> Callable[[], Awaitable[object]]:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    place.clock.move_to(place.clock.now() + ANSWER_TIME)
    return engine.fire


async def _facts(place: Place, engine: Engine, other: Publisher) -> Callable[[], Awaitable[object]]:
    return lambda: engine.handle([other(talk("c-1", 1))])


async def _dead_letter(place: Place, engine: Engine, other: Publisher) -> Callable[[], Awaitable[object]]:
    bad = other(talk("c-1", 1))
    await engine.set_aside([bad], "test")
    return lambda: engine.replay(bad.id, write(bad))


async def _gap(place: Place, engine: Engine, other: Publisher) -> Callable[[], Awaitable[object]]:
    await engine.handle([other(talk("c-1", 2), 2)])
    place.clock.move_to(place.clock.now() + engine.protocol.gap_limit * 2)
    return engine.pass_gaps


@pytest.mark.parametrize("work", [_facts, _timers, _dead_letter, _gap])
async def test_whatever_collides_is_done_again_at_once(
    place: Place, engine: Engine, other: Publisher, work: Callable[..., Awaitable[Callable[[], Awaitable[object]]]]
) -> None:
    do = await work(place, engine, other)
    left = fails(engine, DEADLOCK)
    await do()
    case = await state(engine, Case, "c-1")
    assert (left, case.woken + len(case.talks)) == ([], 1)
    assert await rows(engine, "dead_letter") == []


async def test_an_account_of_letters_that_collides_is_given_again(place: Place) -> None:
    engine = await place.engine(INTAKE)
    await engine.handle([told("c-1")])
    place.clock.move_to(place.clock.now() + LETTER_GRACE)
    [parcel] = await engine.lease_letters()
    left = fails(engine, DEADLOCK)
    gone = intake.NoticeGone(regarding=parcel.event.subject, to="colleague", template="matched", outcome="sent")
    await engine.finish([(parcel, gone)])
    assert (left, await rows(engine, "pending")) == ([], [])


async def test_what_was_committed_before_the_database_went_away_is_answered_as_done(
    engine: Engine, other: Publisher
) -> None:
    """The batch is refused for the second's sake; each alone, the first is committed, and then nothing answers."""
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1", "c-2", "c-3"))])
    published: list[str] = []

    async def publish(parcels: list[Any]) -> None:
        published.extend(parcel.event.subject for parcel in parcels)

    engine.publish, engine.destinations = publish, ("amqp",)
    left = fails(engine, REFUSED, AWAY, about="c-2")
    calls = [engine.ask(accept(case, "s-1", id=f"yes-{case}")) for case in ("c-0", "c-1", "c-2", "c-3")]
    _, first, *others = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, list)
    assert [event.data.name for event in first] == ["ask_accepted", "notice_due"]
    assert [type(one) for one in others] == [DBAPIError, DBAPIError]
    assert (left, [case for case in published if case != "c-0"]) == ([], ["c-1", "c-1"])
    assert [(await state(engine, Case, case)).accepted for case in ("c-1", "c-2", "c-3")] == [True, False, False]


async def test_what_is_to_be_forgotten_is_forgotten_by_whichever_replica_is_left(
    place: Place, callers: tuple[Engine, Engine], other: Publisher
) -> None:
    one, left = callers
    one.destinations = left.destinations = ("amqp",)
    await left.handle([other(qualified("s-1"))])
    await left.pass_gaps()  # it has seen that nothing was to be forgotten
    parcels = (await one.handle([other(offer("r-1", "c-1"))])).parcels
    await one.handle([other(followup.CaseErased(case="c-1"))])
    assert await rows(one, "erasing", "subject") == ["c-1"]
    left.leaving = False
    await left.delivered([parcel.row for parcel in parcels])
    await left.pass_gaps()
    assert await rows(left, "erasing") == []
    assert not [line for line in await said(left) if "c-1" in line]


@pytest.mark.live
async def test_a_timer_that_fires_while_its_case_is_forgotten_stands_in_nobodys_way(
    replicas: tuple[Engine, Engine], other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_RETRIES", 1)
    fires, forgets = replicas
    await fires.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    fires.clock.move_to(fires.clock.now() + ANSWER_TIME)  # type: ignore[attr-defined]
    claimed, holds = asyncio.Event(), asyncio.Event()
    claim, erase = fires.store.claim, forgets._erasure.erase

    async def claiming(*arguments: Any) -> Any:
        found = await claim(*arguments)
        claimed.set()
        await holds.wait()
        return found

    async def erasing(*arguments: Any) -> bool:
        holds.set()
        await asyncio.sleep(0.1)  # the timer waits for the state by now
        return await erase(*arguments)

    monkeypatch.setattr(fires.store, "claim", claiming)
    monkeypatch.setattr(forgets._erasure, "erase", erasing)
    timer = asyncio.create_task(fires.fire())
    await claimed.wait()
    outcome: Outcome = await forgets.handle([other(followup.CaseErased(case="c-1"))])
    assert (outcome.taken, await timer) == (1, 1)
    assert await rows(fires, "pending") == await rows(fires, "journal") == []
    assert (await state(fires, Case, "c-1")).ending == "erased"
