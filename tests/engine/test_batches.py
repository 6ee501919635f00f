"""How messages are batched never changes a decision: random histories, cut at random, end in the same place."""

import asyncio
import random
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.messages import Event, Message, read
from tests.engine.place import Place, remembered, rows
from tests.engine.toy import (
    Publisher,
    accept,
    explosion,
    offer,
    qualified,
    reinstated,
    suspended,
    talk,
    withdrawal,
)

CASES, SUPPORTERS = st.sampled_from(["c-1", "c-2", "c-3"]), st.sampled_from(["s-1", "s-2"])
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(qualified, SUPPORTERS),
    st.builds(suspended, SUPPORTERS),
    st.builds(reinstated, SUPPORTERS),
    st.builds(lambda cases: offer("r-1", *cases), st.lists(CASES, min_size=1, max_size=3, unique=True)),
    st.builds(lambda cases: withdrawal("r-1", *cases), st.lists(CASES, max_size=2, unique=True)),
    st.builds(talk, CASES, st.integers(1, 4)),
    st.builds(explosion, CASES),
)
COMMANDS = st.builds(accept, CASES, SUPPORTERS, st.sampled_from(["k-1", "k-2", "k-3"]))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Facts of others, numbered per subject, repeated, swapped and lost here and there, with commands between them."""
    publisher = Publisher()
    facts = [publisher(message) for message in draw(st.lists(MESSAGES, min_size=1, max_size=25))]
    history: list[Event] = [*facts, *draw(st.lists(st.sampled_from(facts), max_size=5))]
    history += draw(st.lists(COMMANDS, max_size=5, unique_by=lambda event: event.id))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(history) - 1))
        history.append(history.pop(at))
    return history


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.randoms(use_true_random=False))
def test_batching_never_changes_a_decision(history: list[Event], chance: random.Random) -> None:
    one_by_one = [[event] for event in history]
    assert asyncio.run(ending(cut(history, chance))) == asyncio.run(ending(one_by_one))


def cut(history: list[Event], chance: random.Random) -> list[list[Event]]:
    batches: list[list[Event]] = [[]]
    for event in history:
        if batches[-1] and chance.random() < 0.3:
            batches.append([])
        batches[-1].append(event)
    return batches


@pytest.fixture(autouse=True)
def quiet_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.engine.engine._logger", structlog.testing.CapturingLogger())


async def ending(batches: list[list[Event]]) -> Any:
    """Everything that is left in the end, without the identities that are minted on the way."""
    place = Place("sqlite://", "")
    async with place.closing:
        engine = await place.engine()
        for batch in batches:
            await engine.handle(batch)
        spoken = [read(body.encode()) for _, body in await rows(engine, "journal", "seq", "event")]
        tables = ("heard", "parked", "dead_letter")
        return (
            await remembered(engine),
            [(event.data, event.sequence, event.correlation, event.time) for event in spoken],
            [await rows(engine, table) for table in tables],
            await rows(engine, "received", "key"),
            await rows(engine, "pending", "due_at", "destination"),
        )
