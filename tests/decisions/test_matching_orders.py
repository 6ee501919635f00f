"""Every order of the small histories of a case and its supporters keeps the same promises."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.states import Case, Supporter
from shared.engine.world import Said
from shared.messages import Message, followup
from shared.messages.matching import (
    AskDeclined,
    AskExpired,
    AskWithdrawn,
    MatchFailed,
    SearchDue,
    SupporterAsked,
    SupporterMatched,
)
from shared.testing import Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    OTHER,
    POOL,
    accept,
    closed,
    decline,
    erased,
    involved,
    left,
    names,
    offered,
    paused,
    picked,
    refused,
    reinstated,
    replaced,
    returned,
    silence,
    story,
    suspended,
    wishes,
    withdrawn,
)

HISTORY: dict[str, Message] = {
    "offered": offered(),
    "accept": accept(ANNA),
    "decline": decline(ANNA),
    "expire": silence(),
    "withdraw": withdrawn(),
    "hand back": replaced(ANNA),
    "suspend": suspended(ANNA),
    "leave": left(ANNA),
    "pause": paused(ANNA),
    "close": closed(ANNA),
    "wish": wishes(unit="own", independent=True),
    "involve": involved(ANNA),
    "pick": picked(BRAM),
    "erase": erased(),
}
#: How many of them follow each other, in every order.
DEEP = 4


class Watched:
    """A story that is looked at after every message."""

    def __init__(self, told: Story) -> None:
        self.told, self.open, self.holders = told, dict[str, str](), dict[str, str]()

    def copy(self) -> Watched:
        told = copy.copy(self.told)
        told.later, told._rows = list(told.later), dict(told._rows)
        other = Watched(told)
        other.open, other.holders = dict(self.open), dict(self.holders)
        return other

    def when(self, message: Message) -> None:
        said = self.told.when(message)
        for one in said:
            self._follow(one)
        self._nobody_barred_is_asked()
        self._places_are_those_of_the_cases()
        self._one_search_is_planned(said)

    def _follow(self, said: Said) -> None:
        match said:
            case SupporterAsked(case=case, supporter=who):
                assert case not in self.open
                self.open[case] = who
            case AskDeclined(case=case) | AskExpired(case=case) | AskWithdrawn(case=case):
                assert self.open.pop(case) == said.supporter
            case SupporterMatched(case=case, supporter=who):
                assert self.open.pop(case) == who

    def _nobody_barred_is_asked(self) -> None:
        assert self.open == {case.id: case.asked for case in self.told.states(Case) if case.asked}
        for id, who in self.open.items():
            case, one = self.told.state(Case, id), self.told.state(Supporter, who)
            assert (one.qualified, one.suspended, one.left, one.paused) == (True, False, False, False)
            assert who not in (*case.declined_by, *case.excluded, *case.not_by)
            assert case.status == "asked"

    def _places_are_those_of_the_cases(self) -> None:
        held = {(case.asked or case.supporter, case.id) for case in self.told.states(Case)}
        places = [(one.id, place) for one in self.told.states(Supporter) for place in one.places]
        assert len(places) == len(set(places))
        assert sorted(pair for pair in held if pair[0]) == sorted(places)

    def _one_search_is_planned(self, said: list[Said]) -> None:
        timers = [one.message for one in self.told.later if isinstance(one.message, SearchDue)]
        for case in self.told.states(Case):
            due = [one for one in timers if one.case == case.id and one.search == case.search]
            assert not (case.needs_somebody and case.failed is not None) or len(due) == 1
            told = [one.removed for one in said if isinstance(one, MatchFailed) and one.case == case.id]
            assert told in ([], [case.failed])


@pytest.mark.parametrize("first", HISTORY)
@pytest.mark.parametrize("places", [1, pytest.param(3, marks=pytest.mark.thorough)])
def test_every_order_of_a_small_history_keeps_its_promises(first: str, places: int) -> None:
    """Of two cases; Anna is the first to be asked, and the other case waits for a place where there is one only."""
    told = Story(PROTOCOL, a_hospital(rules={"MATCH-5": places})).given(*POOL)
    begun = Watched(told)
    if first != "offered":
        begun.when(offered())
    begun.when(offered(OTHER, not_by=(BRAM,)))
    begun.when(HISTORY[first])
    go_deeper(begun, [name for name in HISTORY if name != first], DEEP - 1)


def go_deeper(so_far: Watched, left_over: list[str], steps: int) -> None:
    for name in left_over if steps else ():
        next_one = so_far.copy()
        next_one.when(HISTORY[name])
        go_deeper(next_one, [other for other in left_over if other != name], steps - 1)


@pytest.mark.parametrize("name", HISTORY)
def test_whatever_comes_before_the_offer_or_twice_keeps_its_promises(name: str) -> None:
    begun = Watched(story(*POOL))
    for message in (HISTORY[name], offered(), HISTORY[name], HISTORY[name]):
        begun.when(message)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted(HISTORY)) | st.sampled_from(["return", "reinstate", "resume"]), max_size=25))
def test_long_histories_keep_their_promises(happens: list[str]) -> None:
    more: dict[str, Message] = {
        "return": returned(ANNA),
        "reinstate": reinstated(ANNA),
        "resume": followup.SupportResumed(case=CASE),
    }
    watched = Watched(Story(PROTOCOL, a_hospital(rules={"MATCH-5": 1})).given(*POOL, offered(OTHER)))
    watched.open = {OTHER: watched.told.state(Case, OTHER).asked}
    for name in happens:
        watched.when((HISTORY | more)[name])


def test_on_suspension_open_asks_are_withdrawn_and_matched_cases_stay() -> None:
    told = story(*ALONE, offered(), accept(ANNA), offered(OTHER))
    assert names(told.when(suspended(ANNA))) == ["AskWithdrawn", "MatchFailed"]
    assert told.state(Supporter, ANNA).places == (CASE,)
    assert told.state(Case, CASE).supporter == ANNA


def test_an_answer_and_its_end_meet_in_either_order() -> None:
    late = story(*POOL, offered(), silence())
    assert late.when(accept(ANNA)) == refused("accept_ask", "MATCH-8")
    early = story(*POOL, offered(), accept(ANNA))
    assert early.when(silence()) == []
    assert early.state(Case, CASE).supporter == ANNA
