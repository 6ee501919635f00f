"""What followup shows: the one list of tasks, the story of a case, its clocks, the coordinator's numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.followup.app import SERVICE
from shared.messages import intake, matching
from shared.testing import NOW
from tests.engine.door import Door, open_door
from tests.engine.followup_told import ANNA, BRAM, CASE, CLEO, LOCAL_NOW, OTHER, matched, offered, two_cases


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as opened:
        yield opened


async def test_the_one_task_list_is_overdue_first_and_says_what_ends_each_task(door: Door) -> None:
    await two_cases(door)
    waits = intake.TaskRaised(
        regarding="r-9", task="triage", reasons=("staff_unknown",), due_at=NOW + timedelta(hours=30)
    )
    await door.hear(waits)
    coordinator, anna = await door.key("coordinator"), await door.key("supporter", ANNA)
    await door.post(anna, f"cases/{CASE}/contact", {"reached": True})
    door.clock.move_to(NOW + timedelta(hours=26))
    assert await door.fire() == 6
    listed = (await door.get(coordinator, "tasks")).json()["tasks"]
    assert listed == [
        {
            "regarding": OTHER,
            "task": "attempt",
            "owner": "coordinator",
            "reasons": ["FOLLOW-3"],
            "raised_at": "2026-03-12T12:00:00+01:00",
            "due_at": "2026-03-12T10:00:00+01:00",
            "overdue": True,
            "command": "naast case contact c-2",
        },
        {
            "regarding": "r-9",
            "task": "triage",
            "owner": "coordinator",
            "reasons": ["staff_unknown"],
            "raised_at": LOCAL_NOW,
            "due_at": "2026-03-12T16:00:00+01:00",
            "overdue": False,
            "command": "naast report show r-9",
        },
    ]
    assert (await door.get(anna, "tasks")).json() == {"tasks": []}
    done = await door.post(coordinator, "tasks/r-9/triage/done")
    assert [one["type"] for one in done.json()["said"]] == ["task_finished"]
    assert [one["regarding"] for one in (await door.get(coordinator, "tasks")).json()["tasks"]] == [OTHER]
    door.clock.move_to(NOW + timedelta(days=36))
    await door.fire()
    assert [(one["task"], one["command"]) for one in (await door.get(anna, "tasks")).json()["tasks"]] == [
        ("closing", "naast case close c-1")
    ]


async def test_the_overview_and_the_gauges_count_cases_by_state(door: Door) -> None:
    await two_cases(door)
    await door.post(await door.key("supporter", ANNA), f"cases/{CASE}/contact", {"reached": True})
    door.clock.move_to(NOW + timedelta(hours=2))
    overview = (await door.get(await door.key("auditor"), "overview")).json()
    assert overview == {
        "cases": {"offered": 0, "matched": 1, "in_contact": 1, "paused": 0, "closed": 0},
        "tasks": {"open": 0, "overdue": 0},
    }
    assert (await door.get(await door.key("ops"), "overview")).json() == overview
    metrics = await door.metrics()
    assert 'naast_cases{hospital="example",state="in_contact"} 1.0' in metrics
    assert 'naast_cases{hospital="elsewhere",state="in_contact"} 0.0' in metrics
    assert 'naast_case_oldest_seconds{hospital="example",without="first_contact"} 7200.0' in metrics


async def test_a_case_tells_its_story(door: Door) -> None:
    ask = matching.SupporterAsked(case=CASE, supporter=ANNA, ask=1, answer_by=NOW, removed={"MATCH-2": 1})
    await door.hear(offered(), ask, matched())
    anna = await door.key("supporter", ANNA)
    await door.post(anna, f"cases/{CASE}/contact", {"reached": True})
    cleo = await door.key("colleague", CLEO, CASE)
    texts = {
        lang: [line["text"] for line in (await door.get(cleo, f"cases/{CASE}?lang={lang}")).json()["timeline"]]
        for lang in ("nl", "en")
    }
    assert texts == {
        "nl": [
            "Er is steun aangeboden: na een melding.",
            "Supporter s-anna steunt deze collega.",
            "Het eerste contact is gelegd per telefoon.",
        ],
        "en": [
            "Support was offered: after a report.",
            "Supporter s-anna supports this colleague.",
            "The first contact was made by phone.",
        ],
    }
    by_default = (await door.get(await door.key("coordinator"), f"cases/{CASE}")).json()["timeline"]
    assert by_default[0] == {"at": LOCAL_NOW, "text": "Er is steun aangeboden: na een melding."}
    assert len(by_default) == 4


async def test_the_supporter_and_the_colleague_end_what_they_have_together(door: Door) -> None:
    await two_cases(door)
    anna, bram = await door.key("supporter", ANNA), await door.key("supporter", BRAM)
    cleo, dirk = await door.key("colleague", CLEO, CASE), await door.key("colleague", "p-dirk", OTHER)
    coordinator = await door.key("coordinator", "s-coo")
    assert (await door.post(anna, f"cases/{CASE}/hand-back")).status_code == 200
    assert (await door.get(anna, f"cases/{CASE}")).status_code == 404
    assert (await door.post(dirk, f"cases/{OTHER}/another")).status_code == 200
    await door.hear(matched(BRAM), matched(ANNA, OTHER))
    assert (await door.post(coordinator, f"cases/{CASE}/replace", {"why": "ill"})).status_code == 200
    assert (await door.post(cleo, f"cases/{CASE}/stop")).status_code == 200
    assert (await door.get(bram, f"cases/{CASE}")).status_code == 404
    states = {case["case"]: case["state"] for case in (await door.get(coordinator, "cases")).json()["cases"]}
    assert states == {CASE: "closed", OTHER: "matched"}


async def test_what_happened_earlier_is_told_with_its_moment(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    door.clock.move_to(NOW + timedelta(days=3))
    told = {"reached": True, "at": (NOW + timedelta(days=1)).isoformat()}
    assert (await door.post(anna, f"cases/{CASE}/contact", told)).status_code == 200
    case = (await door.get(anna, f"cases/{CASE}")).json()
    assert case["first_contact_at"] == "2026-03-12T10:00:00+01:00"
    tomorrow = {"minutes": 40, "at": (NOW + timedelta(days=4)).isoformat()}
    refused = await door.post(anna, f"cases/{CASE}/conversation", tomorrow)
    assert (refused.status_code, refused.json()["refused"]["rule"]) == (409, "FOLLOW-27")
    naive = await door.post(anna, f"cases/{CASE}/contact", {"reached": True, "at": "2026-03-12T10:00:00"})
    assert naive.status_code == 422


async def test_a_case_explains_its_clocks(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    await door.post(anna, f"cases/{CASE}/contact", {"reached": False})
    door.clock.move_to(NOW + timedelta(hours=80))
    await door.fire()
    explained = (await door.get(anna, f"cases/{CASE}/explain")).json()
    assert {one["clock"]: one["state"] for one in explained["clocks"]} == {
        "assignment": "met",
        "unassigned": "met",
        "attempt": "met",
        "second_attempt": "missed",
        "contact": "missed",
        "third_attempt": "running",
        "last_check": "running",
    }
    assert explained["clocks"][0] == {
        "clock": "assignment",
        "rule": "FOLLOW-17",
        "sentence": {
            "nl": "Binnen 8 uur werktijd na het aanbod, of nadat een andere supporter nodig bleek, is er een supporter"
            " gevonden; anders hoort de coördinator het.",
            "en": "Within 8 hours of working time after the offer, or after another supporter turned out to be needed,"
            " a supporter is found; otherwise the coordinator is told.",
        },
        "limit_hours": 8.0,
        "working_time": True,
        "owner": "coordinator",
        "since": LOCAL_NOW,
        "due_at": "2026-03-12T09:00:00+01:00",
        "state": "met",
    }
    assert {name: explained["conversations"][name] for name in ("rule", "held", "allowed", "left", "minimum")} == {
        "rule": "FOLLOW-1",
        "held": 0,
        "allowed": 3,
        "left": 3,
        "minimum": 1,
    }
    assert (await door.get(await door.key("colleague", CLEO, CASE), f"cases/{CASE}/explain")).status_code == 403


async def test_the_coordinator_has_her_numbers(door: Door) -> None:
    await two_cases(door)
    await door.hear(offered("c-3", "p-eva", "r-3"), offered("c-4", "p-fay", "r-4"))
    anna, coordinator = await door.key("supporter", ANNA), await door.key("coordinator", "s-coo")
    door.clock.move_to(NOW + timedelta(hours=20))
    await door.post(anna, f"cases/{CASE}/contact", {"reached": True})
    await door.post(coordinator, f"cases/{CASE}/extension")
    await door.post(coordinator, f"cases/{OTHER}/hand-over", {"to": "psychologist"})
    await door.post(await door.key("colleague", "p-fay", "c-4"), "cases/c-4/stop")
    door.clock.move_to(NOW + timedelta(hours=74))
    while await door.fire():
        pass
    assert (await door.get(coordinator, "overview")).json() == {
        "cases": {"offered": 1, "matched": 0, "in_contact": 1, "paused": 0, "closed": 1},
        "tasks": {
            "open": 3,
            "overdue": 3,
            "by_kind": {kind: {"open": 1, "overdue": 1} for kind in ("assignment", "contact", "unassigned")},
        },
        "oldest_hours": {"without_supporter": 74.0, "without_first_contact": 74.0},
        "first_contact": {"limit_hours": 72.0, "cases": 3, "median_hours": 20.0, "share_in_time": 0.333},
        "clocks_missed": {"assignment": 1, "contact": 1, "unassigned": 1},
        "extensions": 1,
        "handed_over": 1,
        "not_reached": 0,
        "erased": 0,
    }


async def test_of_an_erased_case_nothing_is_told_any_more(door: Door) -> None:
    await door.hear(offered(), matched())
    anna, coordinator = await door.key("supporter", ANNA), await door.key("coordinator", "s-coo")
    await door.post(anna, f"cases/{CASE}/conversation", {"minutes": 40})
    await door.post(anna, f"cases/{CASE}/close")
    door.clock.move_to(NOW + timedelta(days=31))
    while await door.fire():
        pass
    await door.hear(matched(BRAM), offered())
    case = (await door.get(coordinator, f"cases/{CASE}")).json()
    assert (case["state"], case["erased"], case["timeline"], case["tasks"]) == ("closed", True, [], [])
    assert (case["supporter"], case["event_types"]) == (None, [])
    assert (await door.get(coordinator, "cases")).json() == {"cases": []}
    assert (await door.get(anna, f"cases/{CASE}")).status_code == 404
    assert (await door.get(coordinator, "statistics")).json()["erased"] == []
    assert (await door.get(await door.key("auditor"), "statistics")).status_code == 403
    refused = await door.post(coordinator, f"cases/{CASE}/extension")
    assert (refused.status_code, refused.json()["refused"]["rule"]) == (409, "FOLLOW-14")
