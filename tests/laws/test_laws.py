"""Random histories of a hospital obey the laws of the protocol, and another order ends with the same offers.

The histories are the same in every run; `./dev test --long` takes fifty times as many.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from shared.messages import Command, followup, intake, matching
from tests.effort import effort
from tests.laws.base import COORDINATOR
from tests.laws.machine import Outsiders
from tests.laws.people import STAFF, row, the_hospital
from tests.laws.town import Town
from tests.laws.watch import Watch

#: The histories come in parts, each with other ones, so that several cores can try them.
#: In the usual ones every planted fault is met.
USUAL = (1, 2, 3, 4, 6, 12)
PARTS = (*USUAL, *(part for part in range(1, effort(0, long=200) + 1) if part not in USUAL))
FIRST, *OTHERS = PARTS
#: Steps in each part; some have shorter histories than others.
AT_LEAST = 2_000
ROOM_FOR_ALL = 20

COMMON = settings(
    deadline=None, derandomize=True, database=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
SHORT = [Phase.generate, Phase.shrink]
HISTORIES = settings(COMMON, phases=SHORT, max_examples=55, stateful_step_count=50)
ORDERS = settings(COMMON, phases=SHORT, max_examples=effort(80, long=4_000))

PEOPLE = st.sets(st.sampled_from(list(STAFF)[5:]), max_size=3)
#: What happens to one report in one round: who is named now, and whether whoever is asked says yes before the next.
ROUND = st.tuples(st.integers(1, 3), PEOPLE, st.sampled_from(("severe", "death", "none")), st.booleans(), st.booleans())


@pytest.mark.parametrize("part", [FIRST, *(pytest.param(part, marks=pytest.mark.thorough) for part in OTHERS)])
def test_the_laws_hold_in_ten_thousand_steps(part: int) -> None:
    """The usual parts take them together."""
    before = Outsiders.steps
    play(part)
    done = Outsiders.steps - before
    print(f"{done} steps")
    assert done >= AT_LEAST


def play(part: int, **but: Any) -> None:
    """The histories of one part, which are the same in every run. Raises LawBroken."""
    ours = seed(part)(type(f"Outsiders{part}", (Outsiders,), {}))
    run_state_machine_as_test(ours, settings=settings(HISTORIES, **but))


@pytest.mark.thorough
@ORDERS
@given(rounds=st.lists(ROUND, min_size=1, max_size=8), seed=st.integers(1, 9999))
def test_the_same_history_in_another_order_ends_with_the_same_offers(
    rounds: list[tuple[int, set[str], str, bool, bool]], seed: int
) -> None:
    in_order = _open_offers(rounds, None)
    in_disorder = _open_offers(rounds, random.Random(seed))
    assert in_disorder == in_order


def _open_offers(
    rounds: Sequence[tuple[int, set[str], str, bool, bool]], chance: random.Random | None
) -> Counter[tuple[str, str]]:
    """How many open offers each person has after each report when all has arrived; no law was broken on the way."""
    town = Town(the_hospital(ROOM_FOR_ALL))
    watch = Watch(town, ROOM_FOR_ALL)
    for who in STAFF:
        town.tell(row(who))
    town.settle(chance)
    for number, (report, named, harm, yes, declines) in enumerate(rounds):
        town.tell(_version(f"r-{report}", number, named, harm, town))
        if number % 2:
            town.settle(chance)
            watch.look()
            _answer(town, watch, yes, declines)
            town.settle(chance)
            watch.look_around()
    town.jump(town.next_due("intake"))
    town.settle(chance)
    watch.leave_alone()
    cases = watch.cases.cases
    return Counter(
        (report, staff)
        for (report, staff), offered in watch.offers.offered.items()
        for case in offered
        if case not in watch.offers.withdrawn and cases[case].is_open
    )


def _version(report: str, number: int, who: set[str], harm: str, town: Town) -> Command:
    staff = [
        intake.Involved(staff=one, case=f"c-{number}-{n}", colleague=f"p-{number}-{n}")
        for n, one in enumerate(sorted(who))
    ]
    return intake.TakeReport.model_validate(
        {"report": report, "key": f"{report}-{number}", "revision": str(number + 1), "status": "amended"}
        | {"kind": "actual", "harm": harm, "calamity": "unknown", "event_types": ("other",), "staff": tuple(staff)}
        | {"reported_at": town.now, "occurred_at": town.now, "by_role": "feed", "by": "feed"}
    )


def _answer(town: Town, watch: Watch, yes: bool, declines: bool) -> None:
    """Whoever is asked says yes; the first colleague wants no support."""
    for id, case in sorted(watch.asks.cases.items()):
        if yes and case.asked:
            town.tell(matching.AcceptAsk(case=id, by_role="supporter", by=case.asked))
    first = next((id for id, case in sorted(watch.cases.cases.items()) if case.is_open), None)
    if declines and first:
        town.tell(followup.DeclineSupport(case=first, **COORDINATOR))
