"""A clock that jumps suspends nobody, sends nothing and erases nothing, until it is back or ops says it is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx2 as httpx
import pytest

from shared.bus.letters import Letters
from shared.engine.engine import Engine
from shared.engine.held import JUMP, OFF, Held
from shared.engine.shelves import engine_shelves
from shared.http import clock
from shared.http.answers import an_app, take_in
from shared.http.gate import guard
from shared.messages import matching
from shared.settings import Settings
from shared.sweep import Sweeper
from tests.engine.house import Postman
from tests.engine.intake_house import open_intake
from tests.engine.place import Place, said
from tests.engine.toy import ANSWER_TIME, INTAKE, NOW, Publisher, offer, qualified

YEAR = timedelta(days=365)
SECOND = timedelta(seconds=1)


@dataclass
class Wall:
    """The clock of a machine, which anybody may set, and the one beside it that nobody can."""

    moment: datetime = NOW
    ticks: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def goes_on(self, time: timedelta) -> None:
        self.moment += time
        self.ticks += time.total_seconds()

    def jumps(self, time: timedelta) -> None:
        self.moment += time
        self.ticks += 1


@pytest.fixture
def wall(place: Place) -> Wall:
    wall = Wall()
    place.clock = cast(Any, wall)
    return wall


def believe(engine: Engine, wall: Wall, place: Place) -> Held:
    """As a process that begins now would."""
    engine.held = Held(engine.name, engine.database, wall, place.metrics, lambda: wall.ticks)
    return engine.held


@pytest.fixture
async def engine(place: Place, wall: Wall, other: Publisher) -> Engine:
    """A matching of which an answer is due in some hours."""
    engine = await place.engine()
    believe(engine, wall, place)
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    assert not await engine.held.holds()
    return engine


def metric(place: Place) -> float | None:
    return place.metrics.registry.get_sample_value("naast_clock_jump_seconds", {"service": "matching"})


async def test_after_a_jump_of_a_year_no_timer_fires_until_ops_says_so(
    engine: Engine, wall: Wall, place: Place
) -> None:
    wall.jumps(YEAR)
    assert [await engine.fire(), metric(place)] == [0, YEAR.total_seconds() - 1]
    wall.goes_on(YEAR)
    assert await engine.fire() == 0
    await engine.held.accept()
    assert [await engine.fire(), metric(place)] == [1, 0]
    assert "ask_expired c-1 2" in await said(engine)


async def test_no_letter_leaves_by_a_clock_that_jumped(wall: Wall, place: Place, other: Publisher) -> None:
    engine, postman = await place.engine(INTAKE), Postman()
    letters = Letters(engine, postman)
    believe(engine, wall, place)
    due = matching.NoticeDue(regarding="c-1", to="colleague", template="matched", person="p-1")
    fresh = (await engine.handle([other(due)])).parcels
    wall.jumps(YEAR)
    letters.add(fresh)
    assert [await letters.carry_fresh(), await letters.carry_due(), postman.tried] == [0, 0, []]
    await engine.held.accept()
    await letters.carry_fresh()
    await letters.carry_due()
    assert postman.tried == ["c-1"]


async def test_nothing_is_swept_and_no_gap_is_passed_by_a_clock_that_jumped(
    engine: Engine, wall: Wall, place: Place, other: Publisher
) -> None:
    shelves = engine_shelves(Settings())
    engine.sweepers = [Sweeper("matching", engine.database, wall, place.metrics, shelves, ())]
    await engine.handle([other(offer("r-2", "c-2"), 7)])
    before = await said(engine)
    wall.jumps(3 * YEAR)
    assert [await engine.sweep() for _ in shelves] == [0] * len(shelves)
    assert await engine.pass_gaps() == 0
    assert await said(engine) == before
    await engine.held.accept()
    assert await engine.pass_gaps() == 1


async def test_a_clock_that_is_put_right_needs_no_word(engine: Engine, wall: Wall) -> None:
    wall.jumps(YEAR)
    assert await engine.held.holds()
    wall.jumps(-YEAR)
    assert not await engine.held.holds()
    wall.goes_on(ANSWER_TIME)
    assert await engine.fire() == 1


@pytest.mark.parametrize(("jump", "holds"), [(JUMP, False), (JUMP + 2 * SECOND, True), (-2 * JUMP, True)])
async def test_an_hour_is_put_right_without_a_word_and_more_is_not(
    engine: Engine, wall: Wall, jump: timedelta, holds: bool
) -> None:
    wall.jumps(jump)
    assert await engine.held.holds() == holds


async def test_time_that_passes_is_no_jump_however_long_nobody_looked(engine: Engine, wall: Wall) -> None:
    wall.goes_on(YEAR)
    assert await engine.fire() == 1


async def test_a_word_that_was_given_before_is_no_word_about_another_jump(engine: Engine, wall: Wall) -> None:
    wall.jumps(YEAR)
    assert await engine.held.holds()
    await engine.held.accept()
    assert not await engine.held.holds()
    wall.jumps(YEAR)
    assert await engine.held.holds()


@pytest.mark.parametrize(
    ("later", "holds"), [(OFF - SECOND, False), (OFF + SECOND, True), (-JUMP, False), (-JUMP - SECOND, True)]
)
async def test_a_process_that_begins_compares_its_clock_with_what_was_said_last(
    engine: Engine, wall: Wall, place: Place, later: timedelta, holds: bool
) -> None:
    wall.jumps(later)
    held = believe(engine, wall, place)
    assert await held.holds() == holds
    await held.accept()
    assert not await held.holds()


async def test_a_clock_that_was_wrong_at_the_start_and_is_put_right_needs_no_word(
    engine: Engine, wall: Wall, place: Place
) -> None:
    for wrong in (-YEAR, YEAR):
        wall.jumps(wrong)
        held = believe(engine, wall, place)
        assert await held.holds()
        wall.jumps(-wrong)
        assert not await held.holds()


async def test_every_replica_hears_the_word(engine: Engine, wall: Wall, place: Place) -> None:
    here = engine.held
    there = Held(engine.name, engine.database, wall, place.metrics, lambda: wall.ticks)
    assert not await there.holds()
    wall.jumps(YEAR)
    assert [await here.holds(), await there.holds()] == [True, True]
    wall.goes_on(SECOND)
    await here.accept()
    assert [await here.holds(), await there.holds()] == [False, False]


async def test_a_simulated_clock_may_jump(place: Place, other: Publisher) -> None:
    engine = await place.engine()
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    place.clock.move_to(NOW + YEAR)
    assert await engine.fire() == 1


@pytest.mark.parametrize(
    ("role", "hospital", "status"),
    [("ops", "*", 200), ("ops", "example", 403), ("coordinator", "example", 403), ("auditor", "*", 403)],
)
async def test_only_ops_of_the_whole_deployment_gives_the_word(
    tmp_path: Path, role: Any, hospital: str, status: int
) -> None:
    class OnSqlite:
        param = "sqlite"

    async with open_intake(cast(Any, OnSqlite), tmp_path) as door:
        app = an_app()
        guard(app, door.running.access, door.running.knows)
        take_in(app, clock.router(door.running))
        key = await door.key(role, hospital=hospital)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client:
            for method, path in (("GET", ""), ("POST", "/accept")):
                answer = await client.request(method, f"/v1/ops/intake/clock{path}", headers=key)
                assert answer.status_code == status
                assert status != 200 or answer.json()["held"] is False
