"""One bad message harms only itself, and what was set aside can be taken up again."""

import json

import pytest
from sqlalchemy.exc import DBAPIError

from shared.engine.engine import Engine
from shared.messages import Event, write
from tests.engine.place import Place, rows, said, state
from tests.engine.toy import (
    Case,
    Publisher,
    accept,
    explosion,
    offer,
    qualified,
    talk,
    withdrawal,
)


async def test_a_decision_that_raises_harms_only_itself(engine: Engine, other: Publisher) -> None:
    bad = other(explosion("c-1"))
    outcome = await engine.handle([other(talk("c-1", 1)), bad, other(talk("c-1", 2)), other(talk("c-2", 1))])
    assert (outcome.taken, outcome.dead) == (3, {bad.id: "undecidable_ZeroDivisionError"})
    assert (await state(engine, Case, "c-1")).talks == (1, 2)
    assert await rows(engine, "dead_letter", "id", "reason") == [(bad.id, "undecidable_ZeroDivisionError")]


async def test_a_nul_in_one_message_of_a_batch_harms_only_that_message(engine: Engine, other: Publisher) -> None:
    bad = other(offer("r-1", "c-\x00"))
    outcome = await engine.handle([other(talk("c-1", 1)), bad, other(talk("c-2", 1))])
    assert [(await state(engine, Case, case)).talks for case in ("c-1", "c-2")] == [(1,), (1,)]
    assert outcome.taken + len(outcome.dead) == 3
    assert (await engine.handle([bad])).duplicates == {bad.id}


@pytest.mark.parametrize("id", ["c-\x00", "c-\ud800", "c" * 10_000], ids=["nul", "surrogate", "long"])
async def test_a_subject_that_the_database_refuses_stops_nobody(engine: Engine, other: Publisher, id: str) -> None:
    await engine.handle([other(talk("c-1", 1)), other(talk(id, 1)), other(talk("c-1", 2))])
    assert (await state(engine, Case, "c-1")).talks == (1, 2)


async def test_a_sequence_that_no_column_holds_stops_nobody(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(talk("c-1", 1)), other(talk("c-2", 1), n=2**70), other(talk("c-1", 2))])
    assert (await state(engine, Case, "c-1")).talks == (1, 2)
    assert len(await rows(engine, "dead_letter")) == 1


async def test_a_read_view_that_fails_stops_nobody(place: Place, other: Publisher) -> None:
    async def after(_: object, events: list[Event]) -> None:
        if any(event.subject == "c-2" for event in events):
            raise LookupError

    engine = await place.engine(after=after)
    bad = other(talk("c-2", 1))
    outcome = await engine.handle([other(talk("c-1", 1)), bad])
    assert (outcome.taken, outcome.dead) == (1, {bad.id: "LookupError"})


async def test_a_dead_letter_counts_as_heard(engine: Engine, other: Publisher) -> None:
    bad, next_one = other(explosion("c-1")), other(withdrawal("c-1"))
    assert (await engine.handle([bad])).dead
    outcome = await engine.handle([bad, next_one])
    assert (outcome.taken, outcome.duplicates, outcome.parked) == (1, {bad.id}, 0)


async def test_a_replay_bypasses_the_sequence_exactly_once(engine: Engine, other: Publisher) -> None:
    first, second, third = (other(talk("c-1", n)) for n in (1, 2, 3))
    await engine.handle([first])
    await engine.set_aside([second], "test")
    await engine.handle([third])
    assert (await state(engine, Case, "c-1")).talks == (1, 3)
    assert [await engine.replay(second.id, write(second)) for _ in range(2)] == ["", ""]
    assert (await state(engine, Case, "c-1")).talks == (1, 3, 2)
    assert await rows(engine, "dead_letter") == []


async def test_a_replay_that_fails_again_stays_a_dead_letter(engine: Engine, other: Publisher) -> None:
    bad = other(explosion("c-1"))
    await engine.handle([bad])
    assert await engine.replay(bad.id, write(bad)) == "undecidable_ZeroDivisionError"
    assert await rows(engine, "dead_letter", "id") == [bad.id]


async def test_what_cannot_be_read_leaves_its_hash_and_nothing_else(engine: Engine) -> None:
    await engine.reject(b"a story about somebody", ["not_json"])
    await engine.reject(b"a story about somebody", ["not_json"])
    [row] = await rows(engine, "dead_letter")
    assert "story" not in json.dumps([str(value) for value in row])
    assert [value for value in row if value is None] == [None]


async def test_a_refused_command_changes_nothing(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    before = await state(engine, Case, "c-1")
    answer = await engine.ask(accept("c-1", "s-2"))
    assert [event.data.name for event in answer] == ["refused"]
    assert await state(engine, Case, "c-1") == before


async def test_a_repeated_command_gets_the_same_answer(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1"))])
    first = await engine.ask(accept("c-1", "s-1"))
    again = await engine.ask(accept("c-1", "s-1"))
    assert [event.data.name for event in first] == ["ask_accepted", "notice_due"]
    assert again == first
    refused = await engine.ask(accept("c-1", "s-1", id="accept-2"))
    assert [event.data.name for event in refused] == ["refused"]
    assert await engine.ask(accept("c-1", "s-1", id="accept-2")) == refused


async def test_a_decision_may_need_a_state_that_nobody_foresaw(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(qualified("s-1")), other(offer("r-1", "c-1", "c-2"))])
    await engine.handle([other(withdrawal("r-1", "c-1", "c-2", "c-3"))])
    assert (await said(engine))[-2:] == ["ask_withdrawn c-1 2", "ask_withdrawn c-2 2"]


async def test_placeholders_that_stay_empty_disappear(engine: Engine, other: Publisher) -> None:
    await engine.handle([other(explosion("c-1")), other(withdrawal("r-1", "c-2"))])
    assert [await state(engine, Case, case) for case in ("c-1", "c-2")] == [None, None]


class Deadlock(Exception):
    """What a database driver raises for the transaction that it ends."""

    sqlstate = "40P01"


async def test_a_deadlock_is_tried_again(engine: Engine, other: Publisher) -> None:
    failed: list[int] = []

    async def after(_: object, __: list[Event]) -> None:
        if not failed:
            failed.append(1)
            raise DBAPIError("select 1", {}, Deadlock())

    engine.after = after
    assert (await engine.handle([other(talk("c-1", 1))])).taken == 1
    assert (await state(engine, Case, "c-1")).talks == (1,)
