"""Every door there is: what nobody can read is refused at it, and what was set aside is told to whoever sent it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.http.access import EVERY_HOSPITAL
from shared.http.legible import Body
from shared.http.terms import Terms
from shared.messages import Role
from tests.journeys.breaking import REASON, broken, dead_letters, replay
from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, EVA, IRIS
from tests.journeys.test_large_event import AT_NIGHT, HURT, NEAR, NIGHT, STAFF
from tests.journeys.town import Key, Town, a_report

BAD = ("\x00", "\x1b", "\x7f", "\x85", "\u202e")


def routes(town: Town) -> list[tuple[str, str, RouteContext]]:
    """Every route of every service: method, path, and what it takes."""
    found = [one for one in iter_route_contexts(town.house.app.routes) if isinstance(one.original_route, APIRoute)]
    assert len(found) > 70
    return [(method, str(route.path), route) for route in found for method in sorted(route.methods or ())]


def filled(path: str, **parts: str) -> str:
    """The path with its parts; one that is not given is an x."""
    for name in [part.partition("}")[0] for part in path.split("{")[1:]]:
        given = {"hospital": "example"} | parts
        path = path.replace(f"{{{name}}}", quote(given.get(name.partition(":")[0], "x"), safe=""))
    return path


def is_page(path: str) -> bool:
    return not path.startswith(("/v1/", "/health/", "/metrics"))


async def let_in(town: Town, route: RouteContext) -> Key:
    """A key of somebody whom the gate lets in."""
    terms: Terms = getattr(route.endpoint, "terms", Terms())
    role: Role = "coordinator" if terms.rules or "coordinator" in terms.roles else "ops"
    return await town.key(role, hospital=EVERY_HOSPITAL if terms.everywhere else "example")


async def refused(town: Town, method: str, path: str, key: Key, **given: Any) -> list[dict[str, str]]:
    """What is wrong with a request, in the form of the house."""
    response = await town.house.client.request(method, path, headers=key, **given)
    assert response.status_code == 422, (method, path, given, response.text)
    if is_page(path):
        assert "Deze link werkt niet meer" in response.text
        return []
    told = response.json()
    assert set(told) == {"error", "problems"}
    assert "marker" not in response.text
    return list(told["problems"])


async def test_no_part_of_a_path_and_no_query_holds_what_nobody_can_read(town: Town) -> None:
    for method, path, route in routes(town):
        key = await let_in(town, route)
        for name in route.param_convertors:
            for bad in BAD:
                url = filled(path, **{name: f"marker{bad}"})
                if name == "hospital":
                    # It is another hospital than the key's, and what is not there is not looked at.
                    other = await town.house.client.request(method, url, headers=key)
                    assert (other.status_code, "marker" in other.text) == (404, False), path
                    continue
                problems = await refused(town, method, url, key)
                assert is_page(path) or problems == [{"field": f"path.{name}", "reason": "control_character"}]
        for query in ({"refs": "marker\x00"}, {"marker\x00": "x"}, {"done": "\x1b"}):
            problems = await refused(town, method, filled(path), key, params=query)
            assert is_page(path) or problems == [{"field": "query", "reason": "control_character"}]


async def test_no_field_of_a_body_holds_what_nobody_can_read(town: Town) -> None:
    key = await town.key("coordinator")
    seen = set()
    for method, path, route in routes(town):
        for name, kind in _bodies(route):
            assert issubclass(kind, Body), f"{method} {path} takes a body that is not looked at"
            for field in kind.model_fields:
                for bad in ("marker\x00", ["marker\x1b"], {"marker\x7f": 1}, {"a": ["marker\ud800"]}):
                    content = json.dumps({field: bad}).encode()
                    headers = key | {"Content-Type": "application/json"}
                    problems = await refused(town, method, filled(path, supporter="s-x"), headers, content=content)
                    assert {"field": f"body.{field}", "reason": "control_character"} in problems, (path, field, name)
            problems = await refused(town, method, filled(path, supporter="s-x"), key, json={"marker\x00": 1})
            assert {"field": "body.*", "reason": "extra_forbidden"} in problems
            seen.add(path)
    taking = {path for method, path, _ in routes(town) if method == "POST" and not is_page(path)}
    assert seen <= taking
    assert len(seen) >= 15


def _bodies(route: RouteContext) -> Iterator[tuple[str, Any]]:
    for one in route.dependant.body_params:
        kind: Any = one.field_info.annotation
        yield one.name, next(each for each in getattr(kind, "__args__", (kind,)) if each is not type(None))


async def test_a_report_and_a_staff_list_with_what_nobody_can_read_are_refused_in_their_own_words(town: Town) -> None:
    report = a_report(ANNA.staff_id, department="marker\x00")
    feed = await town.ask("POST", "incidents", await town.key("feed"), report)
    assert (feed.status_code, feed.json()["rejected"]) == (400, [{"reason": "unusable_character", "path": ""}])
    staff = await town.ask("POST", "staff", await town.key("coordinator"), b"staff_id,name\n1,marker\x00")
    assert [one["reason"] for one in staff.json()["errors"]] == ["unusable_character"]
    assert "marker" not in feed.text + staff.text


async def test_a_ref_is_nothing_but_a_ref(town: Town) -> None:
    key = await town.key("coordinator")
    body = {"supporter": "marker with a space", "reason": "nobody_else"}
    response = await town.ask("POST", "cases/c-none/pick", key, body)
    assert (response.status_code, response.json()["problems"]) == (
        422,
        [{"field": "body.supporter", "reason": "string_pattern_mismatch"}],
    )


#: Of every command that is sent by HTTP: the path and the body.
COMMANDS: dict[str, Any] = {
    "tasks/{regarding}/{task}/done": None,
    "incidents": a_report("200", number="2026-9"),
    "staff": b"",
    "referrals": {"door": "coordinator", "staff_id": "201"},
    "groups": {"department": "icu", "caller": "202"},
    "reports/{report}/involve": {"staff_ids": ["200"]},
    "reports/{report}/department": {"department": "icu"},
    "reports/{report}/offer": None,
    "reports/{report}/dismiss": None,
    "cases/{case}/ask/accept": None,
    "cases/{case}/ask/decline": None,
    "cases/{case}/search": None,
    "cases/{case}/pick": {"supporter": "s-nobody", "reason": "nobody_else"},
    "cases/{case}/preferences": {},
    "plans/{report}/confirm": None,
    "availability/{supporter}/week": {"week": {}},
    "availability/{supporter}/leave": {"first": "2026-04-01", "last": "2026-04-02"},
    "availability/{supporter}/leave/cancel": {"first": "2026-04-01"},
    "availability/{supporter}/pause": None,
    "availability/{supporter}/return": None,
    "on-call/{supporter}": {"begin": "2026-04-01T08:00:00Z", "end": "2026-04-01T18:00:00Z"},
    "on-call/{supporter}/cancel": {"begin": "2026-04-01T08:00:00Z"},
    "cases/{case}/extension": None,
    "cases/{case}/decline": None,
    "cases/{case}/pause": None,
    "cases/{case}/resume": None,
    "cases/{case}/help": None,
    "cases/{case}/hand-back": None,
    "cases/{case}/another": None,
    "cases/{case}/danger": None,
    "cases/{case}/danger/confirm": None,
    "cases/{case}/debrief": None,
    "cases/{case}/more": None,
    "cases/{case}/stop": None,
    "cases/{case}/contact": {"reached": True},
    "cases/{case}/conversation": {"minutes": 30},
    "cases/{case}/close": None,
    "cases/{case}/replace": None,
    "cases/{case}/hand-over": {"to": "psychologist"},
    "cases/{case}/check-ins": {"later": True, "milestones": False},
    "cases/{case}/milestone": {"milestone": "report"},
    "supporters/{supporter}/nomination": {"nominator": "s-nobody"},
    "supporters/{supporter}/training": {"on": "2026-01-05"},
    "supporters/{supporter}/intervisie": {"on": "2026-01-05"},
}


#: Sent in the same way, but nothing is decided on it.
LOOKS = {"cases/{case}/card"}


async def test_this_list_of_commands_is_whole(town: Town) -> None:
    below = "/v1/hospitals/{hospital}/"
    there = {path.removeprefix(below) for method, path, _ in routes(town) if method == "POST" and below in path}
    assert there == COMMANDS.keys() | LOOKS


async def places(s: Scene) -> dict[str, str]:
    """A large event in which everything is there that a command can be about."""
    await s.report(*HURT, **AT_NIGHT)
    [plan] = (await s.town.get("plans", await s.key("coordinator", EVA)))["plans"]
    return {
        "case": plan["cases"][0],
        "report": plan["report"],
        "regarding": plan["report"],
        "task": "large_event",
        "supporter": s.ref(NEAR[0]),
    }


async def test_every_command_that_dies_is_told_to_its_sender_and_taken_once_when_it_comes_again(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, staff=STAFF, at=NIGHT) as s:
        about, key = await places(s), await s.key("coordinator", EVA)
        file = s.town.house.common.settings.hospitals / "example" / "staff.csv"
        staff = file.read_bytes().replace(b"Hurt0 Jansen,nurse,nurse,icu", b"Hurt0 Jansen,nurse,nurse,surgery")
        sent = {path.format(**about): body for path, body in COMMANDS.items()} | {"staff": staff}
        with broken(s.town.house):
            for path, body in sent.items():
                died = await s.town.ask("POST", path, key, body, once=path)
                told = died.json()
                assert (died.status_code, told["error"]) == (503, "not_recorded"), (path, died.text)
                reasons = [told["reason"]] if "reason" in told else [one["reason"] for one in told["set_aside"]]
                assert set(reasons) == {REASON}, path
        assert len(await dead_letters(s.town)) >= len(sent)
        for path, body in sent.items():
            for answers in ((200, 202, 403, 409), (200, 202, 403, 404, 409)):
                again = await s.town.ask("POST", path, key, body, once=path)
                assert again.status_code in answers, (path, again.text)
        # The rows of a staff list have no key; what of it was set aside waits to be dropped or replayed.
        left = await dead_letters(s.town)
        assert {letter.type for letter in left} <= {"record_staff", "measure_headcount"}
        assert [await replay(s.town, letter) for letter in left] == [True] * len(left)
        assert await dead_letters(s.town) == []


async def test_who_asks_for_another_hears_as_well_that_it_was_not_recorded(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        key, s.town.may_die = await s.key("staff", IRIS), {REASON}
        with broken(s.town.house):
            died = await s.town.ask("POST", "referrals", key, {"door": "colleague", "staff_id": ANNA.staff_id})
        assert (died.status_code, died.json()["error"]) == (503, "not_recorded")
        assert ANNA.name.split()[0] not in died.text
