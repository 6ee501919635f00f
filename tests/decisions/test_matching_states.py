"""Every state has an answer to every message; who may; places, numbers and clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.states import Case, Supporter
from shared.engine.world import Later
from shared.messages import Message, Role
from shared.messages.matching import NoticeDue, SearchDue
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
    accept,
    asked,
    closed,
    decline,
    erased,
    failed,
    involved,
    left,
    nobody,
    offered,
    passed,
    paused,
    picked,
    qualified,
    reassessed,
    refused,
    reinstated,
    replaced,
    returned,
    search,
    silence,
    staff,
    story,
    suspended,
    wishes,
    withdrawn,
)

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
    "SearchAgain": (search(), {**dict.fromkeys(STATES, REFUSES), "failed": FAILS}),
    "AnswerDue": (silence(), {"asked": ("AskExpired", *FAILS)}),
    "SearchDue": (SearchDue(case=CASE, search=1), {}),
    "StaffLeft": (left(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "SupporterSuspended": (suspended(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "StaffRecorded": (staff(ANNA), {}),
    "SupporterQualified": (qualified(ANNA), {"failed": ASKS}),
    "SupporterReinstated": (reinstated(ANNA), {}),
    "EventReassessed": (reassessed(), {}),
    "SupporterInvolved": (involved(ANNA), {"asked": ("AskWithdrawn", *FAILS)}),
    "CaseErased": (erased(), {"asked": TAKES_BACK}),
    "PickSupporter": (picked(ANNA), dict.fromkeys(("new", "failed", "resting", "over"), REFUSES)),
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
    assert known == Case(hospital="example", id=CASE, report="r-c-1", over=True, ask=2)


@pytest.mark.parametrize(
    "before", [[], [offered()], [offered(), accept(ANNA)], [offered(), accept(ANNA), closed(ANNA)]]
)
def test_of_an_erased_case_nothing_stays_but_that_it_was_over(before: list[Message]) -> None:
    assert story(*ALONE, *before, erased()).state(Case, CASE) == Case(hospital="example", id=CASE, over=True)


def test_a_no_leaves_nothing_with_the_supporter() -> None:
    untouched = story(*POOL).state(Supporter, ANNA)
    assert story(*POOL, offered(), decline(ANNA)).state(Supporter, ANNA) == untouched


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
