"""Picks by hand and wishes, and when a supporter is there, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.matching.app import SERVICE
from services.matching.protocol.rules import RULES
from shared.messages import Role, followup, intake
from shared.testing import NOW
from tests.engine.door import Door, open_door
from tests.engine.matching_asked import ANNA, BRAM, NEAR, ROLES, offered, supporter


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as door:
        yield door


def sentence(id: str) -> dict[str, str]:
    rules = RULES.on(NOW.date())
    return {"nl": rules.sentence(id, "nl"), "en": rules.sentence(id, "en")}


async def test_the_coordinator_picks_and_it_is_on_record_what_was_set_aside(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter(NEAR, "icu"), offered("c-1"))
    key = await door.key("coordinator")
    picked = await door.post(key, "cases/c-1/pick", {"supporter": NEAR, "reason": "colleague_asks"}, once="k1")
    assert [one["type"] for one in picked.json()["said"]] == ["ask_withdrawn", "supporter_asked", "notice_due"]
    [before, now] = (await door.get(key, "cases/c-1/match")).json()["searches"]
    assert (before["supporter"], before["answer"]) == (None, "ended")
    told = {name: now[name] for name in ("supporter", "answer", "kind", "reason", "overruled", "first_by")}
    assert told == {
        "supporter": NEAR,
        "answer": None,
        "kind": "by_hand",
        "reason": "colleague_asks",
        "overruled": [{"rule": "MATCH-2", "sentence": sentence("MATCH-2")}],
        "first_by": {"rule": "MATCH-21", "sentence": sentence("MATCH-21")},
    }


async def test_what_is_never_set_aside_is_refused_with_its_rule(door: Door) -> None:
    staff = intake.StaffRecorded(person=BRAM, profession="nurse", department="surgery", supporter=True)
    await door.hear(*supporter(ANNA), staff, offered("c-1"))
    body = {"supporter": BRAM, "reason": "urgency"}
    response = await door.post(await door.key("coordinator"), "cases/c-1/pick", body)
    refused = {"rule": "MATCH-3", "sentence": sentence("MATCH-3"), "command": "pick_supporter"}
    assert (response.status_code, response.json()) == (409, {"said": response.json()["said"], "refused": refused})


@pytest.mark.parametrize("body", [{"supporter": ANNA}, {"supporter": ANNA, "reason": "because"}, {"reason": "urgency"}])
async def test_a_pick_needs_a_reason_of_the_list(door: Door, body: Any) -> None:
    await door.hear(*supporter(ANNA), offered("c-1"))
    coordinator = await door.key("coordinator")
    assert (await door.post(coordinator, "cases/c-1/pick", body)).status_code == 422
    assert (await door.post(coordinator, "cases/c-1/pick", {"supporter": ANNA, "reason": "urgency"})).status_code == 200


async def test_the_colleague_says_what_she_wishes_through_her_link(door: Door) -> None:
    await door.hear(*supporter(NEAR, "icu"), offered("c-1"))
    link = await door.key("colleague", "p-c-1", "c-1")
    said = (await door.post(link, "cases/c-1/preferences", {"unit": "own"})).json()
    assert [one["type"] for one in said["said"]] == ["preferences_chosen"]
    found = (await door.get(await door.key("coordinator"), "cases/c-1/match")).json()
    assert found["preferences"] == {"unit": "own", "independent": False, "same_site": False, "own_line": False}
    assert found["searches"][-1]["supporter"] == NEAR
    assert (await door.post(link, "cases/c-1/preferences", {"unit": "best"})).status_code == 422


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_pick_and_wish(door: Door, role: Role) -> None:
    await door.hear(*supporter(ANNA), *supporter(BRAM), offered("c-1"))
    key = await door.key(role, "p-c-1", "c-1" if role == "colleague" else "")
    wished = await door.post(key, "cases/c-1/preferences", {"same_site": True})
    picked = await door.post(key, "cases/c-1/pick", {"supporter": BRAM, "reason": "language"})
    assert wished.status_code == (200 if role in ("coordinator", "colleague") else 403)
    assert picked.status_code == (200 if role == "coordinator" else 403)


async def test_no_output_tells_who_said_no_or_let_an_ask_pass(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter(BRAM), offered("c-1"))
    coordinator = await door.key("coordinator")

    async def named() -> list[bool]:
        """Whether what tells of an open ask names whom it went to."""
        told = [(await door.get(coordinator, path)).text for path in ("cases/c-1/match", "asks")]
        return [ANNA in text or BRAM in text for text in told]

    assert await named() == [True, True]
    await door.post(await door.key("supporter", ANNA), "cases/c-1/ask/decline")
    assert await named() == [True, True]
    door.clock.move_to(NOW + timedelta(hours=4))
    assert await door.fire() == 2
    assert (await door.get(coordinator, "cases/c-1/match")).text.count('"ended"') == 2
    for path in ("cases/c-1/match", "asks", "plans", "fairness"):
        told = (await door.get(coordinator, path)).text
        assert ANNA not in told
        assert BRAM not in told
        assert "declined" not in told
        assert "expired" not in told


async def test_who_gave_a_case_back_is_told_no_longer(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter(BRAM), offered("c-1"))
    await door.post(await door.key("supporter", ANNA), "cases/c-1/ask/accept")
    coordinator = await door.key("coordinator")
    assert (await door.get(coordinator, "cases/c-1/match")).json()["searches"][0]["supporter"] == ANNA
    await door.hear(followup.ReplacementNeeded(case="c-1", supporter=ANNA, why="handed_back"))
    assert ANNA not in (await door.get(coordinator, "cases/c-1/match")).text


async def test_a_supporter_sets_her_hours_and_reads_them(door: Door) -> None:
    await door.hear(*supporter(ANNA), *supporter(BRAM))
    anna = await door.key("supporter", ANNA)
    bodies = {
        "week": {"week": {"wednesday": "12:00-20:00"}, "holidays": False},
        "leave": {"first": "2026-04-01", "last": "2026-04-03"},
        "pause": None,
    }
    for what, body in bodies.items():
        assert (await door.post(anna, f"availability/{ANNA}/{what}", body)).status_code == 200
    turn = {"begin": "2026-03-14T20:00:00+00:00", "end": "2026-03-15T08:00:00+00:00"}
    assert (await door.post(await door.key("coordinator"), f"on-call/{ANNA}", turn)).status_code == 200
    mine = {
        "supporter": ANNA,
        "week": {"wednesday": "12:00-20:00"},
        "holidays": False,
        "leave": [{"first": "2026-04-01", "last": "2026-04-03"}],
        "on_call": [turn],
        "on_call_now": False,
        "paused": True,
        "there_from": "2026-03-11T11:00:00+00:00",
    }
    assert (await door.get(anna, "availability")).json() == {"availability": [mine]}
    everybody = (await door.get(await door.key("coordinator"), "availability")).json()["availability"]
    assert [one["supporter"] for one in everybody] == [ANNA, BRAM]
    assert (await door.get(anna, "on-call")).json() == {"on_call": [{"supporter": ANNA, **turn}]}
    assert (await door.get(await door.key("supporter", BRAM), "on-call")).json() == {"on_call": []}


async def test_what_she_set_can_be_taken_back(door: Door) -> None:
    await door.hear(*supporter(ANNA))
    coordinator, leave = await door.key("coordinator"), {"first": "2026-04-01", "last": "2026-04-03"}
    turn = {"begin": "2026-03-14T20:00:00+00:00", "end": "2026-03-15T08:00:00+00:00"}
    for path, body in (
        (f"availability/{ANNA}/leave", leave),
        (f"availability/{ANNA}/leave/cancel", {"first": "2026-04-01"}),
        (f"availability/{ANNA}/pause", None),
        (f"availability/{ANNA}/return", None),
        (f"on-call/{ANNA}", turn),
        (f"on-call/{ANNA}/cancel", {"begin": turn["begin"]}),
    ):
        said = (await door.post(coordinator, path, body)).json()["said"]
        assert len(said) == 1
    [now] = (await door.get(coordinator, "availability")).json()["availability"]
    assert (now["leave"], now["on_call"], now["paused"]) == ([], [], False)


GOOD: dict[str, Any] = {
    "availability/{}/week": {"week": {"monday": "08:00-17:00"}},
    "availability/{}/leave": {"first": "2026-04-01", "last": "2026-04-03"},
    "availability/{}/leave/cancel": {"first": "2026-04-01"},
    "on-call/{}": {"begin": "2026-03-14T20:00:00Z", "end": "2026-03-15T08:00:00Z"},
    "on-call/{}/cancel": {"begin": "2026-03-14T20:00:00Z"},
}


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("availability/{}/week", {"week": {"maandag": "08:00-17:00"}}),
        ("availability/{}/week", {"week": {"monday": "8-17"}}),
        ("availability/{}/week", {"week": {"monday": "08:00-08:00"}}),
        ("availability/{}/week", {"week": {}, "note": "x"}),
        ("availability/{}/leave", {"first": "2026-04-03", "last": "2026-04-01"}),
        ("availability/{}/leave", {"first": "2026-04-01", "last": "9999-01-01"}),
        ("availability/{}/leave", {"first": "tomorrow", "last": "2026-04-01"}),
        ("availability/{}/leave/cancel", {}),
        ("on-call/{}", {"begin": "2026-03-15T08:00:00Z", "end": "2026-03-14T20:00:00Z"}),
        ("on-call/{}", {"begin": "2026-03-15T08:00:00", "end": "2026-03-15T20:00:00"}),
        ("on-call/{}", {"begin": "2026-03-15T08:00:00Z", "end": "2027-03-15T08:00:00Z"}),
        ("on-call/{}/cancel", {"begin": "soon"}),
    ],
)
async def test_what_cannot_be_is_refused_at_the_door_and_never_repeated(door: Door, what: str, body: Any) -> None:
    await door.hear(*supporter(ANNA))
    response = await door.post(await door.key("coordinator"), what.format(ANNA), body)
    assert response.status_code == 422
    assert set(response.json()) == {"error", "problems"}
    good = await door.post(await door.key("coordinator"), what.format(ANNA), GOOD[what])
    assert (good.status_code, good.json()["refused"]) == (200, None)


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_say_when_a_supporter_is_there(door: Door, role: Role) -> None:
    await door.hear(*supporter(ANNA))
    turn = {"begin": "2026-03-14T20:00:00Z", "end": "2026-03-15T08:00:00Z"}
    for who, own in ((ANNA, True), (BRAM, False)):
        key = await door.key(role, who)
        hours = await door.post(key, f"availability/{ANNA}/week", {"week": {}})
        rota = await door.post(key, f"on-call/{ANNA}", turn)
        may = role == "coordinator" or (role == "supporter" and own)
        assert (hours.status_code, rota.status_code) == (200 if may else 403, 200 if role == "coordinator" else 403)
        assert (await door.get(key, "availability")).status_code == (
            200 if role in ("coordinator", "supporter") else 403
        )


async def test_somebody_who_is_no_supporter_here_has_no_hours(door: Door) -> None:
    await door.hear(*supporter(ANNA), hospital="elsewhere")
    for hospital, status in (("example", 404), ("elsewhere", 200)):
        key = await door.key("coordinator", hospital=hospital)
        for path, body in ((f"availability/{ANNA}/pause", None), (f"on-call/{ANNA}/cancel", GOOD["on-call/{}/cancel"])):
            assert (await door.post(key, path, body, hospital=hospital)).status_code == status
        known = (await door.get(key, "availability", hospital)).json()["availability"]
        assert [one["supporter"] for one in known] == ([ANNA] if status == 200 else [])


async def test_a_pause_takes_an_open_ask_to_the_next_and_a_return_serves_who_waits(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered("c-1"))
    anna = await door.key("supporter", ANNA)
    said = (await door.post(anna, f"availability/{ANNA}/pause")).json()["said"]
    assert [one["type"] for one in said] == ["supporter_paused"]
    assert (await door.get(await door.key("coordinator"), "cases/c-1/match")).json()["status"] == "failed"
    await door.post(anna, f"availability/{ANNA}/return")
    assert (await door.get(anna, "asks")).json()["asks"][0]["case"] == "c-1"
