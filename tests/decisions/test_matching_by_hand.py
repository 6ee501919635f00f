"""The coordinator picks somebody by hand and may set some rules aside, on record; the colleague says her wishes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Case, Supporter
from shared.engine.world import Said
from shared.messages import Message, followup
from shared.messages.matching import PreferencesChosen, SupporterAsked
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ALONE,
    ANNA,
    BRAM,
    CASE,
    CLARA,
    OTHER,
    PAUSED,
    POOL,
    ROLES,
    TOMORROW,
    accept,
    asked,
    asked_whom,
    closed,
    decline,
    facts,
    involved,
    leave,
    left,
    names,
    offered,
    paused,
    picked,
    qualified,
    refused,
    replaced,
    silence,
    staff,
    story,
    supporter,
    suspended,
    taken_back,
    wishes,
    withdrawn,
)

AWAY = leave(BRAM, "2026-03-09", "2026-03-20")


def by_hand(who: str, ask: int = 1, *overruled: str, reason: Any = "continuity", **why: Any) -> list[Said]:
    return asked(who, ask, kind="by_hand", reason=reason, overruled=overruled, **why)


NOT_NOW = refused("pick_supporter", "MATCH-37")

PICKS: list[Any] = [
    pytest.param([*POOL, offered()], picked(ANNA), [], id="who is asked already stays asked"),
    pytest.param(
        [*POOL, offered()],
        picked(BRAM),
        [taken_back(ANNA), *by_hand(BRAM, 2, eligible=2)],
        id="the open ask is withdrawn first",
    ),
    pytest.param([*POOL, offered(), picked(BRAM)], picked(BRAM), [], id="picked twice is asked once"),
    pytest.param([*POOL], picked(ANNA), NOT_NOW, id="an early pick asks nobody"),
    pytest.param([*POOL, offered(), closed()], picked(ANNA), NOT_NOW, id="a late pick asks nobody"),
    pytest.param([*POOL, offered(), PAUSED], picked(ANNA), NOT_NOW, id="nobody is picked while the colleague rests"),
    pytest.param(
        [*POOL, offered(), accept(ANNA), withdrawn()],
        picked(BRAM),
        refused("pick_supporter", "MATCH-33"),
        id="nor once the offer was taken back after a yes, while she has it",
    ),
    pytest.param([*POOL, offered(), accept(ANNA)], picked(ANNA), [], id="picked and has the case already"),
    pytest.param(
        [*POOL, offered(), accept(ANNA)],
        picked(BRAM),
        refused("pick_supporter", "MATCH-33"),
        id="an accepted case stays with its supporter",
    ),
    pytest.param(
        [*POOL, offered(), silence()],
        picked(ANNA),
        [taken_back(BRAM, 2), *by_hand(ANNA, 3, eligible=2)],
        id="who let an ask pass may be picked",
    ),
]


@pytest.mark.parametrize(("before", "message", "then"), PICKS)
def test_what_a_pick_leads_to(before: list[Message], message: Message, then: list[Said]) -> None:
    assert story(*before).when(message) == then


#: For each rule about a supporter: how Bram comes to break it alone.
BREAKS: dict[str, list[Message]] = {
    "MATCH-1": [*supporter(BRAM, profession="doctor"), offered()],
    "MATCH-2": [*supporter(BRAM, department="icu"), offered()],
    "MATCH-3": [staff(BRAM), offered()],
    "MATCH-4": [*supporter(BRAM), suspended(BRAM), offered()],
    "MATCH-5": [*supporter(BRAM), offered("c-x"), offered("c-y"), offered("c-z"), offered()],
    "MATCH-6": [*supporter(BRAM), offered(line=(BRAM,))],
    "MATCH-7": [*supporter(BRAM), offered(), decline(BRAM)],
    "MATCH-13": [*supporter(BRAM), offered(not_by=(BRAM,))],
    "MATCH-14": [*supporter(BRAM), AWAY, offered()],
    "MATCH-15": [*supporter(BRAM), paused(BRAM), offered()],
    "MATCH-16": [*supporter(BRAM, languages=("nl",)), offered(languages=("pl",))],
    "MATCH-17": [*supporter(BRAM), offered(), accept(BRAM), replaced(BRAM, "chosen")],
}
NEVER = {"MATCH-3", "MATCH-6", "MATCH-7", "MATCH-13", "MATCH-15", "MATCH-17"}


def test_every_rule_about_a_supporter_says_whether_it_can_be_set_aside() -> None:
    about = {id for id, check in RULES.checks.items() if check.facts.__name__ in ("Standing", "Fit")}
    assert about == set(BREAKS)
    assert {id for id in about if not RULES.rule(id).overruled_by} == NEVER
    assert all(RULES.rule(id).overruled_by in ((), ("coordinator",)) for id in about)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_rule_is_set_aside_on_record_or_not_at_all(rule: str) -> None:
    told = story(*BREAKS[rule])
    assert told.state(Case, CASE).status == "failed"
    said = facts(told.when(picked(BRAM, "nobody_else")))
    if rule in NEVER:
        assert said == refused("pick_supporter", rule)
        return
    [ask] = said
    assert isinstance(ask, SupporterAsked)
    assert (ask.supporter, ask.kind, ask.overruled, ask.reason) == (BRAM, "by_hand", (rule,), "nobody_else")


@pytest.mark.parametrize("rule", sorted(set(BREAKS) - NEVER))
def test_what_was_set_aside_does_not_take_the_ask_back(rule: str) -> None:
    told = story(*BREAKS[rule], picked(BRAM))
    for unsettling in (involved(ANNA), staff_as_before(told, BRAM), followup.SupportResumed(case=CASE)):
        assert told.when(unsettling) == []
    assert told.state(Case, CASE).asked == BRAM
    assert names(told.when(accept(BRAM))) == ["AskAccepted", "SupporterMatched"]


def staff_as_before(told: Story, who: str) -> Message:
    one = told.state(Supporter, who)
    return staff(who, profession=one.profession, department=one.department, languages=one.languages)


def test_another_rule_still_takes_it_back() -> None:
    told = story(*supporter(BRAM, department="icu"), offered(), picked(BRAM))
    assert told.when(involved(BRAM))[0] == taken_back(BRAM)


def test_nobody_who_is_unknown_is_picked() -> None:
    assert story(*POOL, offered()).when(picked("s-nobody")) == refused("pick_supporter", "MATCH-3")


def test_nobody_who_left_is_picked() -> None:
    assert story(*POOL, offered(), left(BRAM)).when(picked(BRAM)) == refused("pick_supporter", "MATCH-3")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "coordinator"])
def test_only_the_coordinator_picks(role: Any) -> None:
    assert story(*POOL, offered()).when(picked(BRAM, role=role)) == refused("pick_supporter", "MATCH-21")


def test_after_a_no_to_a_pick_the_search_goes_on() -> None:
    told = story(*POOL, *supporter(CLARA, department="icu"), offered(), picked(CLARA))
    assert asked_whom(told.when(decline(CLARA))) == {CASE: ANNA}


def test_a_place_that_a_pick_frees_serves_a_case_that_waits() -> None:
    told = story(*ALONE, offered(), offered(OTHER), hospital=a_hospital(rules={"MATCH-5": 1}))
    told.given(*supporter(BRAM, department="icu"))
    assert asked_whom(told.when(picked(BRAM))) == {CASE: BRAM, OTHER: ANNA}


# -- wishes ------------------------------------------------------------------------------------------------------------

NEAR = supporter("s-near", department="icu", site="a")
SAME_SITE, OTHER_SITE = supporter("s-same", site="a"), supporter("s-site", site="b")
SITES: list[Message] = [*SAME_SITE, *OTHER_SITE]


@pytest.mark.parametrize(
    ("pool", "wish", "first", "misses"),
    [
        pytest.param([*SITES, *NEAR], {"unit": "own"}, "s-near", 0, id="her own unit, where she chooses it"),
        pytest.param([*SITES, *NEAR], {"unit": "other"}, "s-same", 0, id="another unit"),
        pytest.param([*SITES, *NEAR], {"unit": "any"}, "s-same", 0, id="any unit is another one"),
        pytest.param(SITES, {"unit": "own"}, "s-same", 1, id="nobody of her unit: a wish bars nobody"),
        pytest.param(SITES, {"independent": True}, "s-site", 0, id="somebody independent works elsewhere"),
        pytest.param(SAME_SITE, {"independent": True}, "s-same", 1, id="nobody is independent: somebody is asked"),
        pytest.param(SITES, {"same_site": True}, "s-same", 0, id="at her site"),
        pytest.param(OTHER_SITE, {"same_site": True}, "s-site", 1, id="nobody is at her site: somebody is asked"),
    ],
)
def test_a_wish_orders_the_row(pool: list[Message], wish: dict[str, Any], first: str, misses: int) -> None:
    told = story(offered(site="a"), wishes(**wish), PAUSED, *pool)
    [ask] = facts(told.when(followup.SupportResumed(case=CASE)))
    assert isinstance(ask, SupporterAsked)
    assert (ask.supporter, ask.misses) == (first, misses)


def test_somebody_in_her_line_is_not_independent_wherever_she_works() -> None:
    pool = [*supporter(ANNA, department="internal", site="b"), *supporter(BRAM, department="internal", site="b")]
    told = story(*pool, PAUSED, offered(line=(ANNA,), site="a"), wishes(own_line=True, independent=True))
    [ask] = facts(told.when(followup.SupportResumed(case=CASE)))
    assert isinstance(ask, SupporterAsked)
    assert (ask.supporter, ask.misses) == (BRAM, 0)


def test_a_wish_comes_before_fairness_and_never_before_a_rule() -> None:
    pool = [*supporter(ANNA, site="a"), *supporter(BRAM, site="b"), offered(OTHER, site="a"), suspended(BRAM)]
    told = story(*pool, wishes(same_site=False, independent=True), offered(site="a"))
    assert told.state(Case, CASE).asked == ANNA


def test_where_the_hospital_does_not_allow_it_nobody_is_of_her_unit() -> None:
    told = story(*NEAR, offered(), wishes(unit="own"), hospital=a_hospital(rules={"MATCH-18": "never"}))
    assert told.state(Case, CASE).status == "failed"


def test_her_line_is_open_only_where_she_chooses_it() -> None:
    told = story(*ALONE, offered(line=(ANNA,)))
    assert told.state(Case, CASE).failed == {"MATCH-6": 1}
    chosen = PreferencesChosen(case=CASE, own_line=True)
    assert told.when(wishes(own_line=True)) == [chosen, *asked(ANNA)]
    assert told.when(wishes())[:2] == [PreferencesChosen(case=CASE), taken_back(ANNA)]


def test_a_wish_that_helps_nobody_leaves_the_planned_search_alone() -> None:
    told = story(offered())
    assert told.when(wishes(unit="own")) == [PreferencesChosen(case=CASE, unit="own")]
    assert [one.at for one in told.later] == [TOMORROW]
    assert asked_whom(told.given(staff("s-near", department="icu")).when(qualified("s-near"))) == {CASE: "s-near"}


def test_the_same_wish_again_changes_nothing() -> None:
    assert story(*POOL, offered(), wishes(unit="own")).when(wishes(unit="own")) == []


def test_an_open_ask_that_may_stand_is_not_taken_back_for_a_wish() -> None:
    assert facts(story(*SITES, offered(site="a")).when(wishes(independent=True))) == [
        PreferencesChosen(case=CASE, independent=True)
    ]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("coordinator", "colleague")])
def test_only_the_colleague_or_the_coordinator_says_what_she_wishes(role: Any) -> None:
    assert story(*POOL, offered()).when(wishes(role=role)) == refused("choose_preferences", "MATCH-22")


# -- teams -------------------------------------------------------------------------------------------------------------


def test_a_team_is_supported_by_one_supporter_under_the_usual_rules() -> None:
    pool = [*supporter(ANNA, department="icu"), *supporter(BRAM), *supporter(CLARA, profession="doctor")]
    said = story(*pool).when(offered(door="group"))
    assert said == asked(BRAM, kind="group", removed={"MATCH-1": 1, "MATCH-2": 1})


def test_a_team_of_several_professions_is_supported_by_any() -> None:
    pool = supporter(CLARA, profession="doctor")
    assert story(*pool).when(offered(door="group", profession="")) == asked(CLARA, kind="group")
    waiting = story(offered(door="group", profession=""))
    assert asked_whom(waiting.given(staff(CLARA, profession="doctor")).when(qualified(CLARA))) == {CASE: CLARA}


def test_a_pick_of_somebody_away_is_answered_in_the_hours_of_the_hospital() -> None:
    told = story(*supporter(BRAM), AWAY, offered())
    said = told.when(picked(BRAM))
    assert facts(said)[0].answer_by == NOW + timedelta(hours=4)  # type: ignore[union-attr]
