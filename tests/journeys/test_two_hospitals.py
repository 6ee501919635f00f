"""Two hospitals with the same staff numbers and the same reports never see each other, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from shared.messages import SERVICES, Role, followup
from shared.testing import heard
from tests.journeys.staff import ANNA, CARLA
from tests.journeys.town import Key, Town, a_report, key_in

#: What anybody may look at: it says nothing of any hospital.
OPEN = {("get", "/health/live"), ("get", "/health/ready")}
#: A nomination may be the first that training hears of somebody, so in one's own hospital any ref may be nominated.
NEW_TO_US = "/v1/hospitals/{hospital}/supporters/{supporter}/nomination"
ROLES: tuple[Role, ...] = get_args(Role)
#: There is no large event; whoever said yes does not say no any more; what was replayed cannot be dropped.
#: Figures are for whoever operates all hospitals.
SHUT = {
    ("get", "/metrics"),
    ("post", "/v1/hospitals/{hospital}/plans/{report}/confirm"),
    ("post", "/v1/hospitals/{hospital}/cases/{case}/ask/decline"),
    *(("delete", f"/v1/ops/{service}/dead-letters/{{id}}") for service in SERVICES),
    # The clock belongs to the whole deployment.
    *(("get", f"/v1/ops/{service}/clock") for service in SERVICES),
    *(("post", f"/v1/ops/{service}/clock/accept") for service in SERVICES),
}
#: Done, or refused by a rule to somebody who may ask.
OPENED = (200, 202, 409)
#: By how a path ends.
BODIES: dict[str, Any] = {
    "incidents": a_report(number="2026-3"),
    "referrals": {"door": "coordinator", "staff_id": ANNA.staff_id},
    "groups": {"department": "icu", "caller": ANNA.staff_id},
    "involve": {"staff_ids": [ANNA.staff_id]},
    "department": {"department": "icu"},
    "contact": {"reached": True},
    "conversation": {"minutes": 30},
    "training": {"on": "2026-03-01"},
    "intervisie": {"on": "2026-03-01"},
    "replace": {"why": "ill"},
    "hand-over": {"to": "psychologist"},
    "check-ins": {"later": True, "milestones": False},
    "milestone": {"milestone": "report"},
    "pick": {"supporter": "s-1", "reason": "urgency"},
    "preferences": {},
    "week": {},
    "leave": {"first": "2026-04-01", "last": "2026-04-01"},
    "leave/cancel": {"first": "2026-04-01"},
    "on-call/{supporter}": {"begin": "2026-04-01T08:00:00Z", "end": "2026-04-01T20:00:00Z"},
    "on-call/{supporter}/cancel": {"begin": "2026-04-01T08:00:00Z"},
}
LISTS = (
    *("cases", "tasks", "overview", "reports", "staff", "supporters", "coverage", "asks", "quarantine"),
    *("availability", "on-call", "plans", "fairness"),
)


@dataclass
class Side:
    """One of the hospitals: what its things are called in a path, and a key for every role."""

    ids: dict[str, str]
    keys: dict[Role, Key]

    @property
    def private(self) -> set[str]:
        """What nobody elsewhere may read."""
        return {self.ids[name] for name in ("case", "report", "supporter", "id")}


async def move_in(town: Town, hospital: str) -> Side:
    """A case whose supporter has said yes, a report that waits for the coordinator, a message that was set aside."""
    refs = await town.move_in(hospital)
    keys = {role: await town.key(role, refs[CARLA.staff_id], hospital=hospital) for role in ROLES}
    for report in (a_report(ANNA.staff_id, hospital=hospital), a_report(number="2026-2", hospital=hospital)):
        await town.ask("POST", "incidents", keys["feed"], report, hospital=hospital)
    [ask] = (await town.get("asks", keys["supporter"], hospital))["asks"]
    await town.ask("POST", f"cases/{ask['case']}/ask/accept", keys["supporter"], hospital=hospital)
    keys["colleague"] = key_in(town.letters_of(ANNA)[-1])
    [waiting] = (await town.get("reports?waiting=true", keys["coordinator"], hospital))["reports"]
    ids = {"hospital": hospital, "case": ask["case"], "report": waiting["report"], "supporter": refs[CARLA.staff_id]}
    letter = await set_aside(town, hospital)
    return Side(ids | {"regarding": waiting["report"], "task": "triage", "id": letter}, keys)


async def set_aside(town: Town, hospital: str) -> str:
    """The id of a message that every service has set aside."""
    town.may_die.add("a_reason")
    mint, paused = town.house.common.mint, followup.SupportPaused(case="c-nobody")
    event = heard(paused, hospital=hospital, id=mint.event_id(), at=town.clock.now())
    for running in town.house.services.values():
        await running.engine.set_aside([event], "a_reason")
    return event.id


def operations(town: Town) -> Iterator[tuple[str, str]]:
    """Every method and path of the OpenAPI document, and what takes something away at the end."""
    found = [(method, path) for path, methods in town.house.app.openapi()["paths"].items() for method in methods]
    yield from sorted(found, key=lambda one: one[0] == "delete")


async def call(town: Town, method: str, path: str, ids: dict[str, str], key: Key) -> tuple[int, str]:
    """The status and the text of the answer."""
    query = f"?refs={ids['case']},{ids['supporter']}" if path.endswith("/names") else ""
    query = f"?to=training&hospital={ids['hospital']}" if path.endswith("/say-again") else query
    bodies = [body for end, body in BODIES.items() if path.endswith("/" + end)] if method == "post" else []
    body = bodies[0] if bodies else None
    response = await town.house.client.request(method, path.format(**ids) + query, json=body, headers=key)
    return response.status_code, response.text


async def everything(town: Town, side: Side) -> dict[str, Any]:
    """What the coordinator of a hospital can see."""
    paths = (*LISTS, f"cases/{side.ids['case']}", f"cases/{side.ids['case']}/match", f"reports/{side.ids['report']}")
    return {path: await town.get(path, side.keys["coordinator"], side.ids["hospital"]) for path in paths}


async def test_a_hospital_is_closed_to_every_key_of_another(town: Town) -> None:
    ours, theirs = await move_in(town, "example"), await move_in(town, "elsewhere")
    before = await everything(town, ours)
    assert not ours.private & theirs.private

    # Their keys at our door.
    answers = {
        (method, path, role): (await call(town, method, path, ours.ids, key))[0]
        for method, path in operations(town)
        for role, key in theirs.keys.items()
        if "{hospital}" in path
    }
    assert {asked: status for asked, status in answers.items() if status != 404} == {}

    # Our ids at their own door, and what all of their lists hold.
    mixed = ours.ids | {"hospital": "elsewhere"}
    for method, path in operations(town):
        names_ours = any(f"{{{name}}}" in path for name in ("case", "report", "supporter", "regarding", "id"))
        for key in theirs.keys.values() if path != NEW_TO_US else ():
            status, text = await call(town, method, path, mixed, key)
            assert not any(one in text for one in ours.private), path
            assert not names_ours or status in (403, 404), path

    await town.settle()
    assert await everything(town, ours) == before

    # Every other door opens to somebody of our own, who reads there what nobody else may.
    told = {one: await opened(town, *one, ours) for one in operations(town)}
    assert {one for one, text in told.items() if text is None} == SHUT
    assert {one for one in ours.private for text in told.values() if one in (text or "")} == ours.private


async def opened(town: Town, method: str, path: str, side: Side) -> str | None:
    """What the first of a hospital's own keys reads there that is not turned away."""
    for key in side.keys.values():
        status, text = await call(town, method, path, side.ids, key)
        if status in OPENED:
            return text
    return None


async def test_nothing_but_health_and_metrics_opens_without_a_key(town: Town) -> None:
    ids = dict.fromkeys(("case", "report", "supporter", "regarding", "task", "id"), "s-1") | {"hospital": "example"}
    asked = {(method, path): (await call(town, method, path, ids, {}))[0] for method, path in operations(town)}
    assert {one for one, status in asked.items() if status != 401} == OPEN
    assert {status for one, status in asked.items() if one in OPEN} == {200}


async def test_the_contract_is_open_and_no_page_loads_scripts_from_elsewhere(town: Town) -> None:
    paths = ("/openapi.json", "/docs", "/redoc", "/")
    found = {path: (await town.house.client.get(path)).status_code for path in paths}
    assert found == {"/openapi.json": 200, "/docs": 401, "/redoc": 401, "/": 200}
