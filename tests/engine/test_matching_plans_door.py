"""Large events, fairness and who waits, over HTTP and the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.matching.app import SERVICE
from services.matching.protocol.states import ALL
from services.matching.tables import WaitingRow
from shared.messages import Role
from tests.engine.door import Door, open_door
from tests.engine.matching_asked import ANNA, ROLES, offered, supporter
from tests.engine.place import rows


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(SERVICE, request, tmp_path) as door:
        yield door


SIX = [f"c-{n}" for n in range(6)]


async def test_the_plan_of_a_large_event_tells_what_would_help(door: Door) -> None:
    await door.hear(*supporter(ANNA), offered(*SIX))
    [plan] = (await door.get(await door.key("coordinator"), "plans")).json()["plans"]
    helps = {
        "nl": "Leid nog 3 supporters op (verpleegkundige) buiten IC.",
        "en": "Qualify 3 more supporters (nurse) outside ICU.",
    }
    assert plan == {
        "report": "r-1",
        "made_at": "2026-03-11T09:00:00Z",
        "cases": SIX,
        "departments": 1,
        "asked": 3,
        "left": 3,
        "confirmed": True,
        "without_anybody": 3,
        "helps": [helps],
    }
    confirm = await door.post(await door.key("coordinator"), "plans/r-1/confirm")
    assert confirm.json() == {"said": [], "refused": None}


@pytest.mark.parametrize("role", ROLES)
async def test_only_the_coordinator_reads_and_confirms_plans(door: Door, role: Role) -> None:
    await door.hear(*supporter(ANNA), offered(*SIX))
    key, may = await door.key(role, "x"), 200 if role == "coordinator" else 403
    assert (await door.get(key, "plans")).status_code == may
    assert (await door.post(key, "plans/r-1/confirm")).status_code == may
    assert (await door.post(await door.key("coordinator"), "plans/r-none/confirm")).status_code == 404


async def test_how_cases_are_divided_is_told_of_enough_supporters_only(door: Door) -> None:
    await door.hear(*(one for n in range(4) for one in supporter(f"s-{n}")), offered("c-1"))
    await door.post(await door.key("supporter", "s-0"), "cases/c-1/ask/accept")
    few = {"profession": "nurse", "supporters": 4, "cases": None, "fewest": None, "most": None, "spread": None}
    auditor = await door.key("auditor")
    assert (await door.get(auditor, "fairness")).json() == {"days": 90, "professions": [few]}
    await door.hear(*supporter("s-4"))
    enough = {"profession": "nurse", "supporters": 5, "cases": 1, "fewest": 0, "most": 1, "spread": 1}
    assert (await door.get(auditor, "fairness")).json() == {"days": 90, "professions": [enough]}
    assert 'naast_matching_spread_cases{hospital="example",profession="nurse"} 1.0' in await door.metrics()


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_how_cases_are_divided(door: Door, role: Role) -> None:
    allowed = role in ("coordinator", "auditor", "ops")
    assert (await door.get(await door.key(role), "fairness")).status_code == (200 if allowed else 403)


async def test_who_waits_is_kept_and_served_by_an_engine_that_begins_later(door: Door) -> None:
    await door.hear(offered("c-1"), offered("c-2", report="r-2"))
    kept = await rows(door.running.engine, WaitingRow.__tablename__, "id")
    assert kept == [ALL]
    await door.begun_later().handle([door.event(fact) for fact in supporter(ANNA)])
    asks = (await door.get(await door.key("coordinator"), "asks")).json()["asks"]
    assert [(one["case"], one["supporter"]) for one in asks] == [("c-1", ANNA), ("c-2", ANNA)]
