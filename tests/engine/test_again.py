"""What one service said and another never heard comes back, and whoever heard it is not disturbed."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from shared.engine import again
from shared.engine.again import say_again
from shared.engine.engine import Engine
from shared.messages import matching
from tests.engine.house import House
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import HOSPITAL, Mail, Publisher, accept, offer, qualified


async def lose(engine: Engine) -> None:
    """Everything that this service knows is lost, as after a restored backup of its first day."""
    async with engine.database.begin() as c:
        for table in engine.store.metadata.sorted_tables:
            await c.execute(delete(table))


async def arrive(engine: Engine) -> None:
    """Everything that was on its way has been taken."""
    t = engine.store.t.pending
    async with engine.database.begin() as c:
        await c.execute(delete(t).where(t.c.destination != engine.name))


async def test_who_lost_everything_is_brought_level(house: House, other: Publisher) -> None:
    async with house.at_work():
        await house.hear(other(qualified("s-1")), other(offer("r-1", "c-1")))
        await house.until(lambda: _asked(house))
        await house.matching.ask(accept("c-1", "s-1"))
        await house.until(lambda: _told(house))
        await house.until(house.is_quiet)
        before, heard = await said(house.intake), await heard_of_matching(house)
        await lose(house.intake)
        for _ in range(2):
            assert await say_again(house.matching, "intake", HOSPITAL) == (3, None)
            await house.until(lambda: _told(house))
            await house.until(house.is_quiet)
        assert (await said(house.intake), await heard_of_matching(house)) == (before, heard)


async def test_only_the_hearer_and_the_hospital_that_were_asked_for(place: Place, other: Publisher) -> None:
    engine = await place.engine(destinations=("intake", "followup"))
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await engine.ask(accept("c-1", "s-1"))
    assert await say_again(engine, "intake", HOSPITAL) == (0, None)  # it is on its way
    await arrive(engine)
    assert await say_again(engine, "intake", "elsewhere") == (0, None)
    assert await say_again(engine, "training", HOSPITAL) == (0, None)
    assert await rows(engine, "pending", "destination") == ["matching"]
    assert await say_again(engine, "intake", HOSPITAL) == (3, None)
    assert await rows(engine, "pending", "destination") == ["intake", "intake", "intake", "matching"]


async def test_a_long_journal_is_said_again_part_by_part(
    place: Place, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "AT_ONCE", 2)
    engine = await place.engine(destinations=("followup",))
    await engine.handle([other(qualified("s-1")), *(other(offer(f"r-{n}", f"c-{n}")) for n in range(5))])
    await arrive(engine)
    after, counts = 0, list[int]()
    while True:
        count, last = await say_again(engine, "followup", HOSPITAL, after)
        counts.append(count)
        if last is None:
            break
        after = last
    assert counts == [2, 2, 1]


async def heard_of_matching(house: House) -> list[object]:
    return [row for row in await rows(house.intake, "heard") if row[0] == house.matching.name]


async def _asked(house: House) -> bool:
    return matching.SupporterAsked.name in " ".join(await said(house.matching))


async def _told(house: House) -> bool:
    mail = await state(house.intake, Mail, "c-1")
    return mail is not None and mail.sent == 1
