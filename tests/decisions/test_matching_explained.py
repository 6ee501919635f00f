"""Why this one, or why nobody and what would help; and never who said no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.explained import explain
from services.matching.protocol.fairness import fairness
from services.matching.protocol.helps import helps
from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Case, Supporter
from shared.messages import Event
from shared.messages.matching import MatchFailed, SupporterAsked
from shared.testing import NOW, Story, a_hospital
from tests.decisions.matching_words import (
    ANNA,
    BRAM,
    CASE,
    POOL,
    accept,
    decline,
    facts,
    offered,
    on_call,
    replaced,
    silence,
    staff,
    supporter,
    suspended,
)

HOSPITAL = a_hospital()


def after(*messages: Any) -> list[dict[str, Any]]:
    """What is explained of the case after these messages; the pool comes first."""
    begun, said = Story(PROTOCOL), list[Any]()
    for message in messages:
        said += begun.when(message)
    journal = [Event("", HOSPITAL.id, NOW, one) for one in facts(said) if getattr(one, "case", "") == CASE]  # type: ignore[arg-type]
    return explain(journal, begun.state(Case, CASE), HOSPITAL)


def test_an_open_ask_names_whom_and_why() -> None:
    [search] = after(*POOL, on_call(BRAM, NOW, 8), offered(calamity="yes"))
    assert (search["supporter"], search["answer"], search["kind"]) == (BRAM, None, "on_call")
    assert search["first_by"]["rule"] == "MATCH-26"
    assert search["first_by"]["sentence"]["en"] == "Where it is urgent, whoever is on call is asked first."


@pytest.mark.parametrize("ends", [decline(ANNA), silence(), suspended(ANNA)])
def test_however_an_ask_ended_it_is_told_the_same_way(ends: Any) -> None:
    first, second = after(*POOL, offered(), ends)
    assert (first["supporter"], first["answer"]) == (None, "ended")
    assert (second["supporter"], second["answer"]) == (BRAM, None)


def test_an_accepted_ask_names_who_has_the_case() -> None:
    [search] = after(*POOL, offered(), accept(ANNA))
    assert (search["supporter"], search["answer"]) == (ANNA, "accepted")


def test_of_a_case_that_was_given_back_only_the_new_supporter_is_named() -> None:
    searches = after(*POOL, offered(), accept(ANNA), replaced(ANNA), accept(BRAM))
    assert [search["supporter"] for search in searches] == [None, BRAM]


def test_a_failure_tells_how_many_stumble_over_one_rule_alone_and_what_would_help() -> None:
    pool = [
        *supporter("s-near", department="icu"),
        *[*supporter("s-late"), suspended("s-late")],
        *[*supporter("s-both", department="icu"), suspended("s-both")],
        staff("s-new"),
        *supporter("s-doctor", profession="doctor"),
    ]
    [search] = after(*pool, offered())
    assert {one["rule"]: (one["count"], one["alone"]) for one in search["removed"]} == {
        "MATCH-1": (1, 1),
        "MATCH-2": (2, 1),
        "MATCH-3": (1, 1),
        "MATCH-4": (1, 1),
    }
    assert [one["en"] for one in search["helps"]] == [
        "Let 1 supporter finish the training.",
        "Let 1 supporter attend intervisie.",
        "Qualify 1 more supporter (nurse) outside ICU.",
        "The coordinator may set MATCH-1 aside for 1 supporter.",
        "The coordinator may set MATCH-2 aside for 1 supporter.",
        "The coordinator may set MATCH-4 aside for 1 supporter.",
    ]
    assert search["helps"][2]["nl"] == "Leid nog 1 supporter op (verpleegkundige) buiten IC."


def test_what_helps_a_large_event_counts_those_who_are_left() -> None:
    said = helps({"MATCH-4": 5}, "nurse", "icu", HOSPITAL, needed=2)
    assert [one["en"] for one in said[:2]] == [
        "Let 2 supporters attend intervisie.",
        "Qualify 2 more supporters (nurse) outside ICU.",
    ]
    assert helps({}, "", "icu", HOSPITAL) == []


def test_a_decision_is_explained_with_the_numbers_of_its_day() -> None:
    journal = [Event("", HOSPITAL.id, NOW, MatchFailed(case=CASE, pool=1, removed={"MATCH-5": 1}))]
    own = a_hospital(rules={"MATCH-5": 2})
    [search] = explain(journal, Case(hospital="example", id=CASE), own)
    assert search["removed"][0]["sentence"]["en"].startswith("A supporter has at most 2 cases")


def test_a_message_of_an_earlier_version_is_explained_as_well() -> None:
    old = SupporterAsked(case=CASE, supporter=ANNA, ask=1, answer_by=NOW)
    [search] = explain([Event("", HOSPITAL.id, NOW, old)], Case(hospital="example", id=CASE), HOSPITAL)
    assert (search["kind"], search["pool"]) == ("normal", 1)


@pytest.mark.parametrize(("supporters", "shown"), [(4, False), (5, True)])
def test_how_cases_are_divided_is_shown_of_enough_supporters(supporters: int, shown: bool) -> None:
    lately, long_ago = NOW.date() - timedelta(days=89), NOW.date() - timedelta(days=90)
    days = [(), (lately,), (lately, lately), (long_ago,), (long_ago, lately)]
    pool = [
        Supporter(hospital="example", id=f"s-{n}", profession="nurse", listed=True, qualified=True, matched_on=days[n])
        for n in range(supporters)
    ]
    away = [
        Supporter(hospital="example", id=f"s-{why}", profession="nurse", listed=True, qualified=True).but(**{why: True})
        for why in ("paused", "suspended", "left")
    ]
    figures = {"cases": 4, "fewest": 0, "most": 2, "spread": 2}
    expected = figures if shown else dict.fromkeys(figures)
    told = fairness([*pool, *away], RULES.on(NOW.date()), NOW.date())
    assert told == [{"profession": "nurse", "supporters": supporters, **expected}]
