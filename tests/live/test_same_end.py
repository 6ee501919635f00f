"""Two replicas of each service on RabbitMQ and PostgreSQL: one thing at a time they come to the same end as one process
on SQLite, all at once they lose and double nothing, and whichever goes away, the others carry on.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.messages import SERVICES, intake, matching
from tests.live import deployment as places
from tests.live.deployment import Deployment
from tests.live.end import differences, end_of, places_of
from tests.live.history import DEPENDS, Feed, Sent, Step, crowd, history
from tests.live.hospital import LIMIT, write_hospital
from tests.live.people import People
from tests.live.play import Play
from tests.servers import RabbitMQ

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEADY, BUSY = "steady", "busy"
SENDERS, ROUNDS = 8, 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(
    rabbit_server: RabbitMQ, fresh_place: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Deployment, Path]]:
    folder = tmp_path_factory.mktemp("many")
    for id in (STEADY, BUSY):
        write_hospital(folder / "hospitals", id)
    many = places.distributed(folder, rabbit_server.fresh(), fresh_place("postgresql"))
    try:
        await many.start()
        yield many, folder / "hospitals"
    finally:
        await many.close()


# -- one thing at a time


async def live_through(at: Deployment, hospitals: Path, steps: list[Step]) -> tuple[list[Any], dict[str, Any]]:
    """Each step once everything that the last one set going is done. How each was answered, and the end."""
    play = Play(at, await at.make_keys(STEADY))
    await play.take_over_staff(hospitals)
    for number, step in enumerate(steps):
        await play.do(step, f"step-{number}")
        await at.books.until_quiet(letters=False)
    await at.books.until_quiet()
    return [(name, status) for name, status, _ in play.answers], await end_of(play)


async def test_one_thing_at_a_time_comes_to_the_same_end(many: tuple[Deployment, Path], tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospitals", STEADY)
    one, steps = places.embedded(tmp_path), history(STEADY)
    try:
        await one.start()
        here, there = await asyncio.gather(live_through(one, tmp_path / "hospitals", steps), live_through(*many, steps))
    finally:
        await one.close()
    assert here[0] == there[0]
    assert differences(here[1], there[1]) == []
    assert there[1]["set apart"] == {}


# -- all at once


async def feed_at_once(play: Play, feed: list[Sent]) -> None:
    """Everything twice, in any order, by many senders at the same time."""
    left = random.Random(7).sample([*feed, *feed], 2 * len(feed))

    async def send() -> None:
        while left:
            await play.send(left.pop())

    await asyncio.gather(*(send() for _ in range(SENDERS)))


async def act_until_done(people: People, feeding: asyncio.Task[None]) -> None:
    while not feeding.done():
        await people.act()
    await feeding
    for _ in range(ROUNDS):
        await people.play.at.books.until_quiet(letters=False)
        if not await people.act():
            break
    await people.play.at.books.until_quiet()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(many: tuple[Deployment, Path]) -> People:
    """What is left of a busy day."""
    at, hospitals = many
    people = People(Play(at, await at.make_keys(BUSY)))
    await people.play.take_over_staff(hospitals)
    await act_until_done(people, asyncio.create_task(feed_at_once(people.play, crowd(BUSY))))
    return people


async def test_at_once_each_report_is_there_once_and_each_colleague_has_one_offer(busy: People) -> None:
    feed = crowd(BUSY)
    reports = (await busy.play.get("reports?limit=1000"))["reports"]
    assert sorted(one["report_id"] for one in reports) == sorted({number for sent in feed for number in sent.reports})
    offered = Counter((one["report_id"], p["staff_id"]) for one in reports for p in one["people"] if p["offered"])
    expected = {offer for sent in feed for offer in sent.offers}
    assert Counter({offer: n for offer, n in offered.items() if offer not in DEPENDS}) == Counter(expected)
    assert all(offered[offer] <= 1 for offer in DEPENDS)


async def test_at_once_each_offer_is_said_once_and_each_case_has_one_supporter(busy: People) -> None:
    at, hospital = busy.play.at, busy.play.keys.hospital
    said = [event.data for event in await at.books.journal("intake", hospital)]
    cases = Counter(one.case for fact in said if isinstance(fact, intake.SupportOffered) for one in fact.colleagues)
    assert set(cases.values()) == {1}
    known = (await busy.play.get("cases?limit=1000"))["cases"]
    assert sorted(one["case"] for one in known) == sorted(cases)
    matches = [event.data for event in await at.books.journal("matching", hospital)]
    matched = [
        (m.case, busy.play.keys.number(m.supporter)) for m in matches if isinstance(m, matching.SupporterMatched)
    ]
    assert sorted(matched) == sorted(busy.accepted.items())
    supporters = {one["case"]: busy.play.keys.number(one["supporter"]) for one in known if one["supporter"]}
    assert supporters == busy.accepted


async def test_at_once_no_supporter_has_more_cases_than_she_may(busy: People) -> None:
    at, hospital = busy.play.at, busy.play.keys.hospital
    asked = [event.data for event in await at.books.journal("matching", hospital)]
    assert max(fact.open_cases for fact in asked if isinstance(fact, matching.SupporterAsked)) == LIMIT - 1
    found = await places_of(busy.play)
    assert max(map(len, found.values())) <= LIMIT
    open_cases = [one for one in (await busy.play.get("cases?limit=1000"))["cases"] if one["state"] != "closed"]
    matched = [(one["case"], busy.play.keys.number(one["supporter"])) for one in open_cases if one["supporter"]]
    asks = (await busy.play.get("asks"))["asks"]
    matched += [(ask["case"], busy.play.keys.number(ask["supporter"])) for ask in asks]
    assert sorted(matched) == sorted((case, number) for number, those in found.items() for case in those)


async def test_at_once_each_conversation_of_the_diaries_is_counted_once(busy: People) -> None:
    known = (await busy.play.get("cases?limit=1000"))["cases"]
    assert {one["case"]: one["conversations_held"] for one in known if one["conversations_held"]} == +busy.conversations
    assert max(busy.conversations.values()) == 3
    assert max(busy.refused.values()) == 1


async def test_at_once_nothing_is_set_apart(busy: People) -> None:
    assert await busy.play.at.books.set_apart() == {}


# -- what goes away


async def test_every_replica_tells_its_figures(many: tuple[Deployment, Path]) -> None:
    at, _ = many
    key = {"Authorization": f"Bearer {await at.books.access().make_key('*', 'ops')}"}
    for name in SERVICES:
        for replica in at.of[name]:
            figures = (await at.client.get(f"{replica.address}/metrics", headers=key)).text
            assert f'naast_commit_seconds_count{{service="{name}"}}' in figures


async def test_without_a_broker_nobody_is_ready_and_nothing_is_lost(
    many: tuple[Deployment, Path], rabbit_server: RabbitMQ, busy: People
) -> None:
    at, _ = many
    before = len(await at.books.journal("matching", BUSY))
    await asyncio.to_thread(rabbit_server.stop)
    try:
        health = await asyncio.gather(*(process.health() for process in at.processes))
        alive = [(await at.client.get(f"{process.address}/health/live")).status_code for process in at.processes]
        sent = await busy.play.send(Feed(BUSY).report("late", "214"))
    finally:
        await asyncio.to_thread(rabbit_server.start)
    assert health == [(False, {"database": "ok", "keys": "ok", "bus": "connection"})] * len(at.processes)
    assert alive == [200] * len(at.processes)
    assert sent.json()["offers"] == 1
    await asyncio.gather(*(process.ready() for process in at.processes))
    await at.books.until_quiet()
    assert len(await at.books.journal("matching", BUSY)) > before


async def test_replicas_that_are_asked_to_stop_end_well_and_the_others_carry_on(
    many: tuple[Deployment, Path], busy: People
) -> None:
    at, _ = many
    going = [at.of[name][0] for name in SERVICES]
    feeding = asyncio.create_task(feed_at_once(busy.play, crowd(BUSY, "2")))
    for process in going:
        process.ask_to_stop()
    codes = await asyncio.gather(*(process.stopped() for process in going))
    await feeding
    await at.books.until_quiet()
    assert codes == [0, 0, 0, 0]
    assert await at.books.set_apart() == {}
    reports = (await busy.play.get("reports?limit=1000"))["reports"]
    offered = Counter((one["report_id"], p["staff_id"]) for one in reports for p in one["people"] if p["offered"])
    expected = {offer for sent in crowd(BUSY, "2") for offer in sent.offers}
    assert {offer: offered[offer] for offer in expected} == dict.fromkeys(expected, 1)
