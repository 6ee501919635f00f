"""followup through its HTTP door, on real tables: who sees which case, what people tell it, and the task list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.followup.app import SERVICE
from shared.messages import intake, matching
from shared.testing import NOW
from tests.engine.door import Door, open_door

CASE, OTHER, CLEO, ANNA, BRAM = "c-1", "c-2", "p-cleo", "s-anna", "s-bram"
LOCAL_NOW = "2026-03-11T10:00:00+01:00"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as opened:
        yield opened


def offered(case: str = CASE, colleague: str = CLEO, report: str = "r-1") -> intake.SupportOffered:
    one = intake.Colleague(case=case, colleague=colleague, profession="nurse", department="icu")
    return intake.SupportOffered(report=report, t0=NOW, event_types=("aggression",), colleagues=(one,))


def matched(who: str = ANNA, case: str = CASE) -> matching.SupporterMatched:
    return matching.SupporterMatched(case=case, supporter=who)


async def two_cases(door: Door) -> None:
    await door.hear(offered(), matched(ANNA), offered(OTHER, "p-dirk", "r-2"), matched(BRAM, OTHER))


async def test_everybody_sees_the_cases_that_are_theirs(door: Door) -> None:
    await two_cases(door)
    keys = {
        "coordinator": await door.key("coordinator", "s-coo"),
        "anna": await door.key("supporter", ANNA),
        "cleo": await door.key("colleague", CLEO, CASE),
    }
    seen = {who: (await door.get(key, "cases")).json()["cases"] for who, key in keys.items()}
    assert {who: [case["case"] for case in cases] for who, cases in seen.items()} == {
        "coordinator": [CASE, OTHER],
        "anna": [CASE],
        "cleo": [CASE],
    }
    for_cleo = {
        "case": CASE,
        "state": "matched",
        "supporter": ANNA,
        "offered_at": LOCAL_NOW,
        "first_contact_at": None,
        "conversations_held": 0,
        "conversations_left": 3,
    }
    clock = {"clock": "attempt", "rule": "FOLLOW-3", "since": LOCAL_NOW, "due_at": "2026-03-12T10:00:00+01:00"}
    assert seen["cleo"] == [for_cleo]
    assert seen["anna"] == [for_cleo | {"next_clock": clock, "tasks": []}]
    assert (await door.get(keys["anna"], "cases?state=closed")).json() == {"cases": []}
    assert (await door.get(keys["cleo"], "cases?state=closed")).json() == {"cases": []}
    assert (await door.get(await door.key("feed"), "cases")).status_code == 403


async def test_what_is_not_yours_does_not_exist(door: Door) -> None:
    await two_cases(door)
    anna, cleo = await door.key("supporter", ANNA), await door.key("colleague", CLEO, CASE)
    bram, dirk = await door.key("supporter", BRAM), await door.key("colleague", "p-dirk", OTHER)
    elsewhere = await door.key("coordinator", hospital="elsewhere")
    coordinator = await door.key("coordinator")
    answers = [
        await door.get(anna, f"cases/{OTHER}"),
        await door.get(cleo, f"cases/{OTHER}"),
        await door.get(coordinator, "cases/c-unknown"),
        await door.get(elsewhere, f"cases/{CASE}"),
        await door.get(elsewhere, f"cases/{CASE}", hospital="elsewhere"),
        await door.post(anna, f"cases/{OTHER}/contact", {"reached": True}),
        await door.post(cleo, f"cases/{OTHER}/decline"),
        await door.post(coordinator, "cases/c-unknown/extension"),
        await door.post(coordinator, f"tasks/{CASE}/help/done"),
        await door.post(coordinator, "tasks/r-9/triage/done"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert (await door.get({}, "cases")).status_code == 401
    theirs = [
        await door.get(bram, f"cases/{OTHER}"),
        await door.get(dirk, f"cases/{OTHER}"),
        await door.get(coordinator, f"cases/{CASE}"),
        await door.get(elsewhere, "cases", hospital="elsewhere"),
        await door.post(bram, f"cases/{OTHER}/contact", {"reached": True}),
        await door.post(coordinator, f"cases/{CASE}/extension"),
        await door.post(cleo, f"cases/{CASE}/help"),
        await door.post(coordinator, f"tasks/{CASE}/help/done"),
        await door.post(dirk, f"cases/{OTHER}/decline"),
    ]
    assert [answer.status_code for answer in theirs] == [200] * len(theirs)


async def test_people_tell_what_happened(door: Door) -> None:
    await door.hear(offered(), matched())
    anna, coordinator = await door.key("supporter", ANNA), await door.key("coordinator", "s-coo")
    cleo = await door.key("colleague", CLEO, CASE)
    deeds: list[tuple[dict[str, str], str, object, list[str]]] = [
        (anna, "contact", {"reached": False}, ["contact_attempted"]),
        (anna, "contact", {"reached": True, "channel": "message"}, ["first_contact_made"]),
        (anna, "conversation", {"minutes": 40}, ["conversation_held"]),
        (anna, "conversation", {"minutes": 10, "kind": "phone_follow_up"}, ["conversation_held"]),
        (coordinator, "extension", None, ["extension_granted"]),
        (cleo, "pause", None, ["support_paused"]),
        (coordinator, "resume", None, ["support_resumed", "notice_due"]),
        (cleo, "help", None, ["help_requested", "task_raised", "notice_due"]),
        (cleo, "more", None, ["more_asked", "task_raised", "notice_due"]),
        (anna, "danger", None, ["danger_reported", "task_raised", "notice_due"]),
        (coordinator, "danger/confirm", None, ["danger_confirmed"]),
        (anna, "debrief", None, ["debrief_requested", "task_raised", "notice_due"]),
        (cleo, "check-ins", {"later": False, "milestones": True}, ["check_ins_agreed"]),
        (cleo, "milestone", {"milestone": "interview"}, ["milestone_reached", "notice_due"]),
        (
            coordinator,
            "hand-over",
            {"to": "staff_social_work"},
            ["handed_over", "case_closed", "notice_due", "notice_due"],
        ),
    ]
    for key, path, body, said in deeds:
        answer = await door.post(key, f"cases/{CASE}/{path}", body)
        assert (answer.status_code, [one["type"] for one in answer.json()["said"]]) == (200, said)
    case = (await door.get(coordinator, f"cases/{CASE}")).json()
    del case["timeline"], case["tasks"]
    assert case == {
        "case": CASE,
        "state": "closed",
        "supporter": ANNA,
        "offered_at": LOCAL_NOW,
        "first_contact_at": LOCAL_NOW,
        "conversations_held": 1,
        "conversations_left": 3,
        "next_clock": None,
        "matched_at": LOCAL_NOW,
        "phone_follow_ups": 1,
        "extensions": 1,
        "closed_at": LOCAL_NOW,
        "ending": "handed_over",
        "check_ins": {"later": False, "milestones": True},
        "t0": LOCAL_NOW,
        "event_types": ["aggression"],
        "calamity": "unknown",
        "harm": "unknown",
        "door": "report",
        "attempts": 1,
        "danger": "confirmed",
        "erased": False,
        "clocks": [],
        "missed": {},
    }


async def test_a_colleague_declines(door: Door) -> None:
    await door.hear(offered(), matched())
    answer = await door.post(await door.key("colleague", CLEO, CASE), f"cases/{CASE}/decline")
    assert [one["type"] for one in answer.json()["said"]] == [
        "support_declined",
        "case_closed",
        "notice_due",
    ]


async def test_a_refusal_names_its_rule_in_both_languages(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    for _ in range(3):
        await door.post(anna, f"cases/{CASE}/conversation", {"minutes": 40})
    fourth = await door.post(anna, f"cases/{CASE}/conversation", {"minutes": 40})
    assert (fourth.status_code, fourth.json()["refused"]) == (
        409,
        {
            "rule": "FOLLOW-1",
            "command": "record_conversation",
            "sentence": {
                "nl": "Een casus heeft hoogstens 3 gesprekken; meer kan alleen via de coördinator.",
                "en": "A case has at most 3 conversations; more only through the coordinator.",
            },
        },
    )
    others = [
        await door.post(anna, f"cases/{CASE}/extension"),
        await door.post(await door.key("trainer", BRAM), f"cases/{CASE}/contact", {"reached": True}),
    ]
    assert [(one.status_code, one.json()["refused"]["rule"]) for one in others] == [
        (403, "FOLLOW-2"),
        (403, "FOLLOW-7"),
    ]
    await door.post(anna, f"cases/{CASE}/close")
    closed = await door.post(anna, f"cases/{CASE}/contact", {"reached": True})
    assert (closed.status_code, closed.json()["refused"]["rule"]) == (409, "FOLLOW-14")


async def test_what_is_not_asked_for_is_not_taken(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    good = {"minutes": 40}
    bodies = (good | {"notes": "what was said"}, {"minutes": 0}, {"minutes": "x"}, good)
    answers = [await door.post(anna, f"cases/{CASE}/conversation", body) for body in bodies]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 200]
    assert (await door.get(anna, f"cases/{CASE}")).json()["conversations_held"] == 1


async def test_the_same_request_twice_is_done_once(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    one, again = [await door.post(anna, f"cases/{CASE}/conversation", {"minutes": 40}, once="monday") for _ in range(2)]
    assert one.json() == again.json()
    case = (await door.get(anna, f"cases/{CASE}")).json()
    assert case["conversations_held"] == 1


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
        "erased": 1,
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
    assert (await door.get(coordinator, "statistics")).json()["erased"] == [
        {
            "month": "2026-03",
            "profession": "nurse",
            "event": "aggression",
            "door": "report",
            "ending": "completed",
            "hours_to_contact": "0-24",
            "conversations": "1",
            "count": 1,
        }
    ]
    assert (await door.get(await door.key("auditor"), "statistics")).status_code == 403
    refused = await door.post(coordinator, f"cases/{CASE}/extension")
    assert (refused.status_code, refused.json()["refused"]["rule"]) == (409, "FOLLOW-14")
