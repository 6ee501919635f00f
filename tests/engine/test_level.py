"""What one service said and another never heard comes back by itself, and whoever heard it is not disturbed."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from shared.bus.level import level
from shared.engine import level as paging
from shared.engine.engine import Engine
from shared.engine.erasure import erased_key
from shared.engine.level import RollCall
from shared.messages import intake, matching
from tests.engine.place import Place, rows, said
from tests.engine.toy import HOSPITAL, INTAKE, Publisher, accept, offer, qualified


@pytest.fixture
async def publisher(place: Place, other: Publisher) -> Engine:
    """A matching that asked somebody for c-1, who said yes: three facts for intake, of which none is on its way."""
    engine = await place.engine(destinations=("intake",))
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await engine.ask(accept("c-1", "s-1"))
    await leave(engine)
    return engine


@pytest.fixture
async def hearer(place: Place) -> Engine:
    return await place.engine(INTAKE, destinations=("matching",))


async def leave(engine: Engine) -> None:
    """Everything that was on its way is gone, wherever it went."""
    t = engine.store.t.pending
    async with engine.database.begin() as c:
        await c.execute(delete(t).where(t.c.destination != engine.name))


async def arrive(publisher: Engine, hearer: Engine) -> int:
    """Everything that is on its way is taken. Returns how much that was."""
    left = [parcel for parcel, _ in await publisher.left_over(hearer.name)]
    await hearer.handle([parcel.event for parcel in left])
    await publisher.delivered([parcel.row for parcel in left])
    return len(left)


async def brought_level(publisher: Engine, hearer: Engine) -> tuple[int, int]:
    """One whole round. Of how many subjects the hearer knew less or more, and how many facts came."""
    roll_call, differ = RollCall(publisher), 0
    while True:
        page = await roll_call.page()
        differ += await level(publisher, hearer, page.get(hearer.name, ()))
        if roll_call.at_start:
            return differ, await arrive(publisher, hearer)


async def say_more(engine: Engine, other: Publisher) -> None:
    """One more fact about c-1 for the hearer."""
    await engine.handle([other(intake.SupportWithdrawn(report="r-1", cases=("c-1",), reason="amended"))])


async def forget_that_much_was_said(engine: Engine) -> None:
    """As after a backup from when one fact had been said."""
    t = engine.store.states["Case"].table
    async with engine.database.begin() as c:
        await c.execute(update(t).values(said="all=1 followup=1 intake=1"))


async def lose(engine: Engine, *tables: str) -> None:
    """Everything that this service knows is lost, as after a restored backup of its first day."""
    async with engine.database.begin() as c:
        for table in engine.store.metadata.sorted_tables:
            if table.name in tables or not tables:
                await c.execute(delete(table))


async def test_a_first_message_that_was_lost_comes_back(publisher: Engine, hearer: Engine) -> None:
    assert await brought_level(publisher, hearer) == (1, 3)
    assert await rows(hearer, "heard", "publisher", "subject", "sequence") == [("matching", "c-1", 3)]
    assert await brought_level(publisher, hearer) == (0, 0)


async def test_who_lost_everything_is_brought_level(publisher: Engine, hearer: Engine) -> None:
    await brought_level(publisher, hearer)
    before = await said(hearer)
    await lose(hearer)
    assert await brought_level(publisher, hearer) == (1, 3)
    assert await said(hearer) == before


async def test_what_is_still_on_its_way_is_not_said_again(place: Place, other: Publisher, hearer: Engine) -> None:
    engine = await place.engine(destinations=("intake",))
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    waiting = await rows(engine, "pending", "destination")
    await level(engine, hearer, (await RollCall(engine).page())["intake"])
    assert await rows(engine, "pending", "destination") == waiting


async def test_a_hearer_of_nothing_is_told_nothing(publisher: Engine) -> None:
    assert set(await RollCall(publisher).page()) == {"intake", "followup"}


async def test_whoever_has_many_subjects_tells_them_page_by_page(
    place: Place, other: Publisher, hearer: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    engine = await place.engine(destinations=("intake",))
    await engine.handle([other(qualified("s-1")), *(other(offer(f"r-{n}", f"c-{n}")) for n in range(5))])
    await leave(engine)
    first = (await RollCall(engine).page())["intake"]
    assert [mark.subject for mark in first] == ["c-0", "c-1"]
    differ, came = await brought_level(engine, hearer)
    assert (differ, came) == (5, len(await told_to_intake(engine)))


async def test_what_is_in_no_journal_any_more_is_a_gap_that_is_told(
    place: Place, publisher: Engine, hearer: Engine
) -> None:
    await lose(publisher, "journal")
    assert await brought_level(publisher, hearer) == (1, 0)
    assert place.metrics.registry.get_sample_value("naast_gaps_passed_total", GAPS) == 1
    assert await brought_level(publisher, hearer) == (0, 0)


async def test_behind_what_is_lost_the_next_one_is_taken(publisher: Engine, hearer: Engine, other: Publisher) -> None:
    await lose(publisher, "journal")
    await brought_level(publisher, hearer)
    await say_more(publisher, other)
    assert await arrive(publisher, hearer) == 1
    assert await rows(hearer, "heard", "sequence") == [4]


async def test_a_publisher_that_knows_less_than_its_hearer_counts_on(
    place: Place, publisher: Engine, hearer: Engine, other: Publisher
) -> None:
    await brought_level(publisher, hearer)
    await forget_that_much_was_said(publisher)
    assert await brought_level(publisher, hearer) == (0, 0)
    assert place.metrics.registry.get_sample_value("naast_subjects_ahead_total", GAPS) == 1
    await say_more(publisher, other)
    await arrive(publisher, hearer)
    assert await rows(hearer, "heard", "sequence") == [4]
    assert await brought_level(publisher, hearer) == (0, 0)


async def test_of_what_was_erased_nothing_is_asked_again(publisher: Engine, hearer: Engine, place: Place) -> None:
    async with hearer.database.begin() as c:
        await hearer.store.come(c, {erased_key(HOSPITAL, "c-1"): (HOSPITAL, "")}, (), place.clock.now())
    assert await brought_level(publisher, hearer) == (0, 0)


GAPS = {"service": "intake", "publisher": "matching"}


async def told_to_intake(engine: Engine) -> list[str]:
    return [one for one in await said(engine) if one.startswith(tuple(HEARD))]


HEARD = (matching.SupporterAsked.name, matching.AskAccepted.name, matching.MatchFailed.name)
