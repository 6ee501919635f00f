"""Reports come in through the doors of intake, and the coordinator has her word on them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.doors.feeds.reports import door as open_to_a_broker
from services.intake.doors.people import import_staff
from services.intake.tables import metadata
from shared.engine.work import Memory
from shared.messages import Event, Role
from tests.engine.door import Door, refusing
from tests.engine.intake_house import canonical, feed, open_intake, ref, staff_list, version
from tests.engine.intake_said import FHIR, ROLES, links

FHIR_REASONS = ("department_missing", "staff_unknown", "too_old")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        yield door


def outcome(
    taken: int = 0, duplicates: int = 0, offers: int = 0, rejected: Any = (), waiting: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What a door answers; `waiting`: the reasons of the one report that waits."""
    return {
        "taken": taken,
        "duplicates": duplicates,
        "rejected": [{"reason": reason, "path": path} for reason, path in rejected],
        "set_aside": [],
        "offers": offers,
        "tasks": 1 if waiting else 0,
        "waiting": [list(waiting)] if waiting else [],
    }


def answer(response: Any) -> dict[str, Any]:
    """An answer without the refs of its reports, which are never the same."""
    told: dict[str, Any] = response.json()
    return told | {"waiting": [one["reasons"] for one in told["waiting"]]}


async def test_a_report_is_taken_once_however_often_it_comes(door: Door) -> None:
    for expected in (outcome(taken=1, offers=2), outcome(duplicates=1)):
        response = await feed(door, canonical("1", "2"), kind="application/cloudevents+json")
        assert (response.status_code, answer(response)) == (202, expected)
    both = await feed(door, canonical("1", "2"), version(2, "1", "2"), version(2, "1", "2"))
    assert answer(both) == outcome(taken=1, duplicates=2)


async def test_an_older_version_that_comes_late_changes_nothing_and_counts_as_a_duplicate(door: Door) -> None:
    await feed(door, version(3, "1"))
    assert answer(await feed(door, version(2, "1", "2"))) == outcome(duplicates=1)
    assert answer(await feed(door, version(2, "1", "2"))) == outcome(duplicates=1)
    assert set(await links(door)) == {ref(door, "1")}


async def test_a_fhir_report_of_years_ago_is_one_task_with_all_its_reasons(door: Door) -> None:
    response = await feed(door, FHIR, kind="application/fhir+json")
    assert answer(response) == outcome(taken=1, waiting=FHIR_REASONS)
    [report] = (await door.get(await door.key("coordinator"), "reports?waiting=true")).json()["reports"]
    assert (report["reasons"], report["report_id"]) == (list(FHIR_REASONS), "49476534")


async def test_bad_input_is_set_apart_with_a_reason_and_delays_no_good_report(door: Door) -> None:
    lines = [json.dumps(canonical("1")), '{"Marker": ', json.dumps(canonical(data={"harm": "Marker"}))]
    mixed = await feed(door, "\n".join(lines).encode(), kind="application/x-ndjson")
    rejected = [("not_json", "2"), ("unknown_code", "3.data.harm")]
    assert (mixed.status_code, answer(mixed)) == (202, outcome(taken=1, offers=1, rejected=rejected))
    bad = await feed(door, b"Marker")
    assert (bad.status_code, answer(bad)) == (400, outcome(rejected=[("not_json", "")]))
    again = await feed(door, b"Marker")
    assert again.json() == bad.json()
    kept = (await door.get(await door.key("auditor"), "quarantine")).json()["quarantine"]
    assert sorted((row["reason"], row["path"], row["source"]) for row in kept) == [
        ("not_json", "", "http"),
        ("not_json", "2", "http"),
        ("unknown_code", "3.data.harm", "http"),
    ]
    assert "Marker" not in json.dumps(kept)


async def test_a_department_is_known_by_the_hospitals_code_and_somebody_named_twice_is_one_person(door: Door) -> None:
    twice = [{"ref": "1", "role": "reporter"}, {"ref": "1", "role": "victim"}]
    await feed(door, canonical(data={"staff": twice, "department": " icu "}))
    [report] = (await door.get(await door.key("coordinator"), "reports")).json()["reports"]
    assert [(one["staff_id"], one["role"], one["offered"]) for one in report["people"]] == [("1", "victim", True)]


@pytest.mark.parametrize("role", ROLES)
async def test_only_feeds_and_coordinators_bring_reports(door: Door, role: Role) -> None:
    response = await feed(door, canonical("1"), who=await door.key(role))
    assert response.status_code == (202 if role in ("feed", "coordinator") else 403)


async def test_a_body_that_is_too_large_is_not_read(door: Door) -> None:
    largest = b" " * (8 * 1024 * 1024)
    response = await feed(door, largest + b" ")
    assert (response.status_code, response.json()["detail"]["error"]) == (413, "too_large")
    read = await feed(door, largest)
    assert (read.status_code, answer(read)) == (400, outcome(rejected=[("not_json", "")]))


async def test_a_feed_of_one_hospital_tells_another_nothing(door: Door) -> None:
    key = await door.key("feed", hospital="elsewhere")
    assert (await feed(door, canonical("1"), who=key)).status_code == 404
    path, own = "/v1/hospitals/elsewhere/incidents", {"hospital_id": "elsewhere"}
    response = await door.client.post(path, json=canonical("1"), headers=key)
    assert answer(response) == outcome(rejected=[("wrong_hospital", "hospitalid")])
    taken = await door.client.post(path, json=canonical("1", hospitalid="elsewhere", data=own), headers=key)
    assert answer(taken) == outcome(taken=1, offers=1)
    assert await links(door) == {}


async def test_a_broker_brings_reports_in_any_mode_and_of_known_hospitals_only(door: Door) -> None:
    enter = open_to_a_broker(door.running)
    event = canonical("1")
    headers = {f"ce-{name}": value for name, value in event.items() if isinstance(value, str)}
    await enter("example", json.dumps(event["data"]).encode(), headers | {"Content-Type": "application/json"})
    await enter("example", json.dumps(event).encode(), {"content-type": "application/cloudevents+json"})
    await enter("example", json.dumps(version(2, "1", "2")).encode(), {})
    assert set(await links(door)) == {ref(door, "1"), ref(door, "2")}
    await enter("nowhere", json.dumps(event).encode(), {"content-type": "application/cloudevents+json"})
    async with door.running.database.read() as c:
        table = metadata.tables["quarantine"]
        rows = (await c.execute(select(table.c.hospital, table.c.reason, table.c.source))).all()
    assert [tuple(row) for row in rows] == [("nowhere", "unknown_hospital", "amqp")]


async def test_a_thousand_reports_in_one_body_are_all_taken(door: Door) -> None:
    reports = [version(1, "1", "2", number=f"2026-{n}") for n in range(1000)]
    assert answer(await feed(door, *reports)) == outcome(taken=1000, offers=2000)


async def test_the_coordinator_names_who_was_involved_by_staff_number(door: Door) -> None:
    await feed(door, canonical(data={"department": None}))
    coordinator = await door.key("coordinator", ref(door, "9"))
    [report] = (await door.get(coordinator, "reports?waiting=true")).json()["reports"]
    path = f"reports/{report['report']}"
    assert report["reasons"] == ["department_missing", "nobody_named"]
    unknown = await door.post(coordinator, f"{path}/department", {"department": "nowhere"})
    assert (unknown.status_code, unknown.json()["detail"]["error"]) == (422, "unknown_department")
    set_ = await door.post(coordinator, f"{path}/department", {"department": "icu"})
    assert [(one["type"], one["data"]["reasons"]) for one in set_.json()["said"]] == [("task_raised", ["nobody_named"])]
    named = await door.post(coordinator, f"{path}/involve", {"staff_ids": ["1", "2"]})
    assert [one["type"] for one in named.json()["said"]] == ["support_offered", "task_done"]
    again = await door.post(coordinator, f"{path}/offer")
    assert (again.status_code, again.json()["refused"]["rule"]) == (409, "INTAKE-5")
    shown = (await door.get(coordinator, path)).json()
    assert (shown["status"], shown["department"], shown["versions"]) == ("offered", "icu", 1)
    assert [(one["name"], one["standing"]) for one in shown["people"]] == [
        ("Anna Marker", "offered"),
        ("Bram Marker", "offered"),
    ]
    assert (await door.get(coordinator, "reports?waiting=true")).json() == {"reports": []}


async def test_the_same_click_twice_is_one_offer_and_one_answer(door: Door) -> None:
    await feed(door, canonical("1", data={"harm": "low"}))
    coordinator = await door.key("coordinator")
    [report] = (await door.get(coordinator, "reports")).json()["reports"]
    first = await door.post(coordinator, f"reports/{report['report']}/offer", once="k1")
    assert [one["type"] for one in first.json()["said"]] == ["support_offered", "task_done"]
    assert (await door.post(coordinator, f"reports/{report['report']}/offer", once="k1")).json() == first.json()


async def test_a_report_of_another_hospital_or_of_none_does_not_exist(door: Door) -> None:
    await feed(door, canonical("1"))
    here, there = await door.key("coordinator"), await door.key("coordinator", hospital="elsewhere")
    [report] = (await door.get(here, "reports")).json()["reports"]
    assert (await door.get(there, "reports", "elsewhere")).json() == {"reports": []}
    for key, path, hospital in (
        (there, f"reports/{report['report']}", "elsewhere"),
        (there, f"reports/{report['report']}", "example"),
        (here, "reports/r-nothing", "example"),
    ):
        assert (await door.get(key, path, hospital)).status_code == 404
        assert (await door.post(key, f"{path}/offer", hospital=hospital)).status_code == 404
    mine = f"reports/{report['report']}"
    assert (await door.get(here, mine)).status_code == 200
    assert (await door.post(here, f"{mine}/offer")).json()["refused"]["rule"] == "INTAKE-5"


@pytest.mark.parametrize("role", ROLES)
async def test_names_and_reports_are_for_the_coordinator_alone(door: Door, role: Role) -> None:
    await feed(door, canonical("1", data={"harm": "low"}))
    [report] = (await door.get(await door.key("coordinator"), "reports")).json()["reports"]
    key, path, may = await door.key(role, ref(door, "3")), f"reports/{report['report']}", role == "coordinator"
    for query in ("reports", path, "staff", "names?refs=s-1"):
        assert (await door.get(key, query)).status_code == (200 if may else 403)
    for command, body in (
        ("department", {"department": "icu"}),
        ("dismiss", None),
        ("offer", None),
        ("involve", {"staff_ids": ["2"]}),
    ):
        told = await door.post(key, f"{path}/{command}", body)
        rule = "" if may or role == "colleague" else "INTAKE-7"
        assert (told.status_code, refusing(told)) == (200 if may else 403, rule)


async def test_names_are_looked_up_for_refs_of_people_and_of_cases(door: Door) -> None:
    await feed(door, canonical("1"))
    case = (await links(door))[ref(door, "1")].id
    coordinator = await door.key("coordinator", ref(door, "9"))
    found = await door.get(coordinator, f"names?refs={case},{ref(door, '3')},c-nothing,s-nothing")
    assert found.json() == {"names": {case: "Anna Marker", ref(door, "3"): "Carla Marker"}}
    assert found.headers["cache-control"] == "no-store"


async def test_thirty_colleagues_and_their_managers_are_looked_up_level_by_level(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [str(n) for n in range(100, 130)]
    rows = [f"{n},Marker,nurse,nurse,icu,,{200 + int(n)},nl,a@example.org,,mail,yes,no,," for n in numbers]
    rows += [f"{200 + int(n)},Marker,head,nurse,icu,,400,nl,a@example.org,,mail,yes,no,," for n in numbers]
    await import_staff(
        door.running, "example", staff_list(*rows, "400,Marker,head,nurse,icu,,,nl,a@example.org,,mail,yes,no,,")
    )
    decided: list[int] = []
    decide = Memory.decide_all

    def counted(self: Memory, events: Sequence[Event], **how: Any) -> None:
        decided.append(len(events))
        decide(self, events, **how)

    monkeypatch.setattr(Memory, "decide_all", counted)
    assert answer(await feed(door, canonical(*numbers))) == outcome(taken=1, offers=30)
    # For the colleagues, their managers, the head of these, and whoever is to be told; then it is decided.
    assert len(decided) <= 5
