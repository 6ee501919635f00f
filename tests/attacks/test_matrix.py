"""Every operation, tried in every role, with a key and with a link, at home and from another hospital, on one's own
case and on another's. Who may is written here by hand, so that a route that lets in too many is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx2 as httpx
from starlette.types import Receive, Scope, Send

from shared.http.access import EVERY_HOSPITAL as ALL
from shared.http.budgets import Budgets
from shared.http.gate import Gate, terms_of
from shared.http.terms import EVERY_ROLE, Terms
from shared.messages import SERVICES, Role
from tests.journeys.staff import ANNA, BRAM, CARLA, IRIS
from tests.journeys.test_two_hospitals import OPEN, Side, call, everything, move_in, operations
from tests.journeys.town import Key, Town, a_report

BELOW = "/v1/hospitals/{hospital}/"
HER_OWN = "coordinator supporter"
HERS = "coordinator colleague"
ANYBODYS = "coordinator supporter colleague"
#: What belongs to no hospital: only a key of the whole deployment opens it.
EVERYWHERE = {
    "get /metrics",
    *(f"get /v1/ops/{name}/clock" for name in SERVICES),
    *(f"post /v1/ops/{name}/clock/accept" for name in SERVICES),
}
#: Of every operation: who may use it. One that is not here may not be there.
WHO = {
    "get /v1/whoami": " ".join(EVERY_ROLE),
    **{f"get /v1/ops/{name}/dead-letters": "coordinator ops" for name in SERVICES},
    **{f"get /v1/ops/{name}/dead-letters/{{id}}": "coordinator ops" for name in SERVICES},
    **{f"post /v1/ops/{name}/dead-letters/{{id}}/replay": "coordinator ops" for name in SERVICES},
    **{f"delete /v1/ops/{name}/dead-letters/{{id}}": "coordinator ops" for name in SERVICES},
    **{f"post /v1/ops/{name}/say-again": "ops" for name in SERVICES},
    **dict.fromkeys(EVERYWHERE, "ops"),
    "get access-log": "coordinator auditor",
    "get asks": HER_OWN,
    "get audit": "auditor ops",
    "get availability": HER_OWN,
    "get cases": HER_OWN,
    "get cases/{case}": ANYBODYS,
    "get cases/{case}/explain": HER_OWN,
    "get cases/{case}/match": "coordinator",
    "get coverage": "coordinator trainer auditor",
    "get fairness": "coordinator auditor ops",
    "get names": "coordinator",
    "get on-call": HER_OWN,
    "get on-duty": "coordinator auditor ops",
    "get overview": "coordinator auditor ops",
    "get plans": "coordinator",
    "get quarantine": "coordinator feed auditor",
    "get reports": "coordinator",
    "get reports/{report}": "coordinator",
    "get staff": "coordinator",
    "get statistics": "coordinator",
    "get supporters": "coordinator trainer",
    "get tasks": "coordinator supporter trainer",
    "post availability/{supporter}/leave": HER_OWN,
    "post availability/{supporter}/leave/cancel": HER_OWN,
    "post availability/{supporter}/pause": HER_OWN,
    "post availability/{supporter}/return": HER_OWN,
    "post availability/{supporter}/week": HER_OWN,
    "post cases/{case}/another": HERS,
    "post cases/{case}/ask/accept": "supporter",
    "post cases/{case}/ask/decline": "supporter",
    "post cases/{case}/card": ANYBODYS,
    "post cases/{case}/check-ins": "colleague",
    "post cases/{case}/close": HER_OWN,
    "post cases/{case}/contact": HER_OWN,
    "post cases/{case}/conversation": HER_OWN,
    "post cases/{case}/danger": HER_OWN,
    "post cases/{case}/danger/confirm": "coordinator",
    "post cases/{case}/debrief": "supporter",
    "post cases/{case}/decline": HERS,
    "post cases/{case}/extension": "coordinator",
    "post cases/{case}/hand-back": "supporter",
    "post cases/{case}/hand-over": HER_OWN,
    "post cases/{case}/help": ANYBODYS,
    "post cases/{case}/milestone": HERS,
    "post cases/{case}/more": "colleague",
    "post cases/{case}/pause": HERS,
    "post cases/{case}/pick": "coordinator",
    "post cases/{case}/preferences": HERS,
    "post cases/{case}/replace": "coordinator",
    "post cases/{case}/resume": HERS,
    "post cases/{case}/search": "coordinator",
    "post cases/{case}/stop": HERS,
    "post groups": "coordinator",
    "post incidents": "coordinator feed",
    "post on-call/{supporter}": "coordinator",
    "post on-call/{supporter}/cancel": "coordinator",
    "post plans/{report}/confirm": "coordinator",
    "post referrals": "coordinator supporter staff",
    "post reports/{report}/department": "coordinator",
    "post reports/{report}/dismiss": "coordinator",
    "post reports/{report}/involve": "coordinator",
    "post reports/{report}/offer": "coordinator",
    "post staff": "coordinator",
    "post supporters/{supporter}/intervisie": "coordinator trainer",
    "post supporters/{supporter}/nomination": "coordinator supporter staff trainer",
    "post supporters/{supporter}/training": "coordinator trainer",
    "post tasks/{regarding}/{task}/done": "coordinator supporter trainer",
}
#: Of a case no link asks for this.
NOT_BY_LINK = {"get cases/{case}/match", "post cases/{case}/pick", "post cases/{case}/search"}
#: What is answered about the caller's own hospital, whichever it is.
OF_NOBODY = {"get /v1/whoami", *(f"get /v1/ops/{name}/dead-letters" for name in SERVICES)}
#: What a key may do about anybody, not only about its holder.
ABOUT_OTHERS = {"post supporters/{supporter}/nomination"}


@dataclass(frozen=True)
class Pair:
    """One caller at one operation. of: the hospital of her key, where what is asked for is the example's. own_case:
    whether the path names hers.
    """

    operation: str
    role: Role
    link: bool
    of: str
    own_case: bool

    @property
    def may(self) -> bool:
        if self.role not in WHO[self.operation].split() or self.of not in self._hospitals:
            return False
        if self.link:
            by_link = "{case}" in self.operation and self.operation not in NOT_BY_LINK
            return (by_link and self.own_case) or self.operation == "get /v1/whoami"
        if self.role == "colleague":
            return self.operation == "get /v1/whoami"
        return self.own_case or self.role != "supporter" or self.operation in ABOUT_OTHERS

    @property
    def _hospitals(self) -> tuple[str, ...]:
        """Whose keys may open this."""
        if self.operation in EVERYWHERE:
            return (ALL,)
        return ("example",) if "{hospital}" in path_of(self.operation) else ("example", ALL)


def pairs() -> Iterator[Pair]:
    for operation, role, link in product(WHO, sorted(EVERY_ROLE), (False, True)):
        hospitals = ("example", ALL) if operation in OF_NOBODY else ("example", "elsewhere", ALL)
        cases = (True, False) if "{case}" in operation or "{supporter}" in operation else (True,)
        for of, own_case in product(hospitals, cases):
            yield Pair(operation, role, link, of, own_case)


def path_of(operation: str) -> str:
    path = operation.partition(" ")[2]
    return path if path.startswith("/") else BELOW + path


@dataclass
class Ground:
    """What is tried: the things of the hospital by whether they are the caller's own, and everybody's keys."""

    town: Town
    own: dict[str, str]
    others: dict[str, str]
    keys: dict[tuple[Role, bool, str], Key]

    async def try_out(self, pair: Pair) -> tuple[int, str]:
        method, path = pair.operation.split(" ")[0], path_of(pair.operation)
        key = self.keys[pair.role, pair.link, pair.of]
        return await call(self.town, method, path, self.own if pair.own_case else self.others, key)


async def lay_out(town: Town) -> Ground:
    """Carla supports Anna; another case runs beside it, in which Carla has no part."""
    ours = await move_in(town, "example")
    await town.ask("POST", "incidents", ours.keys["feed"], a_report(IRIS.staff_id, number="2026-9"))
    refs = {one["staff_id"]: one["person"] for one in (await town.get("staff", ours.keys["coordinator"]))["staff"]}
    cases = {one["case"] for one in (await town.get("cases", ours.keys["coordinator"]))["cases"]}
    [other] = cases - {ours.ids["case"]}
    colleague = (await town.house.client.get("/v1/whoami", headers=ours.keys["colleague"])).json()["person"]
    keys: dict[tuple[Role, bool, str], Key] = {}
    for role, link, hospital in product(EVERY_ROLE, (False, True), ("example", "elsewhere", ALL)):
        person = colleague if role == "colleague" else refs[CARLA.staff_id]
        keys[role, link, hospital] = await town.key(role, person, ours.ids["case"] if link else "", hospital)
    return Ground(town, ours.ids, ours.ids | {"case": other, "supporter": refs[BRAM.staff_id]}, keys)


async def passed(ground: Ground, pair: Pair) -> bool:
    """Whether the gate lets the pair in; behind it stands nobody."""

    async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    house = ground.town.house
    gate = Gate(nobody, house.app, house.common.access, house.services["intake"].knows, Budgets())
    ids = ground.own if pair.own_case else ground.others
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=gate), base_url="http://house") as client:
        path, key = path_of(pair.operation).format(**ids), ground.keys[pair.role, pair.link, pair.of]
        return (await client.request(pair.operation.split(" ")[0], path, headers=key)).status_code == 204


def test_every_operation_is_in_the_table(town: Town) -> None:
    there = {f"{method} {path.removeprefix(BELOW)}" for method, path in operations(town) if (method, path) not in OPEN}
    assert there == WHO.keys()


def test_what_routes_say_of_themselves_is_what_the_table_says(town: Town) -> None:
    said: dict[str, Terms] = {}
    for path, methods, terms in terms_of(town.house.app):
        for method in methods:
            said[f"{method.lower()} {path.removeprefix(BELOW).replace(':path', '')}"] = terms
    assert {operation: set(said[operation].roles) for operation in WHO} == {
        operation: set(roles.split()) for operation, roles in WHO.items()
    }
    assert {operation for operation in WHO if said[operation].everywhere} == EVERYWHERE
    by_link = {operation for operation in WHO if said[operation].link}
    assert by_link == {one for one in WHO if "{case}" in one and one not in NOT_BY_LINK} | {"get /v1/whoami"}


async def test_whoever_may_not_is_turned_away_and_whoever_may_gets_in(town: Town, record_property: Any) -> None:
    ground = await lay_out(town)
    ours = await seen_by_the_coordinator(town, ground)
    tried = list(pairs())
    wrong = []
    for pair in tried:
        if not pair.may:
            status, text = await ground.try_out(pair)
            if status not in (401, 403, 404) or ANNA.name in text or ANNA.phone in text:
                wrong.append((pair, status))
        elif not await passed(ground, pair):
            wrong.append((pair, 0))
        elif pair.operation.startswith("get ") and (status := (await ground.try_out(pair))[0]) != 200:
            wrong.append((pair, status))
    assert wrong == []
    await town.settle()
    assert await seen_by_the_coordinator(town, ground) == ours
    allowed = sum(pair.may for pair in tried)
    print(f"{len(tried)} pairs tried: {allowed} let in, {len(tried) - allowed} turned away")
    record_property("pairs", len(tried))
    assert len(tried) > 1500
    assert allowed > 100


async def seen_by_the_coordinator(town: Town, ground: Ground) -> dict[str, Any]:
    """What the coordinator sees of it all; a timeline also tells what was refused."""
    found = await everything(town, Side(ground.own, {"coordinator": ground.keys["coordinator", False, "example"]}))
    found[f"cases/{ground.own['case']}"].pop("timeline")
    return found


async def test_no_answer_is_kept_on_the_way_or_taken_for_something_else(town: Town) -> None:
    ground = await lay_out(town)
    key = ground.keys["coordinator", False, "example"]
    paths = ["/", "/l/naast_nobody", "/nowhere", "/health/live", "/metrics", "/openapi.json"]
    paths += [path_of(one).format(**ground.own) for one in WHO if one.startswith("get ")]
    for path, headers in product(paths, ({}, key)):
        answer = await town.house.client.get(path, headers=headers)
        said = (answer.headers["cache-control"], answer.headers["x-content-type-options"])
        assert said == ("no-store", "nosniff"), (path, answer.status_code)


async def test_a_key_for_everywhere_or_for_a_hospital_that_is_none_is_turned_away_and_breaks_nothing(
    town: Town,
) -> None:
    ids = dict.fromkeys(("case", "report", "supporter", "regarding", "task", "id"), "s-1")
    for hospital, role in product((ALL, "nowhere"), sorted(EVERY_ROLE)):
        key = await town.key(role, "s-1", hospital=hospital)
        for operation in WHO:
            if "{hospital}" in path_of(operation):
                method, path = operation.split(" ")[0], path_of(operation)
                status, _ = await call(town, method, path, ids | {"hospital": hospital}, key)
                assert status == 404, (operation, role, hospital)
        link = f"/l/{key['Authorization'].removeprefix('Bearer ')}"
        assert (await town.house.client.get(link)).status_code == 404
