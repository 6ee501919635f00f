"""What comes, in whatever order and however often, is decided once and in the order in which it was said."""

import asyncio
import json
from datetime import timedelta

from shared.engine.engine import Engine, Outcome
from shared.messages import Event, read, read_all, write
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import (
    HOSPITAL,
    Case,
    Publisher,
    Supporter,
    accept,
    offer,
    qualified,
    reinstated,
    suspended,
    talk,
)


async def test_a_repeated_event_changes_nothing(engine: Engine, other: Publisher) -> None:
    event = other(talk("c-1", 1))
    await engine.handle([event])
    outcome = await engine.handle([event, event])
    assert (outcome.taken, outcome.duplicates) == (0, {event.id})
    assert (await state(engine, Case, "c-1")).talks == (1,)


async def test_a_batch_of_nothing_but_duplicates_says_nothing(engine: Engine, other: Publisher) -> None:
    batch = [other(qualified("s-1")), other(offer("r-1", "c-1"))]
    await engine.handle(batch)
    outcome = await engine.handle(batch)
    assert outcome == Outcome(duplicates={event.id for event in batch})
    assert await said(engine) == ["supporter_asked c-1 1", "answer_due c-1"]


async def test_a_command_that_stands_in_a_batch_twice_is_taken_once(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    outcome = await engine.handle([accept("c-1", "s-1"), accept("c-1", "s-1")])
    assert (outcome.taken, outcome.duplicates) == (1, {"accept-1"})
    assert await said(engine) == [
        *("supporter_asked c-1 1", "answer_due c-1"),
        *("ask_accepted c-1 2", "notice_due c-1 3"),
    ]


async def test_an_empty_batch_does_nothing(engine: Engine) -> None:
    assert await engine.handle([]) == Outcome()
    assert await said(engine) == []


async def test_conversation_three_waits_for_conversation_two(engine: Engine, other: Publisher) -> None:
    first, second, third = (other(talk("c-1", n)) for n in (1, 2, 3))
    outcome = await engine.handle([first, third])
    assert (outcome.taken, outcome.parked, (await state(engine, Case, "c-1")).talks) == (1, 1, (1,))
    await engine.handle([second])
    assert (await state(engine, Case, "c-1")).talks == (1, 2, 3)
    assert await rows(engine, "parked") == []
    assert await rows(engine, "heard", "sequence", "passed") == [(3, "")]


async def test_what_was_parked_and_what_opens_it_come_in_one_batch(engine: Engine, other: Publisher) -> None:
    first, second, third, fourth = (other(talk("c-1", n)) for n in (1, 2, 3, 4))
    await engine.handle([fourth])
    await engine.handle([third, second, first])
    assert (await state(engine, Case, "c-1")).talks == (1, 2, 3, 4)
    assert await rows(engine, "parked") == []


async def test_a_parked_event_that_comes_again_is_a_duplicate(engine: Engine, other: Publisher) -> None:
    first, second = (other(talk("c-1", n)) for n in (1, 2))
    await engine.handle([second])
    outcome = await engine.handle([second, first, second])
    assert outcome.duplicates == {second.id}
    assert (await state(engine, Case, "c-1")).talks == (1, 2)


async def test_a_suspension_that_is_overtaken_by_the_reinstatement_does_not_win(
    engine: Engine, other: Publisher
) -> None:
    ready, away, back = other(qualified("s-1")), other(suspended("s-1")), other(reinstated("s-1"))
    await engine.handle([ready])
    await engine.handle([back])
    await engine.handle([away])
    assert (await state(engine, Supporter, "s-1")).standing == "good"


async def test_events_of_different_publishers_wait_for_nobody(engine: Engine, other: Publisher) -> None:
    outcome = await engine.handle([other(talk("c-1", 1), n=1), other(offer("c-1", "c-1"), n=1)])
    assert (outcome.taken, outcome.parked) == (2, 0)


async def test_the_first_message_of_a_case_locks_it_for_two_callers(
    callers: tuple[Engine, Engine], other: Publisher
) -> None:
    one, two = callers
    for n in range(10):
        talks = [other(talk(f"c-{n}", 1))]
        offers = [other(offer(f"r-{n}", f"c-{n}"))]
        await asyncio.gather(one.handle(talks), two.handle(offers))
    found = [await state(one, Case, f"c-{n}") for n in range(10)]
    assert [(case.offered, case.talks) for case in found] == [(True, (1,))] * 10


async def test_of_two_callers_with_the_same_event_one_has_it_taken(
    callers: tuple[Engine, Engine], other: Publisher
) -> None:
    one, two = callers
    await one.handle([other(qualified("s-1"))])
    for n in range(10):
        event = other(offer(f"r-{n}", f"c-{n}"))
        outcomes = await asyncio.gather(one.handle([event]), two.handle([event]))
        assert sorted(outcome.taken for outcome in outcomes) == [0, 1]
        assert [id for outcome in outcomes for id in outcome.duplicates] == [event.id]
    assert (await state(one, Supporter, "s-1")).open == 10


async def test_a_shuffled_stream_of_two_callers_is_put_in_order(
    callers: tuple[Engine, Engine], other: Publisher
) -> None:
    one, two = callers
    talks = [other(talk("c-1", n)) for n in range(1, 41)]
    for at in range(0, 40, 8):
        await asyncio.gather(one.handle(talks[at : at + 8 : 2][::-1]), two.handle(talks[at + 1 : at + 8 : 2]))
    assert (await state(one, Case, "c-1")).talks == tuple(range(1, 41))
    assert await rows(one, "parked") == []


async def test_what_was_said_about_a_case_is_told_in_order_whichever_replica_said_it(
    replicas: tuple[Engine, Engine], other: Publisher
) -> None:
    one, two = replicas
    await one.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    await two.handle([other(offer("r-2", "c-2"))])
    await one.handle([accept("c-2", by="s-1")])
    async with one.database.read() as c:
        told = [read(body).data.name for body in await one.store.about(c, HOSPITAL, "c-2")]
    assert told == ["supporter_asked", "ask_accepted", "notice_due"]


async def test_a_gap_older_than_the_limit_is_passed_with_an_alert(
    place: Place, engine: Engine, other: Publisher
) -> None:
    first, _lost, third = (other(talk("c-1", n)) for n in (1, 2, 3))
    await engine.handle([first, third])
    assert await engine.pass_gaps() == 0
    place.clock.move_to(place.clock.now() + engine.protocol.gap_limit + timedelta(seconds=1))
    assert await engine.pass_gaps() == 1
    assert (await state(engine, Case, "c-1")).talks == (1, 3)
    passed = "naast_gaps_passed_total", {"service": "matching", "publisher": "followup"}
    assert place.metrics.registry.get_sample_value(*passed) == 1


async def test_what_was_lost_and_comes_after_its_gap_was_passed_is_taken_once(
    place: Place, engine: Engine, other: Publisher
) -> None:
    first, lost, other_lost, fourth = (other(talk("c-1", n)) for n in (1, 2, 3, 4))
    await engine.handle([first, fourth])
    place.clock.move_to(place.clock.now() + engine.protocol.gap_limit + timedelta(seconds=1))
    assert await engine.pass_gaps() == 1
    assert await rows(engine, "heard", "sequence", "passed") == [(4, "2-3")]
    assert (await engine.handle([other_lost])).taken == 1
    assert await rows(engine, "heard", "sequence", "passed") == [(4, "2-2")]
    outcome = await engine.handle([lost, other_lost, lost])
    assert (outcome.taken, outcome.duplicates) == (1, {lost.id, other_lost.id})
    assert (await state(engine, Case, "c-1")).talks == (1, 4, 3, 2)
    assert await rows(engine, "heard", "sequence", "passed") == [(4, "")]


async def test_an_event_of_a_newer_publisher_keeps_its_place_and_waits_for_a_newer_reader(
    engine: Engine, other: Publisher
) -> None:
    first, third = other(talk("c-1", 1)), other(talk("c-1", 3), n=3)
    newer = json.loads(write(other(talk("c-1", 2), n=2))) | {"type": "naast.followup.conversation_held.v2"}
    [sealed] = read_all(json.dumps(newer).encode())
    assert isinstance(sealed, Event)
    outcome = await engine.handle([first, third, sealed])
    assert outcome.dead == {sealed.id: "unknown_type"}
    assert (await state(engine, Case, "c-1")).talks == (1, 3)
    [kept] = await rows(engine, "dead_letter", "event")
    assert json.loads(kept) == newer


async def test_an_event_of_a_newer_publisher_that_comes_early_waits_as_any_other(
    engine: Engine, other: Publisher
) -> None:
    first, third = other(talk("c-1", 1)), other(talk("c-1", 3), n=3)
    newer = json.loads(write(other(talk("c-1", 2), n=2))) | {"type": "naast.followup.conversation_held.v2"}
    [sealed] = read_all(json.dumps(newer).encode())
    assert isinstance(sealed, Event)
    await engine.handle([sealed])
    await engine.handle([third])
    await engine.handle([first])
    assert (await state(engine, Case, "c-1")).talks == (1, 3)
    assert await rows(engine, "parked") == []
    assert await rows(engine, "dead_letter", "reason") == ["unknown_type"]
