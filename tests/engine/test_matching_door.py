"""matching through its HTTP door, on real tables: open asks, answers, why this one, and the race for a last place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from services.matching.app import SERVICE
from services.matching.protocol.rules import RULES
from services.matching.tables import read_asks
from shared.messages import Message, Role, followup, intake, training
from shared.testing import NOW
from tests.engine.door import Door, open_door, refusing

ANNA, BRAM = "s-anna", "s-bram"
ANSWER_BY = "2026-03-11T13:00:00Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as door:
        yield door


def supporter(who: str, department: str = "surgery") -> list[Message]:
    staff = intake.StaffRecorded(person=who, profession="nurse", department=department, supporter=True)
    return [staff, training.SupporterQualified(supporter=who, on=NOW.date())]


def offered(case: str) -> intake.SupportOffered:
    colleague = intake.Colleague(case=case, colleague=f"p-{case}", profession="nurse", department="icu")
    return intake.SupportOffered(report=f"r-{case}", t0=NOW, event_types=("fall",), colleagues=(colleague,))


def ask(case: str, who: str, ask: int = 1) -> dict[str, Any]:
    return {"case": case, "supporter": who, "ask": ask, "answer_by": ANSWER_BY, "urgent": False}


def reasons(**removed: int) -> list[dict[str, Any]]:
    rules = RULES.on(NOW.date())
    named = {rule.replace("_", "-"): count for rule, count in removed.items()}
    return [{"rule": id, "count": n, "sentence": sentence(id, rules)} for id, n in named.items()]


def sentence(id: str, rules: Any = None) -> dict[str, str]:
    rules = rules or RULES.on(NOW.date())
    return {"nl": rules.sentence(id, "nl"), "en": rules.sentence(id, "en")}


async def two_asks(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter(BRAM), offered("c-1"), offered("c-2"))


async def test_a_supporter_sees_her_own_asks_and_the_coordinator_all(door: Door) -> None:
    await two_asks(door)
    keys = [await door.key("coordinator"), await door.key("supporter", ANNA), await door.key("supporter")]
    seen = [(await door.get(key, "asks")).json()["asks"] for key in keys]
    assert seen == [[ask("c-1", ANNA), ask("c-2", BRAM)], [ask("c-1", ANNA)], []]


async def test_a_link_for_one_case_shows_no_other(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered("c-1"), offered("c-2"))
    link = await door.key("supporter", ANNA, "c-2")
    assert (await door.get(link, "asks")).status_code == 403
    assert (await door.post(link, "cases/c-1/ask/accept")).status_code == 404
    assert (await door.post(link, "cases/c-2/ask/accept")).status_code == 200


async def test_a_yes_given_twice_is_one_match(door: Door) -> None:
    await two_asks(door)
    anna = await door.key("supporter", ANNA)
    first = await door.post(anna, "cases/c-1/ask/accept", once="k1")
    assert [one["type"] for one in first.json()["said"]] == [
        "ask_accepted",
        "supporter_matched",
        "notice_due",
        "notice_due",
    ]
    assert (await door.post(anna, "cases/c-1/ask/accept", once="k1")).json() == first.json()
    assert (await door.post(anna, "cases/c-1/ask/accept")).json() == {"said": [], "refused": None}
    assert (await door.get(anna, "asks")).json()["asks"] == []


@pytest.mark.parametrize("role", [role for role in get_args(Role) if role != "supporter"])
async def test_nobody_else_answers_her_ask(door: Door, role: Role) -> None:
    await two_asks(door)
    for answer in ("accept", "decline"):
        response = await door.post(
            await door.key(role, ANNA, "c-1" if role == "colleague" else ""), f"cases/c-1/ask/{answer}"
        )
        refused = {"rule": "MATCH-9", "sentence": sentence("MATCH-9"), "command": f"{answer}_ask"}
        assert (response.status_code, response.json()["refused"]) == (403, refused)
    assert (await door.post(await door.key("supporter", ANNA), "cases/c-1/ask/accept")).status_code == 200


@pytest.mark.parametrize("role", get_args(Role))
async def test_only_the_coordinator_searches_and_reads_why(door: Door, role: Role) -> None:
    await two_asks(door)
    key, may = await door.key(role, BRAM), role == "coordinator"
    searched = await door.post(key, "cases/c-1/search")
    # Somebody is asked already.
    rule = "MATCH-37" if may else "" if role == "colleague" else "MATCH-12"
    assert (searched.status_code, refusing(searched)) == (409 if may else 403, rule)
    assert (await door.get(key, "cases/c-1/match")).status_code == (200 if may else 403)


async def test_a_late_yes_hears_that_it_is_over(door: Door) -> None:
    await two_asks(door)
    door.clock.move_to(NOW + timedelta(hours=4))
    assert await door.fire() == 2
    response = await door.post(await door.key("supporter", ANNA), "cases/c-1/ask/accept")
    assert (response.status_code, response.json()["refused"]["rule"]) == (409, "MATCH-8")


async def test_why_this_one_and_who_was_removed(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter("s-cleo", "icu"), offered("c-1"))
    await door.post(await door.key("supporter", ANNA), "cases/c-1/ask/decline")
    at = NOW.isoformat()
    first = {"rule": "MATCH-11", "sentence": sentence("MATCH-11")}
    why = {"ask": 1, "kind": "normal", "open_cases": 0, "recent": 0, "misses": 0, "eligible": 1, "reason": None}
    asked = {"outcome": "asked", "supporter": None, **why, "answer": "ended", "overruled": []}
    helps = [
        {
            "nl": "Leid nog 1 supporter op (verpleegkundige) buiten IC.",
            "en": "Qualify 1 more supporter (nurse) outside ICU.",
        },
        {
            "nl": "De coördinator mag MATCH-2 opzij zetten voor 1 supporter.",
            "en": "The coordinator may set MATCH-2 aside for 1 supporter.",
        },
    ]
    nobody = {"outcome": "nobody", "pool": 2, "planned": False, "helps": helps}
    alone = [{**reason, "alone": 1} for reason in reasons(MATCH_2=1, MATCH_7=1)]
    assert (await door.get(await door.key("coordinator"), "cases/c-1/match")).json() == {
        "case": "c-1",
        "status": "failed",
        "supporter": None,
        "preferences": {"unit": "any", "independent": False, "same_site": False, "own_line": False},
        "searches": [
            {"at": at, **asked, "first_by": first, "pool": 2, "removed": reasons(MATCH_2=1)},
            {"at": at, **nobody, "removed": alone},
        ],
    }


async def test_the_coordinator_searches_again(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered("c-1"))
    door.clock.move_to(NOW + timedelta(hours=4))
    await door.fire()
    response = await door.post(await door.key("coordinator"), "cases/c-1/search")
    assert response.json()["said"][0]["data"]["supporter"] == ANNA


async def test_the_cases_of_another_hospital_do_not_exist(door: Door) -> None:
    await two_asks(door)
    here, elsewhere = await door.key("coordinator"), await door.key("coordinator", hospital="elsewhere")
    for path in ("cases/c-1/match", "cases/c-none/match"):
        assert (await door.get(elsewhere, path, hospital="elsewhere")).status_code == 404
    assert (await door.post(elsewhere, "cases/c-1/search", hospital="elsewhere")).status_code == 404
    assert (await door.get(elsewhere, "asks")).status_code == 404
    assert (await door.get(elsewhere, "asks", hospital="elsewhere")).json() == {"asks": []}
    for path in ("cases/c-1/match", "asks"):
        assert (await door.get(here, path)).status_code == 200
    assert (await door.post(here, "cases/c-1/search")).status_code == 409


async def test_the_gauges_tell_who_can_be_asked_and_who_waits_for_longest(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered("c-1"), followup.SupportPaused(case="c-1"), offered("c-2"))
    await door.hear(*supporter("s-cleo", "icu"), training.SupporterSuspended(supporter="s-cleo", rule="TRAIN-3"))
    door.clock.move_to(NOW + timedelta(hours=1))
    lines = await door.metrics()
    assert lines >= {
        'naast_supporters{hospital="example",state="ready"} 1.0',
        'naast_supporters{hospital="example",state="suspended"} 1.0',
        'naast_supporters{hospital="example",state="unqualified"} 0.0',
        'naast_case_oldest_seconds{hospital="example",without="ask"} 0.0',
        'naast_case_oldest_seconds{hospital="example",without="answer"} 3600.0',
        'naast_case_oldest_seconds{hospital="elsewhere",without="answer"} 0.0',
    }


async def test_of_many_cases_that_race_for_one_last_place_exactly_one_gets_it(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered("c-x"), offered("c-y"))
    callers, racers = door.callers(), [door.event(offered(f"c-{n}")) for n in range(8)]
    outcomes = await asyncio.gather(*(callers[n % 2].handle([event]) for n, event in enumerate(racers)))
    assert [(outcome.taken, outcome.dead) for outcome in outcomes] == [(1, {})] * 8
    async with door.running.database.read() as c:
        asked = [case.id for case in await read_asks(c, "example", ANNA)]
    assert len(asked) == 3
    assert {"c-x", "c-y"} < set(asked)
