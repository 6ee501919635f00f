"""One bad message harms only itself, and what was set aside can be taken up again."""

import hashlib

import pytest
from sqlalchemy.exc import DBAPIError

from shared.engine.engine import Engine
from shared.engine.position import clean
from shared.messages import Event, write
from tests.engine.place import Place, rows, said, state, trouble
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


#: Long enough for no index, and nothing in it repeats itself.
LONG = "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(160))
#: A subject, and why SQLite and PostgreSQL refuse it; "" where it is kept like any other.
SUBJECTS = {
    "nul": ("c-\x00", "", "sqlstate_22021"),
    "surrogate": ("c-\ud800", "UnicodeEncodeError", "sqlstate_22000"),
    "long": (LONG, "", "sqlstate_54000"),
}


def why(engine: Engine, on_sqlite: str, on_postgresql: str) -> str:
    return on_sqlite if engine.database.is_sqlite else on_postgresql


def counted(place: Place) -> dict[str, float]:
    """How many dead letters operators were told of, by reason."""
    samples = [sample for family in place.metrics.registry.collect() for sample in family.samples]
    return {one.labels["reason"]: one.value for one in samples if one.name == "naast_messages_dead_lettered_total"}


def test_a_key_is_cleaned_of_what_a_database_refuses_and_of_nothing_else() -> None:
    assert [clean(key) for key in ("c-1 é", "c-\x00é", "c-\ud800")] == ["c-1 é", "c-?é", "c-?"]


async def test_a_nul_in_one_message_of_a_batch_harms_only_that_message(engine: Engine, other: Publisher) -> None:
    bad = other(offer("r-1", "c-\x00"))
    reason = why(engine, "", "sqlstate_22021")
    outcome = await engine.handle([other(talk("c-1", 1)), bad, other(talk("c-2", 1))])
    assert [(await state(engine, Case, case)).talks for case in ("c-1", "c-2")] == [(1,), (1,)]
    assert (outcome.taken, outcome.dead) == ((2, {bad.id: reason}) if reason else (3, {}))
    assert await rows(engine, "dead_letter", "id", "reason") == ([(bad.id, reason)] if reason else [])
    assert (await engine.handle([bad])).duplicates == {bad.id}


@pytest.mark.parametrize("name", SUBJECTS)
async def test_what_is_about_a_subject_that_the_database_refuses_is_set_aside_and_stops_nobody(
    place: Place, engine: Engine, other: Publisher, name: str
) -> None:
    subject, *reasons = SUBJECTS[name]
    reason, bad = why(engine, *reasons), other(talk(subject, 1))
    outcome = await engine.handle([other(talk("c-1", 1)), bad, other(talk("c-1", 2))])
    assert (await state(engine, Case, "c-1")).talks == (1, 2)
    assert (outcome.taken, outcome.dead) == ((2, {bad.id: reason}) if reason else (3, {}))
    assert await rows(engine, "dead_letter", "reason") == ([reason] if reason else [])
    assert counted(place) == ({reason: 1} if reason else {})


async def test_a_sequence_that_no_column_holds_is_set_aside_and_stops_nobody(
    place: Place, engine: Engine, other: Publisher
) -> None:
    bad, reason = other(talk("c-2", 1), n=2**70), why(engine, "OverflowError", "sqlstate_22000")
    outcome = await engine.handle([other(talk("c-1", 1)), bad, other(talk("c-1", 2))])
    assert (await state(engine, Case, "c-1")).talks == (1, 2)
    assert (outcome.taken, outcome.parked, outcome.dead) == (2, 0, {bad.id: reason})
    assert await rows(engine, "dead_letter", "reason") == [reason]
    assert counted(place) == {reason: 1}


async def test_a_read_view_that_fails_stops_nobody(place: Place, other: Publisher) -> None:
    async def after(_: object, events: list[Event]) -> None:
        if any(event.subject == "c-2" for event in events):
            raise LookupError

    engine = await place.engine(after=after)
    bad = other(talk("c-2", 1))
    early = other(talk("c-3", 2), n=2)
    outcome = await engine.handle([other(talk("c-1", 1)), bad, early])
    assert (outcome.taken, outcome.parked, outcome.dead) == (1, 1, {bad.id: "LookupError"})
    assert await rows(engine, "dead_letter", "id", "reason") == [(bad.id, "LookupError")]
    assert [await state(engine, Case, case) is None for case in ("c-1", "c-2")] == [False, True]


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
    story = b"a story about somebody"
    for _ in range(2):
        await engine.reject(story, ["not_json"])
    [row] = await rows(engine, "dead_letter", "id", "hospital", "type", "subject", "reason", "event")
    assert row == (f"{hashlib.sha256(story).hexdigest()[:40]}-not_json", "", "", "", "not_json", None)


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
    outcome = await engine.handle([other(explosion("c-1")), other(withdrawal("r-1", "c-2"))])
    assert (outcome.taken, [*outcome.dead.values()]) == (1, ["undecidable_ZeroDivisionError"])
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

    trouble(engine, after)
    assert (await engine.handle([other(talk("c-1", 1))])).taken == 1
    assert failed == [1]
    assert (await state(engine, Case, "c-1")).talks == (1,)
