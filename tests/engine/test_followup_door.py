"""Who sees and tells what of a case, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.followup.app import SERVICE
from tests.engine.door import Door, open_door
from tests.engine.followup_told import ANNA, BRAM, CASE, CLEO, LOCAL_NOW, OTHER, matched, offered, two_cases


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as opened:
        yield opened


async def test_everybody_sees_the_cases_that_are_theirs(door: Door) -> None:
    await two_cases(door)
    keys = {
        "coordinator": await door.key("coordinator", "s-coo"),
        "anna": await door.key("supporter", ANNA),
    }
    cleo = await door.key("colleague", CLEO, CASE)
    seen = {who: (await door.get(key, "cases")).json()["cases"] for who, key in keys.items()}
    assert {who: [case["case"] for case in cases] for who, cases in seen.items()} == {
        "coordinator": [CASE, OTHER],
        "anna": [CASE],
    }
    hers = (await door.get(cleo, f"cases/{CASE}")).json()
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
    assert for_cleo.items() <= hers.items()
    assert "tasks" not in hers
    assert seen["anna"] == [for_cleo | {"next_clock": clock, "tasks": []}]
    assert (await door.get(keys["anna"], "cases?state=closed")).json() == {"cases": []}
    for key in (cleo, await door.key("supporter", ANNA, CASE), await door.key("feed")):
        assert (await door.get(key, "cases")).status_code == 403


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


async def test_the_same_key_with_another_body_is_refused_in_words(door: Door) -> None:
    await door.hear(offered(), matched())
    anna = await door.key("supporter", ANNA)
    minutes = [40, 40, 45, 40]
    sent = [await door.post(anna, f"cases/{CASE}/conversation", {"minutes": one}, once="monday") for one in minutes]
    assert [answer.status_code for answer in sent] == [200, 200, 409, 200]
    assert (sent[2].json()["error"], "Use a new key" in sent[2].json()["hint"]) == ("other_body", True)
    assert (await door.get(anna, f"cases/{CASE}")).json()["conversations_held"] == 1
