"""Whoever may use a route is said by the route; what is not said lets nobody in."""

from __future__ import annotations

from itertools import product

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from services.followup.protocol.rules import RULES
from shared.http.access import Caller
from shared.http.answers import routes_of
from shared.http.budgets import Budgets
from shared.http.gate import Gate
from shared.http.refused import Refused
from shared.http.scope import admit
from shared.http.terms import EVERY_ROLE, Terms, by_rule, lets
from shared.messages import Role

HERE = {"hospital": "example", "case": "c-1"}


async def answered() -> str:
    return "in"


def refused(caller: Caller, terms: Terms, names: dict[str, str] = HERE, **named: str) -> int:
    """The status that a caller is refused with; 0 when she is let in."""
    try:
        admit(caller, terms, names | named, {"example", "elsewhere"}.__contains__)
    except Refused as no:
        return no.status_code
    return 0


def test_a_route_that_does_not_say_who_may_use_it_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="does not say who may use it"):
        routes_of().get("/v1/hospitals/{hospital}/new")(answered)
    with pytest.raises(TypeError, match="lets nobody in"):
        routes_of().get("/v1/hospitals/{hospital}/new")(lets()(answered))


@pytest.mark.parametrize(
    "path", ["cases", "tasks", "supporters/{supporter}/nomination", "availability/{supporter}/leave"]
)
def test_a_link_is_let_in_nowhere_but_at_a_case(path: str) -> None:
    async def linked() -> None: ...

    with pytest.raises(TypeError, match="a link opens its own case and nothing else"):
        routes_of().get(f"/v1/hospitals/{{hospital}}/{path}")(lets("supporter", link=True)(linked))


async def test_a_route_that_came_in_by_another_way_lets_nobody_in() -> None:
    class Anybody:
        async def who(self, token: str) -> Caller:
            return Caller("example", "coordinator", "s-1")

    async def undeclared() -> str:
        return "in"

    app = FastAPI()
    app.get("/v1/new")(undeclared)
    gate = Gate(app, app, Anybody(), lambda _: True, Budgets())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=gate), base_url="http://house") as client:
        assert (await client.get("/v1/new", headers={"Authorization": "Bearer naast_any"})).status_code == 403


def test_a_rule_of_the_protocol_names_the_roles_and_tells_the_others_why_not() -> None:
    async def extend() -> None: ...

    terms: Terms = by_rule(RULES, "FOLLOW-7", link=True)(extend).terms  # type: ignore[attr-defined]
    assert (set(terms.roles), terms.rules) == ({"supporter", "coordinator"}, ("FOLLOW-7",))
    assert refused(Caller("example", "auditor", ""), terms) == 0


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_a_key_opens_what_is_for_its_role_in_its_own_hospital(role: Role) -> None:
    terms = Terms(roles=frozenset({"coordinator", "supporter"}))
    own = 0 if role in terms.roles else 403
    assert refused(Caller("example", role, "s-1"), terms) == own
    assert refused(Caller("elsewhere", role, "s-1"), terms) == 404
    assert refused(Caller("*", role, "s-1"), terms, hospital="*") == 404


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_what_belongs_to_no_hospital_opens_to_a_key_of_the_whole_deployment_alone(role: Role) -> None:
    terms: Terms = lets("ops", everywhere=True)(answered).terms  # type: ignore[attr-defined]
    found = [refused(Caller(hospital, role, ""), terms, names={}) for hospital in ("*", "example")]
    assert found == ([0, 403] if role == "ops" else [403, 403])


def test_a_link_opens_its_own_case_and_nothing_else() -> None:
    roles: tuple[Role, ...] = ("supporter", "colleague")
    for role, link, case in product(roles, (True, False), ("c-1", "c-2", "")):
        terms = Terms(roles=frozenset(roles), link=link)
        is_key = role == "supporter" and not case
        expected = 0 if is_key or (link and case == "c-1") else 404 if link else 403
        assert refused(Caller("example", role, "x-1", case), terms) == expected, (role, link, case)
