"""Nothing grows for ever: what is kept for a time goes when that is over, and what is still needed never does."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from shared import sweep
from shared.engine.engine import Engine
from shared.engine.erasure import erased_key
from shared.engine.rows import dead_row
from shared.engine.shelves import engine_shelves
from shared.messages import followup, intake, read
from shared.settings import Settings
from shared.sweep import Sweeper
from tests.engine.place import Place, rows, said
from tests.engine.toy import HOSPITAL, NOW, Publisher, accept, explosion, offer, qualified

DAY = timedelta(days=1)
KEPT = Settings.model_fields["keep_journal"].default


def sweeper(place: Place, engine: Engine, **keep: int) -> Sweeper:
    tables = [table.name for table in engine.store.metadata.sorted_tables]
    shelves = engine_shelves(Settings(**keep))  # type: ignore[arg-type]
    return Sweeper(engine.name, engine.database, place.clock, place.metrics, shelves, tables)


async def lived(engine: Engine, other: Publisher) -> None:
    """A case with a match and a timer that nobody fired, a plan that names it, and a message that was set aside."""
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await engine.ask(accept("c-1", "s-1"))
    await engine.handle([other(intake.SupporterInvolved(report="r-1", cases=("c-1", "c-2"), supporters=("s-9",)))])
    await engine.handle([other(explosion("c-1"))])


async def test_what_was_said_and_what_was_received_goes_when_its_time_is_over(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await lived(engine, other)
    before = await said(engine)
    sweeping = sweeper(place, engine, keep_dead_letters=KEPT)
    place.clock.move_to(NOW + KEPT * DAY)
    assert await sweeping.round() == 0
    assert (await said(engine), await rows(engine, "received", "key")) == (before, ["accept-1"])
    place.clock.move_to(NOW + (KEPT + 1) * DAY)
    assert await sweeping.round() > 0
    assert await said(engine) == ["answer_due c-1"]
    for table in ("received", "dead_letter", "mention"):
        assert await rows(engine, table) == []


async def test_a_timer_that_waits_is_never_too_old(place: Place, engine: Engine, other: Publisher) -> None:
    await lived(engine, other)
    place.clock.move_to(NOW + 2 * KEPT * DAY)
    await sweeper(place, engine).round()
    assert await engine.fire() == 1
    await sweeper(place, engine).round()
    assert await said(engine) == []


async def test_what_was_set_aside_can_be_replayed_as_long_as_it_is_there(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await lived(engine, other)
    async with engine.database.read() as c:
        [asked, *_] = [read(body) for body in await engine.store.about(c, HOSPITAL, "c-1")]
    await engine.database.transact(lambda c: engine.store.bury(c, [dead_row(asked, "smtp_550", NOW + KEPT * DAY)]))
    place.clock.move_to(NOW + (KEPT + 1) * DAY)
    await sweeper(place, engine).round()
    assert "supporter_asked c-1 1" in await said(engine)
    assert await rows(engine, "dead_letter", "id") == [asked.id]


async def test_positions_of_an_erased_case_go_and_that_it_was_erased_stays_known(
    place: Place, engine: Engine, other: Publisher
) -> None:
    await lived(engine, other)
    await engine.handle([other(followup.CaseErased(case="c-1"), 1)])
    place.clock.move_to(NOW + KEPT * DAY)
    await sweeper(place, engine).round()
    assert "c-1" in await rows(engine, "heard", "subject")
    place.clock.move_to(NOW + (KEPT + 1) * DAY)
    await sweeper(place, engine).round()
    assert await rows(engine, "heard", "subject") == ["r-1", "s-1"]
    assert await rows(engine, "received", "key") == [erased_key(HOSPITAL, "c-1")]


async def test_an_attempt_at_what_waits_no_more_is_forgotten(place: Place, engine: Engine, other: Publisher) -> None:
    await lived(engine, other)
    async with engine.database.read() as c:
        [(_, waits)] = await engine.store.waiting_for(c, "matching")
    await engine.database.transact(lambda c: engine.store.strike(c, [waits, waits + 1], "matching"))
    await sweeper(place, engine).round()
    assert await rows(engine, "strike", "seq") == [waits]


async def test_one_step_looks_at_a_few_rows_however_many_there_are(
    place: Place, engine: Engine, other: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "STEP", 3)
    await engine.handle([other(qualified("s-1")), *(other(offer(f"r-{n}", f"c-{n}")) for n in range(5))])
    await engine.handle([accept(f"c-{n}", "s-1", f"accept-{n}") for n in range(5)])
    many = len(await said(engine))
    place.clock.move_to(NOW + (KEPT + 1) * DAY)
    sweeping, left = sweeper(place, engine), [many]
    for _ in range(many):
        assert await sweeping.step() <= 3
        left.append(len(await said(engine)))
    assert left[-1] == 5  # the timers wait
    assert max(before - after for before, after in pairwise(left)) <= 3


async def test_after_a_round_it_rests_and_then_goes_on(place: Place, engine: Engine, other: Publisher) -> None:
    await lived(engine, other)
    sweeping = sweeper(place, engine, keep_journal=180)
    place.clock.move_to(NOW + 180 * DAY)
    await sweeping.round()
    place.clock.move_to(NOW + 180 * DAY + sweep.REST - timedelta(seconds=1))
    assert await sweeping.step() == 0
    assert "supporter_asked c-1 1" in await said(engine)
    place.clock.move_to(NOW + 180 * DAY + sweep.REST)
    assert await sweeping.step() > 0
