"""Matching asks whom the rules allow, the fairest first, and says why nobody can be asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.states import Case, Supporter
from shared.engine.world import Later, Said
from shared.messages import Message, Role, followup
from shared.messages.matching import NoticeDue, SearchDue, SupporterMatched
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    CLARA,
    NO_THANKS,
    OTHER,
    PAUSED,
    POOL,
    RESUMED,
    ROLES,
    TOMORROW,
    accept,
    asked,
    closed,
    decline,
    erased,
    failed,
    involved,
    left,
    matched,
    nobody,
    offered,
    passed,
    paused,
    picked,
    qualified,
    refused,
    reinstated,
    replaced,
    returned,
    said_no,
    search,
    silence,
    staff,
    story,
    supporter,
    suspended,
    taken_back,
    wishes,
    withdrawn,
)

# -- given, when, then -------------------------------------------------------------------------------------------------

FIRST_ASK: list[Any] = [
    pytest.param([*POOL], offered(), asked(ANNA, eligible=2), id="of equals the first by id is asked"),
    pytest.param([*POOL, offered()], offered(), [], id="a repeated offer asks nobody twice"),
    pytest.param(
        [*POOL, offered(OTHER)],
        offered(),
        asked(BRAM, eligible=2),
        id="an open ask counts: the one without is asked",
    ),
    pytest.param(
        [*POOL, offered(OTHER), accept(ANNA, OTHER), closed(ANNA, OTHER)],
        offered(),
        asked(BRAM, eligible=2),
        id="who has been idle for longest is asked, and never before a case is longest",
    ),
    pytest.param(
        [*POOL, offered(OTHER), decline(ANNA, OTHER), closed("", OTHER)],
        offered(),
        asked(ANNA, eligible=2),
        id="a no costs nothing: she is still first",
    ),
    pytest.param(
        [*POOL],
        offered(CASE, OTHER),
        [*asked(ANNA, eligible=2), *asked(BRAM, case=OTHER, eligible=2)],
        id="two colleagues of one event get two supporters",
    ),
    pytest.param(
        [*ALONE],
        offered(calamity="yes"),
        asked(ANNA, urgent=True),
        id="after a calamity the ask is urgent",
    ),
    pytest.param(
        [*POOL, *supporter(CLARA, profession="doctor")],
        offered(not_by=(ANNA,)),
        asked(BRAM, removed={"MATCH-13": 1, "MATCH-1": 1}),
        id="an ask says which rules removed the others",
    ),
]

NOBODY: list[Any] = [
    pytest.param([], nobody(), id="an empty pool"),
    pytest.param(supporter(ANNA, profession="doctor"), nobody(MATCH_1=1), id="another profession"),
    pytest.param(supporter(ANNA, department="icu"), nobody(MATCH_2=1), id="the same department"),
    pytest.param([staff(ANNA)], nobody(MATCH_3=1), id="listed and not qualified"),
    pytest.param([*ALONE, suspended(ANNA)], nobody(MATCH_4=1), id="suspended"),
    pytest.param([*ALONE, left(ANNA)], nobody(), id="left: not in the pool"),
    pytest.param([staff(ANNA, supporter=False)], nobody(), id="no supporter: not in the pool"),
    pytest.param(
        [*ALONE, *(offered(f"c-x{n}") for n in range(3))], nobody(MATCH_5=1), id="three open asks fill her places"
    ),
    pytest.param(
        supporter(ANNA, profession="doctor", department="icu"),
        nobody(MATCH_1=1, nearly={}),
        id="counted once, under the first rule",
    ),
]

ANSWERS: list[Any] = [
    pytest.param([*POOL, offered()], accept(ANNA), matched(ANNA), id="a yes is a match"),
    pytest.param([*POOL, offered(), accept(ANNA)], accept(ANNA), [], id="a repeated yes changes nothing"),
    pytest.param(
        [*ALONE, offered(calamity="yes")],
        accept(ANNA),
        matched(ANNA, urgent=True),
        id="an urgent match is told at once",
    ),
    pytest.param([*POOL, offered()], accept(BRAM), refused("accept_ask", "MATCH-9"), id="only who is asked says yes"),
    pytest.param([*POOL, offered()], decline(BRAM), refused("decline_ask", "MATCH-9"), id="only who is asked says no"),
    pytest.param([*POOL], accept(ANNA), refused("accept_ask", "MATCH-9"), id="a yes before any ask is refused"),
    pytest.param([*POOL], decline(ANNA), refused("decline_ask", "MATCH-9"), id="a no before any ask is refused"),
    pytest.param(
        [*POOL, offered(), silence()],
        accept(ANNA),
        refused("accept_ask", "MATCH-8"),
        id="a yes after the time to answer hears that it is over",
    ),
    pytest.param(
        [*POOL, offered(), silence()],
        decline(ANNA),
        refused("decline_ask", "MATCH-8"),
        id="a no after the time to answer hears that it is over",
    ),
    pytest.param(
        [*POOL, offered(), decline(ANNA)],
        accept(ANNA),
        refused("accept_ask", "MATCH-9"),
        id="who said no cannot say yes any more",
    ),
    pytest.param(
        [*POOL, offered()],
        decline(ANNA),
        [said_no(ANNA), *asked(BRAM, 2, removed={"MATCH-7": 1})],
        id="after a no the next one is asked",
    ),
    pytest.param([*POOL, offered(), decline(ANNA)], decline(ANNA), [], id="a repeated no changes nothing"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        decline(ANNA),
        refused("decline_ask", "MATCH-9"),
        id="after a yes a case is given back through the coordinator",
    ),
    pytest.param(
        [*POOL, offered(), decline(ANNA)],
        decline(BRAM),
        [said_no(BRAM, 2), *nobody(MATCH_7=2)],
        id="after everybody's no nobody is left",
    ),
]

SILENCE: list[Any] = [
    pytest.param(
        [*POOL, offered()],
        silence(),
        [passed(ANNA), *asked(BRAM, 2, removed={"MATCH-8": 1})],
        id="after silence the next one is asked",
    ),
    pytest.param([*POOL, offered(), silence()], silence(), [], id="the same timer again changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA)], silence(), [], id="a late timer after a yes changes nothing"),
    pytest.param([*POOL, offered(), decline(ANNA)], silence(), [], id="a late timer after a no changes nothing"),
    pytest.param([*POOL], silence(), [], id="an early timer changes nothing"),
    pytest.param(
        [*POOL, offered(), silence()],
        silence(2),
        [passed(BRAM, 2), *nobody(MATCH_8=2)],
        id="when everybody let it pass it is said, and nobody is asked again at once",
    ),
    pytest.param(
        [*POOL, offered(), silence(), silence(2)],
        SearchDue(case=CASE, search=1),
        asked(ANNA, 3, eligible=2),
        id="the next search begins the row anew",
    ),
    pytest.param(
        [*POOL, offered(), silence(), silence(2), SearchDue(case=CASE, search=1)],
        silence(3),
        [passed(ANNA, 3), *asked(BRAM, 4, removed={"MATCH-8": 1})],
        id="and goes through the whole row again",
    ),
    pytest.param(
        [*ALONE, offered(), silence(), staff(BRAM)],
        qualified(BRAM),
        asked(BRAM, 2, removed={"MATCH-8": 1}),
        id="who let an ask pass does not stand in the way of somebody new",
    ),
]

SEARCHES: list[Any] = [
    pytest.param(
        [offered()],
        SearchDue(case=CASE, search=1),
        [Later(SearchDue(case=CASE, search=1), TOMORROW)],
        id="a search with the same outcome says nothing new and goes on",
    ),
    pytest.param(
        [offered(), staff(ANNA)],
        SearchDue(case=CASE, search=1),
        nobody(2, MATCH_3=1),
        id="a search with another outcome says so",
    ),
    pytest.param(
        [*ALONE, offered(), silence()], SearchDue(case=CASE, search=1), asked(ANNA, 2), id="a search that finds"
    ),
    pytest.param(
        [*ALONE, offered(), silence()],
        SearchDue(case=CASE, search=2),
        [],
        id="another search's timer changes nothing",
    ),
    pytest.param([*POOL], SearchDue(case=CASE, search=1), [], id="an early search changes nothing"),
    pytest.param(
        [offered(), *POOL, search()], SearchDue(case=CASE, search=1), [], id="a late search while somebody is asked"
    ),
    pytest.param([offered(), closed()], SearchDue(case=CASE, search=1), [], id="a late search in a closed case"),
    pytest.param([*ALONE, offered(), silence()], search(), asked(ANNA, 2), id="the coordinator searches at once"),
    pytest.param([offered()], search(), nobody(2), id="the coordinator hears again that there is nobody"),
    pytest.param([*POOL, offered()], search(), [], id="nothing to search while somebody is asked"),
    pytest.param([*POOL, offered(), accept(ANNA)], search(), [], id="nothing to search when there is a supporter"),
    pytest.param([], search(), [], id="nothing to search before an offer"),
]

CASE_FACTS: list[Any] = [
    pytest.param([*POOL, offered()], closed(), [taken_back(ANNA)], id="closed while asked"),
    pytest.param([*POOL, offered()], withdrawn(), [taken_back(ANNA)], id="withdrawn while asked"),
    pytest.param([*POOL, offered()], PAUSED, [taken_back(ANNA)], id="paused while asked"),
    pytest.param([*POOL, offered()], NO_THANKS, [taken_back(ANNA)], id="declined by the colleague while asked"),
    pytest.param([*POOL, offered(), closed()], closed(), [], id="closed twice"),
    pytest.param([*POOL, offered(), PAUSED], PAUSED, [], id="paused twice"),
    pytest.param([*POOL, offered(), withdrawn()], withdrawn(), [], id="withdrawn twice"),
    pytest.param([*POOL, closed()], offered(), [], id="closed before the offer came"),
    pytest.param([*POOL, NO_THANKS], offered(), [], id="declined before the offer came"),
    pytest.param([*POOL, PAUSED], offered(), [], id="paused before the offer came"),
    pytest.param(
        [*POOL, PAUSED, RESUMED], offered(), asked(ANNA, eligible=2), id="paused and resumed before the offer"
    ),
    pytest.param([*POOL, offered(), PAUSED], RESUMED, asked(ANNA, 2, eligible=2), id="resumed: asked again"),
    pytest.param([*POOL, offered(), accept(ANNA), PAUSED], RESUMED, [], id="resumed with a supporter"),
    pytest.param([offered(), PAUSED], RESUMED, nobody(2), id="resumed, and there is still nobody"),
    pytest.param([*POOL, RESUMED], offered(), asked(ANNA, eligible=2), id="an early resumption changes nothing"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        replaced(ANNA),
        asked(BRAM, 2, removed={"MATCH-7": 1}),
        id="who gives a case back is not asked again",
    ),
    pytest.param([*POOL, offered(), accept(ANNA), replaced(ANNA)], replaced(ANNA), [], id="replaced twice"),
    pytest.param([*POOL, offered()], replaced(BRAM), [], id="a replacement of somebody else changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA), closed(ANNA)], replaced(ANNA), [], id="replaced in a closed case"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        replaced(ANNA, "chosen"),
        asked(BRAM, 2, removed={"MATCH-17": 1}),
        id="whom the colleague did not want is not asked again",
    ),
    pytest.param(
        [*POOL, offered()],
        involved(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-13": 1})],
        id="who turns out to be involved is asked no longer",
    ),
    pytest.param([*POOL, offered(), involved(ANNA)], involved(ANNA), [], id="involved, told twice"),
    pytest.param([*POOL, involved(ANNA)], offered(), asked(BRAM, removed={"MATCH-13": 1}), id="involved, told early"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)], involved(ANNA), [], id="followup says who replaces one who was involved"
    ),
    pytest.param([*POOL, offered(), closed()], involved(ANNA), [], id="involved, told late"),
    pytest.param([*POOL, offered()], erased(), [taken_back(ANNA)], id="erased while asked"),
    pytest.param([*POOL], erased(), [], id="erased early"),
    pytest.param([*POOL, erased()], offered(), [], id="an offer after the erasure"),
    pytest.param([*POOL, offered(), erased()], erased(), [], id="erased twice"),
]

SUPPORTER_FACTS: list[Any] = [
    pytest.param(
        [*POOL, offered()],
        left(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2)],
        id="left while asked: the next one",
    ),
    pytest.param(
        [*POOL, offered()],
        suspended(ANNA),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-4": 1})],
        id="suspended while asked: the next one",
    ),
    pytest.param(
        [*POOL, offered()],
        staff(ANNA, department="icu"),
        [taken_back(ANNA), *asked(BRAM, 2, removed={"MATCH-2": 1})],
        id="moved to the colleague's department while asked: the next one",
    ),
    pytest.param([*POOL, offered()], staff(ANNA), [], id="the same staff row again changes nothing"),
    pytest.param([*POOL, offered(), accept(ANNA)], suspended(ANNA), [], id="a suspended supporter keeps her case"),
    pytest.param([*POOL, offered(), accept(ANNA)], left(ANNA), [], id="followup says who replaces one who left"),
    pytest.param([*POOL, offered()], reinstated(ANNA), [], id="reinstated and never suspended"),
    pytest.param([], suspended(ANNA), [], id="suspended before known"),
    pytest.param([], left(ANNA), [], id="left before known"),
    pytest.param([offered()], qualified(ANNA), [], id="qualified before known"),
    pytest.param([*POOL, offered()], NoticeDue(regarding=CASE, to="supporter", template="ask"), [], id="own facts"),
    pytest.param([*POOL, offered()], followup.MoreAsked(case=CASE), [], id="what does not concern matching"),
    pytest.param([offered(), staff(ANNA)], qualified(ANNA), asked(ANNA), id="qualified while a case waits"),
]


@pytest.mark.parametrize(
    ("before", "message", "then"),
    [*FIRST_ASK, *ANSWERS, *SILENCE, *SEARCHES, *CASE_FACTS, *SUPPORTER_FACTS],
)
def test_what_matching_says(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then


@pytest.mark.parametrize(("pool", "then"), NOBODY)
def test_nobody_can_be_asked_and_it_is_said_which_rule_removed_how_many(pool: list[Message], then: list[Said]) -> None:
    assert story(*pool).when(offered()) == then


# -- every state answers every message ---------------------------------------------------------------------------------

STATES: dict[str, list[Message]] = {
    "new": [*ALONE],
    "asked": [*ALONE, offered()],
    "matched": [*ALONE, offered(), accept(ANNA)],
    "failed": [staff(ANNA), offered()],
    "resting": [*ALONE, offered(), PAUSED],
    "over": [*ALONE, offered(), closed()],
}
ASKS, TAKES_BACK, MATCHES = ("SupporterAsked",), ("AskWithdrawn",), ("AskAccepted", "SupporterMatched")
FAILS, REFUSES = ("MatchFailed",), ("Refused",)
STATE_AND_MESSAGE: dict[str, tuple[Message, dict[str, tuple[str, ...]]]] = {
    "SupportOffered": (offered(), {"new": ASKS}),
    "SupportWithdrawn": (withdrawn(), {"asked": TAKES_BACK}),
    "SupportDeclined": (NO_THANKS, {"asked": TAKES_BACK}),
    "SupportPaused": (PAUSED, {"asked": TAKES_BACK}),
    "SupportResumed": (RESUMED, {"failed": FAILS, "resting": ASKS}),
    "ReplacementNeeded": (replaced(ANNA), {"matched": FAILS, "asked": ("AskWithdrawn", *FAILS)}),
    "CaseClosed": (closed(ANNA), {"asked": TAKES_BACK}),
    "AcceptAsk": (accept(ANNA), dict.fromkeys(STATES, REFUSES) | {"asked": MATCHES, "matched": ()}),
    "DeclineAsk": (decline(ANNA), dict.fromkeys(STATES, REFUSES) | {"asked": ("AskDeclined", *FAILS)}),
    "SearchAgain": (search(), {"failed": FAILS}),
    "AnswerDue": (silence(), {"asked": ("AskExpired", *FAILS)}),
    "SearchDue": (SearchDue(case=CASE, search=1), {}),
    "StaffLeft": (left(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "SupporterSuspended": (suspended(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "StaffRecorded": (staff(ANNA), {}),
    "SupporterQualified": (qualified(ANNA), {"failed": ASKS}),
    "SupporterReinstated": (reinstated(ANNA), {}),
    "SupporterInvolved": (involved(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "CaseErased": (erased(), {"asked": TAKES_BACK}),
    "PickSupporter": (picked(ANNA), {"failed": REFUSES}),
    "ChoosePreferences": (
        wishes(unit="other"),
        dict.fromkeys(STATES, ("PreferencesChosen",)) | {"over": ()},
    ),
    "PauseSupporter": (
        paused(ANNA),
        dict.fromkeys(STATES, ("SupporterPaused",)) | {"asked": ("SupporterPaused", "AskWithdrawn", *FAILS)},
    ),
    "ReturnSupporter": (returned(ANNA), {}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", STATE_AND_MESSAGE)
def test_every_state_has_an_answer_to_every_message(state: str, name: str) -> None:
    message, answers = STATE_AND_MESSAGE[name]
    before = story(*STATES[state])
    assert before.state(Case, CASE).status == state
    said = before.when(message)
    told = tuple(type(one).__name__ for one in said if not isinstance(one, NoticeDue | Later))
    assert told == answers.get(state, ())


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in ROLES if role != "supporter"])
@pytest.mark.parametrize("command", [accept, decline])
def test_only_a_supporter_answers_her_ask(command: Callable[..., Message], role: Role) -> None:
    message = command(ANNA, role=role)
    assert story(*POOL, offered()).when(message) == refused(message.name, "MATCH-9")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "coordinator"])
def test_only_the_coordinator_has_the_search_run_again(role: Role) -> None:
    assert story(offered(), *POOL).when(search(role)) == refused("search_again", "MATCH-12")


def test_a_key_without_a_person_answers_nothing() -> None:
    assert story(offered()).when(accept("")) == refused("accept_ask", "MATCH-9")


# -- places ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("messages", "places"),
    [
        pytest.param([offered()], (CASE,), id="an open ask takes a place"),
        pytest.param([offered(), accept(ANNA)], (CASE,), id="a match keeps it"),
        pytest.param([offered(), decline(ANNA)], (), id="a no gives it back"),
        pytest.param([offered(), silence()], (), id="silence gives it back"),
        pytest.param([offered(), PAUSED], (), id="a pause gives an open ask back"),
        pytest.param([offered(), accept(ANNA), PAUSED], (CASE,), id="a pause keeps a match"),
        pytest.param([offered(), accept(ANNA), closed(ANNA)], (), id="closing gives it back"),
        pytest.param([offered(), accept(ANNA), closed(ANNA), closed(ANNA)], (), id="closing twice gives it back once"),
        pytest.param(
            [offered(), accept(ANNA), closed(), closed(ANNA)], (), id="closed before followup heard of the match"
        ),
        pytest.param([offered(), accept(ANNA), withdrawn()], (CASE,), id="a withdrawn match waits for followup"),
        pytest.param(
            [offered(), accept(ANNA), withdrawn(), closed(ANNA)], (), id="and comes back when followup closes"
        ),
        pytest.param([offered(), accept(ANNA), replaced(ANNA)], (), id="a replacement gives it back"),
        pytest.param([withdrawn(), offered()], (), id="withdrawn before the offer takes none"),
        pytest.param([offered(), accept(ANNA), erased()], (), id="an erased case takes none"),
        pytest.param([offered(), erased()], (), id="nor the ask of one"),
    ],
)
def test_a_place_is_taken_with_the_ask_and_comes_back_once(messages: list[Message], places: tuple[str, ...]) -> None:
    assert story(*ALONE, *messages).state(Supporter, ANNA).places == places


def test_a_case_that_is_over_forgets_who_said_no_and_whom_it_was_for() -> None:
    known = story(*POOL, offered(not_by=(CLARA,)), decline(ANNA), closed()).state(Case, CASE)
    assert known == Case(hospital="example", id=CASE, over=True, ask=2)


@pytest.mark.parametrize(
    "before", [[], [offered()], [offered(), accept(ANNA)], [offered(), accept(ANNA), closed(ANNA)]]
)
def test_of_an_erased_case_nothing_stays_but_that_it_was_over(before: list[Message]) -> None:
    assert story(*ALONE, *before, erased()).state(Case, CASE) == Case(hospital="example", id=CASE, over=True)


def test_a_no_leaves_nothing_with_the_supporter() -> None:
    untouched = story(*POOL).state(Supporter, ANNA)
    assert story(*POOL, offered(), decline(ANNA)).state(Supporter, ANNA) == untouched


# -- numbers and clocks ------------------------------------------------------------------------------------------------


def test_the_time_to_answer_stands_still_in_the_quiet_hours() -> None:
    evening = Story(PROTOCOL, now=NOW.replace(hour=20)).given(*ALONE)  # 21:00 local, an hour before the quiet hours
    tomorrow = NOW.replace(hour=9) + timedelta(days=1)  # 10:00 local, three hours after them
    assert evening.when(offered()) == asked(ANNA, answer_by=tomorrow)


def test_a_hospital_may_set_its_own_limit() -> None:
    small = Story(PROTOCOL, a_hospital(rules={"MATCH-5": 1})).given(*ALONE, offered(OTHER))
    assert small.when(offered()) == nobody(MATCH_5=1)


def test_the_row_goes_on_until_nobody_is_left() -> None:
    days = story(*POOL, offered())
    days.wait(NOW + timedelta(hours=8, seconds=-1))
    assert days.state(Case, CASE).asked == BRAM
    said = days.wait(NOW + timedelta(hours=8))
    again = NOW + timedelta(hours=8 + 24)
    assert said == [
        passed(BRAM, 2),
        failed(MATCH_8=2),
        Later(SearchDue(case=CASE, search=1), again),
    ]
    days.wait(again)
    assert days.state(Case, CASE).asked == ANNA


@pytest.mark.parametrize(
    ("messages", "standing"),
    [
        ([staff(ANNA)], "unqualified"),
        ([qualified(ANNA)], "ready"),
        ([*ALONE], "ready"),
        ([*ALONE, suspended(ANNA)], "suspended"),
        ([*ALONE, suspended(ANNA), reinstated(ANNA)], "ready"),
        ([*ALONE, left(ANNA)], "left"),
        ([*ALONE, left(ANNA), staff(ANNA)], "ready"),
        ([staff(ANNA, supporter=False)], "none"),
    ],
)
def test_a_supporter_has_one_standing(messages: list[Message], standing: str) -> None:
    assert story(*messages).state(Supporter, ANNA).standing == standing


# -- laws --------------------------------------------------------------------------------------------------------------

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
