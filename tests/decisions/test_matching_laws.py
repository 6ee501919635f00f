"""Whatever happens, places agree with cases and no rule is broken."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.states import Case, Supporter
from shared.messages import Message, followup
from shared.messages.matching import SupporterMatched
from shared.testing import Story, a_hospital
from tests.decisions.matching_words import (
    ANNA,
    BRAM,
    CASE,
    CLARA,
    NO_THANKS,
    PAUSED,
    POOL,
    RESUMED,
    accept,
    closed,
    decline,
    erased,
    involved,
    left,
    offered,
    paused,
    qualified,
    reinstated,
    returned,
    staff,
    story,
    supporter,
    suspended,
    wishes,
    withdrawn,
)

PEOPLE, CASES = (ANNA, BRAM, CLARA), ("c-1", "c-2", "c-3", "c-4")

DEPARTMENTS = ("surgery", "icu")

someone, some_case = st.sampled_from(PEOPLE), st.sampled_from(CASES)

standing_facts = st.one_of(
    st.builds(staff, someone, department=st.sampled_from(DEPARTMENTS)),
    st.builds(qualified, someone),
    st.builds(suspended, someone),
    st.builds(reinstated, someone),
    st.builds(left, someone),
    st.builds(paused, someone),
    st.builds(returned, someone),
)

case_messages = st.one_of(
    st.builds(lambda id, who: offered(id, not_by=(who,)), some_case, someone),
    st.builds(offered, some_case, some_case),
    st.builds(withdrawn, some_case),
    st.builds(lambda id: followup.SupportPaused(case=id), some_case),
    st.builds(lambda id: followup.SupportResumed(case=id), some_case),
    st.builds(lambda id: followup.SupportDeclined(case=id), some_case),
    st.builds(lambda id, who: involved(who, case=id), some_case, someone),
    st.builds(lambda id: wishes(id, independent=True), some_case),
    st.builds(erased, some_case),
    st.builds(closed, st.sampled_from(("", *PEOPLE)), some_case),
    st.builds(accept, someone, some_case),
    st.builds(decline, someone, some_case),
)

steps = st.lists(st.one_of(standing_facts, case_messages, st.integers(1, 30)), max_size=40)

EVERYBODY = [message for who in PEOPLE for message in supporter(who)]


@settings(max_examples=300, deadline=None)
@given(steps)
def test_whatever_happens_places_agree_with_cases_and_no_rule_is_broken(happens: list[Message | int]) -> None:
    told = Story(PROTOCOL, a_hospital(rules={"MATCH-5": 2})).given(*EVERYBODY)
    for step in happens:
        said = told.wait(told.now + timedelta(hours=step)) if isinstance(step, int) else told.when(step)
        held = {(case.asked or case.supporter, case.id) for case in told.states(Case) if case.asked or case.supporter}
        pool = told.states(Supporter)
        assert sorted(held) == sorted((one.id, place) for one in pool for place in one.places)
        assert all(len(one.places) <= 2 for one in pool)
        for one in said:
            if isinstance(one, SupporterMatched):
                assert may_support(told, one.supporter, one.case)
        for case in told.states(Case):
            assert not case.asked or may_support(told, case.asked, case.id)


def may_support(told: Story, who: str, id: str) -> bool:
    one, case = told.state(Supporter, who), told.state(Case, id)
    stands = one.qualified and not (one.suspended or one.left or one.paused)
    fits = one.profession == case.profession and one.department != case.department
    return stands and fits and who not in (*case.not_by, *case.declined_by)


def interleaved(*streams: list[Message]) -> st.SearchStrategy[list[Message]]:
    """The streams mixed at random, each in its own order."""
    turns = st.permutations([n for n, stream in enumerate(streams) for _ in stream])
    return turns.map(lambda order: [streams[n][order[:at].count(n)] for at, n in enumerate(order)])


FOLLOWUP_SAYS: list[list[Message]] = [
    [PAUSED],
    [PAUSED, RESUMED],
    [PAUSED, RESUMED, PAUSED],
    [NO_THANKS, closed()],
    [PAUSED, closed()],
    [PAUSED, RESUMED, closed()],
]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_order_of_publishers_does_not_change_where_a_case_ends(data: st.DataObject) -> None:
    of_followup = data.draw(st.sampled_from(FOLLOWUP_SAYS))
    of_intake: list[Message] = [offered(), withdrawn()] if data.draw(st.booleans()) else [offered()]

    def end(messages: list[Message]) -> object:
        told = story(*POOL, *messages)
        case = told.state(Case, CASE)
        return case.status, case.asked, case.supporter, case.profession, told.states(Supporter)

    assert end(data.draw(interleaved(of_intake, of_followup))) == end([*of_intake, *of_followup])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_order_of_publishers_does_not_change_how_a_supporter_stands(data: st.DataObject) -> None:
    of_intake: list[Message] = [staff(ANNA), left(ANNA), staff(ANNA, department="icu")]
    of_training: list[Message] = [qualified(ANNA), suspended(ANNA), reinstated(ANNA), suspended(ANNA)]
    mixed = data.draw(interleaved(of_intake, of_training))
    assert story(*mixed).states(Supporter) == story(*of_intake, *of_training).states(Supporter)
