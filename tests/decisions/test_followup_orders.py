"""Facts of different publishers come in any order: small histories end the same, and no place of a supporter leaks."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.protocol.case import Case, Waiting
from shared.engine.world import Said
from shared.messages import Message, intake, matching
from shared.messages.followup import CaseClosed, ReplacementNeeded
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    BRAM,
    CASE,
    CLOSE,
    DAY,
    DECLINE,
    HAND_BACK,
    MATCHED,
    PAUSE,
    REACHED,
    RESUME,
    STOP,
    TALK,
    asked,
    done,
    involved,
    left,
    matched,
    nobody_found,
    not_sent,
    offered,
    story,
    suspended,
    to_do,
    withdrawn,
)

INTAKE: list[Message] = [offered(), to_do(), not_sent(), done()]
TALES: list[list[list[Message]]] = [
    [INTAKE, [asked(BRAM), nobody_found(), asked(ANNA), matched(ANNA)]],
    [[*INTAKE, withdrawn()], [nobody_found(), asked(ANNA), matched(ANNA)]],
    [[*INTAKE, withdrawn()], [nobody_found()]],
    [[offered(), offered(NOW, calamity="yes")], [asked(ANNA), matched(ANNA)]],
    [[offered(), involved(ANNA)], [matched(ANNA)], [left(BRAM)]],
    [[offered()], [matched(ANNA)], [left(ANNA)]],
]


@st.composite
def interleaved(draw: st.DrawFn) -> tuple[list[Message], list[Message]]:
    """The facts of several publishers: one after the other, and in any order that keeps the order of each."""
    publishers = draw(st.sampled_from(TALES))
    turns = draw(st.permutations([n for n, facts in enumerate(publishers) for _ in facts]))
    remaining = [list(facts) for facts in publishers]
    return [fact for facts in publishers for fact in facts], [remaining[n].pop(0) for n in turns]


@given(interleaved())
def test_the_order_between_publishers_does_not_matter(both: tuple[list[Message], list[Message]]) -> None:
    one, other = (story(*facts).state(Case, CASE) for facts in both)
    assert one.but(tasks=dict(sorted(one.tasks.items()))) == other.but(tasks=dict(sorted(other.tasks.items())))


HISTORIES: dict[str, tuple[Message, ...]] = {
    "an offer, a match and a supporter who turns out to be involved": (offered(), matched(ANNA), involved(ANNA)),
    "an offer, a match and a supporter who leaves": (offered(), matched(ANNA), left(ANNA)),
    "an offer, a match and its withdrawal": (offered(), matched(ANNA), withdrawn()),
    "an offer, a failure and a match": (offered(), nobody_found(), matched(ANNA)),
    "all at once": (offered(), matched(ANNA), involved(ANNA), left(ANNA)),
}


@pytest.mark.parametrize("history", HISTORIES)
def test_small_histories_end_the_same_in_every_order(history: str) -> None:
    ends = []
    for order in permutations(HISTORIES[history]):
        tale = story(*order)
        case = tale.state(Case, CASE)
        ends.append((case.status, case.supporter, tuple(case.tasks), tale.state(Waiting, ANNA).cases))
    assert len(set(ends)) == 1, set(ends)


@given(st.permutations([suspended(), left()]))
def test_whoever_left_needs_nothing_in_any_order(facts: list[Message]) -> None:
    assert story(*facts).state(Waiting, ANNA) == Waiting(hospital="example", id=ANNA, left=True)


def test_whoever_comes_back_may_have_a_case_again() -> None:
    back = intake.StaffRecorded(person=ANNA, profession="nurse", department="icu")
    tale = story(offered(), left(), back, matched(ANNA))
    assert tale.state(Case, CASE).supporter == ANNA


DEEDS: tuple[Message, ...] = (
    *(offered(), matched(ANNA), matched(BRAM), involved(ANNA), left(ANNA), left(BRAM), withdrawn(), nobody_found()),
    *(REACHED, TALK, PAUSE, RESUME, HAND_BACK, DECLINE, STOP, CLOSE),
)


@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 40)), max_size=15))
def test_every_place_that_a_match_took_is_given_back_or_kept(deeds: list[tuple[Message, int]]) -> None:
    """matching frees a place on ReplacementNeeded and on CaseClosed; whoever has none of them has the case."""
    tale, holders = story(), set[str]()
    for deed, days in deeds:
        said: list[Said] = [deed, *tale.when(deed), *tale.wait(tale.now + days * DAY)]
        for one in said:
            if isinstance(one, matching.SupporterMatched):
                holders.add(one.supporter)
            elif isinstance(one, CaseClosed | ReplacementNeeded):
                holders.discard(one.supporter)
        case = tale.state(Case, CASE)
        assert holders == ({case.supporter} - {""} if case.is_open else set())
        assert {who for who in (ANNA, BRAM) if CASE in tale.state(Waiting, who).cases} == holders


def test_of_two_matches_the_later_one_holds() -> None:
    tale = story(*MATCHED, matched(BRAM))
    assert tale.state(Case, CASE).supporter == BRAM
    assert tale.state(Case, CASE).displaced == ()
