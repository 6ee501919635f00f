"""The colleagues of one event are divided as a whole: nobody is left over whom a better division would have served."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.protocol.assignment import divide
from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.seats import Turn
from shared.clock import SimulatedClock
from shared.engine.work import Memory
from shared.engine.world import Later, Missing, Row
from shared.ids import Mint
from shared.messages import Event, Message
from shared.messages.matching import SearchDue, SupporterAsked
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    OTHER,
    TOMORROW,
    asked,
    asked_whom,
    closed,
    colleague,
    facts,
    failed,
    offered,
    story,
    supporter,
    together,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


# -- the division itself, against every other one ----------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[Turn]], int]:
    """Up to four cases before up to four supporters, some of whom may not be asked for some."""
    limit = draw(st.integers(1, 3))
    of = st.tuples(st.integers(0, limit - 1), st.integers(0, 2), st.integers(0, 2))
    supporters = draw(st.lists(of, min_size=1, max_size=4))
    rows: list[list[Turn]] = []
    for _ in range(draw(st.integers(1, 4))):
        row = []
        for n, (open_cases, recent, idle) in enumerate(supporters):
            late, off_call, misses = draw(st.tuples(st.booleans(), st.booleans(), st.integers(0, 2)))
            if draw(st.booleans()):
                since = LONG_AGO + timedelta(days=idle)
                row.append(Turn(late, off_call, misses, open_cases, recent, since, f"s-{n}"))
        rows.append(sorted(row))
    return rows, limit


Division = Sequence[Turn | None]


def every_division(rows: list[list[Turn]], limit: int) -> Iterator[Division]:
    for chosen in product(*[[None, *row] for row in rows]):
        taken: dict[str, int] = {}
        division: list[Turn | None] = []
        for turn in chosen:
            if turn is not None:
                taken[turn.who] = taken.get(turn.who, -1) + 1
                turn = turn._replace(open_cases=turn.open_cases + taken[turn.who])
            division.append(turn)
        if all(turn is None or turn.open_cases < limit for turn in division):
            yield division


def worth(division: Division, rows: list[list[Turn]], limit: int) -> tuple[int, ...]:
    """The smaller the better: first how many are left over, then what the asks cost."""
    first = {turn.who: turn for row in rows for turn in row}
    places = sorted(
        (turn.open_cases + more, turn.recent + more, turn.idle_since, who)
        for who, turn in first.items()
        for more in range(min(limit - turn.open_cases, len(rows)))
    )
    served = [turn for turn in division if turn is not None]
    at = 0
    for turn in served:
        more = turn.open_cases - first[turn.who].open_cases
        at += places.index((turn.open_cases, turn.recent + more, turn.idle_since, turn.who))
    over = len(division) - len(served)
    return over, sum(t.late for t in served), sum(t.off_call for t in served), sum(t.misses for t in served), at


def greedy(rows: list[list[Turn]], limit: int) -> Division:
    taken: dict[str, int] = {}
    division: list[Turn | None] = []
    for row in rows:
        free = [turn._replace(open_cases=turn.open_cases + taken.get(turn.who, 0)) for turn in row]
        turn = min([turn for turn in free if turn.open_cases < limit], default=None)
        if turn is not None:
            taken[turn.who] = taken.get(turn.who, 0) + 1
        division.append(turn)
    return division


@settings(max_examples=400, deadline=None)
@given(tables())
def test_no_other_division_serves_more_or_is_fairer(table: tuple[list[list[Turn]], int]) -> None:
    rows, limit = table
    division = divide(rows, limit)
    assert same_people(division, rows, limit)
    best = min(worth(one, rows, limit) for one in every_division(rows, limit))
    assert worth(division, rows, limit) == best


def same_people(division: Division, rows: list[list[Turn]], limit: int) -> bool:
    """Which of two cases of one supporter counts as her second is no matter."""
    people = [turn and turn.who for turn in division]
    return people in [[turn and turn.who for turn in one] for one in every_division(rows, limit)]


@settings(max_examples=200, deadline=None)
@given(tables())
def test_it_is_never_worse_than_to_ask_one_after_the_other(table: tuple[list[list[Turn]], int]) -> None:
    rows, limit = table
    assert worth(divide(rows, limit), rows, limit) <= worth(greedy(rows, limit), rows, limit)


@settings(max_examples=100, deadline=None)
@given(tables(), st.randoms())
def test_the_order_in_which_a_row_is_written_does_not_matter(table: tuple[list[list[Turn]], int], chance: Any) -> None:
    rows, limit = table
    mixed = [chance.sample(row, len(row)) for row in rows]
    assert divide(mixed, limit) == divide(rows, limit)


def test_nobody_to_divide() -> None:
    assert divide([], 3) == []
    assert divide([[], []], 3) == [None, None]


def test_the_solver_is_loaded_only_where_it_is_needed() -> None:
    """It is large, and most events need none."""
    of_alike = "divide([[Turn(False, False, 0, 0, 0, s, w) for w in 'ab']] * 2, 3)"
    code = f"""
import sys, datetime
import services.matching.app
from services.matching.protocol.assignment import divide
from services.matching.protocol.seats import Turn
s = datetime.datetime.now(datetime.UTC)
assert [turn.who for turn in {of_alike}] == ["a", "b"]
assert not {{"numpy", "scipy"}} & sys.modules.keys()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- in a story --------------------------------------------------------------------------------------------------------


def test_who_can_be_served_by_one_only_gets_that_one() -> None:
    """Anna comes first for both; only she may be asked for the second, who would be left over."""
    pool = [*supporter(ANNA, department="internal"), *supporter(BRAM)]
    event = together(colleague(CASE), colleague(OTHER, department="surgery"))
    told = story(*pool, hospital=a_hospital(rules={"MATCH-5": 1}))
    assert asked_whom(told.when(event)) == {CASE: BRAM, OTHER: ANNA}


def test_somebody_with_room_for_two_gets_two_before_anybody_is_left() -> None:
    said = story(*ALONE).when(offered(CASE, OTHER))
    assert said == [*asked(ANNA), *asked(ANNA, case=OTHER, open_cases=1)]


def test_for_whom_nobody_is_left_it_is_said_with_the_places_that_the_others_took() -> None:
    told = story(*ALONE, hospital=a_hospital(rules={"MATCH-5": 1}))
    over = failed(OTHER, MATCH_5=1)
    assert told.when(offered(CASE, OTHER)) == [*asked(ANNA), over, Later(SearchDue(case=OTHER, search=1), TOMORROW)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_how_messages_are_batched_changes_no_decision(data: st.DataObject) -> None:
    people = [f"s-{n}" for n in range(data.draw(st.integers(1, 4)))]
    departments = st.sampled_from(["surgery", "icu", "internal"])
    messages: list[Message] = [one for who in people for one in supporter(who, department=data.draw(departments))]
    for event in range(data.draw(st.integers(1, 3))):
        ids = [f"c-{event}-{n}" for n in range(data.draw(st.integers(1, 4)))]
        messages.append(together(*(colleague(id, department=data.draw(departments)) for id in ids)))
        messages.append(closed(data.draw(st.sampled_from(people)), data.draw(st.sampled_from(ids))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(messages) - 1))))
    one_by_one = Story(PROTOCOL, a_hospital(rules={"MATCH-5": 1}))
    told = [said for message in messages for said in facts(one_by_one.when(message))]
    assert in_batches(messages, cuts) == told


def in_batches(messages: list[Message], cuts: list[int]) -> list[Any]:
    """What is said when these messages come in batches that end at the cuts."""
    rows: dict[Any, Row] = {}
    said: list[Any] = []
    hospital = a_hospital(rules={"MATCH-5": 1})
    for begin, end in zip([0, *cuts], [*cuts, len(messages)], strict=True):
        memory = Memory(PROTOCOL, NOW, lambda _: hospital, Mint(SimulatedClock(NOW)))
        memory.free, memory.rows = True, dict(rows)
        events = [Event(f"e-{n}", hospital.id, NOW, messages[n]) for n in range(begin, end)]
        keys = memory.footprint(events)
        while True:
            for key in keys:
                kind = next(kind for kind in PROTOCOL.kinds if kind.__name__ == key.kind)
                memory.rows.setdefault(key, Row({}, kind(hospital=key.hospital, id=key.id), blank=True))
            try:
                memory.decide_all(events, again=False, doomed="", gaps=())
                break
            except Missing as missing:
                keys = set(missing.keys)
                memory.forget()
        rows |= {key: Row(n, state) for key, (n, state) in memory.changed().items()}
        said += [one.event.data for one in memory.said if one.due_at is None]
    return facts(said)


@pytest.mark.parametrize("kind", ["normal", "large_event"])
def test_asks_of_one_event_go_out_at_one_moment(kind: str) -> None:
    people = [message for n in range(8) for message in supporter(f"s-{n}")]
    cases = [f"c-{n}" for n in range(2 if kind == "normal" else 6)]
    said = story(*people).when(offered(*cases))
    asks = [one for one in said if isinstance(one, SupporterAsked)]
    assert [(one.case, one.kind) for one in asks] == [(case, kind) for case in cases]
    assert len({one.supporter for one in asks}) == len(cases)
