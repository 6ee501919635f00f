"""Cases compete for supporters under one lock per hospital; what a replica remembers of the pool is never stale."""

import asyncio
from collections import Counter

import pytest

from shared.engine.engine import Engine
from shared.messages import matching, read
from tests.engine.place import rows, state, trouble
from tests.engine.toy import Publisher, Supporter, offer, qualified, reinstated, suspended


async def test_what_two_callers_ask_for_is_divided_fairly(callers: tuple[Engine, Engine], other: Publisher) -> None:
    one, two = callers
    supporters = [f"s-{n}" for n in range(4)]
    await one.handle([other(qualified(supporter)) for supporter in supporters])
    for n in range(0, 40, 2):
        await asyncio.gather(
            one.handle([other(offer(f"r-{n}", f"c-{n}"))]), two.handle([other(offer(f"r-{n + 1}", f"c-{n + 1}"))])
        )
    assert [(await state(one, Supporter, supporter)).open for supporter in supporters] == [10] * 4


async def test_a_replica_sees_what_the_other_changed(replicas: tuple[Engine, Engine], other: Publisher) -> None:
    one, two = replicas
    await one.handle([other(qualified("s-1"))])
    await two.handle([other(qualified("s-2"))])
    await one.handle([other(offer("r-1", "c-1"))])
    await two.handle([other(suspended("s-2"))])
    await one.handle([other(offer("r-2", "c-2"))])
    await two.handle([other(suspended("s-1")), other(reinstated("s-2"))])
    await one.handle([other(offer("r-3", "c-3"))])
    assert Counter(await asked(one)) == {"s-1": 2, "s-2": 1}


async def test_a_pool_that_was_not_committed_is_not_remembered(engine: Engine, other: Publisher) -> None:
    refusals = [ConnectionResetError()]

    async def refuse_once(*_: object) -> None:
        if refusals:
            raise refusals.pop()

    await engine.handle([other(qualified("s-1"))])
    event = other(offer("r-1", "c-1"))
    trouble(engine, refuse_once)
    with pytest.raises(ConnectionResetError):
        await engine.handle([event])
    assert (await engine.handle([event])).taken == 1
    assert (await state(engine, Supporter, "s-1")).open == 1


async def test_whoever_comes_later_in_the_batch_is_not_in_the_pool_yet(engine: Engine, other: Publisher) -> None:
    outcome = await engine.handle([other(offer("r-1", "c-1")), other(qualified("s-1"))])
    assert (outcome.taken, outcome.parcels) == (2, [])
    [failed] = [read(body.encode()).data for body in await rows(engine, "journal", "event")]
    assert failed == matching.MatchFailed(case="c-1", pool=0, removed={})


async def test_hospitals_never_see_each_others_supporters(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1"), hospital="elsewhere")])
    await engine.handle([other(offer("r-1", "c-1"))])
    [failed] = [read(body.encode()).data for body in await rows(engine, "journal", "event")]
    assert failed == matching.MatchFailed(case="c-1", pool=0, removed={})
    await engine.handle([other(offer("r-1", "c-1"), hospital="elsewhere")])
    assert await asked(engine) == ["s-1"]


async def asked(engine: Engine) -> list[str]:
    events = [read(body.encode()).data for body in await rows(engine, "journal", "event")]
    return [event.supporter for event in events if event.name == "supporter_asked"]  # type: ignore[attr-defined]
