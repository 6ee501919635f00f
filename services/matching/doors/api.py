"""What people ask of matching about cases: open asks, a yes or a no, why this one, a new search, a pick, wishes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.matching import tables
from services.matching.doors.availability import Key, add_availability
from services.matching.doors.plans import add_plans
from services.matching.protocol.explained import explain
from services.matching.protocol.fairness import fairness
from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Case
from shared.http.answers import Caller, Who, answer, gone, looked, routes_of
from shared.http.legible import Body, Ref
from shared.http.lookups import Lookups
from shared.http.pages import Paged
from shared.http.terms import by_rule, lets
from shared.messages import Command, read
from shared.messages.matching import (
    AcceptAsk,
    ChoosePreferences,
    DeclineAsk,
    PickReason,
    PickSupporter,
    SearchAgain,
    Unit,
)
from shared.service import Running


class Pick(Body):
    supporter: Ref
    reason: PickReason


class Preferences(Body):
    unit: Unit = "any"
    independent: bool = False
    same_site: bool = False
    own_line: bool = False


#: What a role asks for a case: (command, who, case, key, fields of the command).
Told = Callable[..., Awaitable[JSONResponse]]
#: Whether a case of (hospital, id) is known.
Known = Lookups[tuple[str, str], bool]


def router(running: Running) -> APIRouter:
    routes = routes_of(prefix="/v1/hospitals/{hospital}", tags=["matching"])
    told = partial(_command, running, Lookups(partial(_known, running)))
    _add_queries(routes, running)
    _add_answers(routes, told)
    _add_choices(routes, told)
    add_availability(routes, running)
    add_plans(routes, running)
    return routes


def _add_queries(routes: APIRouter, running: Running) -> None:
    @routes.get("/asks")
    @lets("coordinator", "supporter")
    async def asks(who: Who, page: Paged) -> dict[str, Any]:
        """A supporter's own open asks, the first to be answered first; every open ask for the coordinator."""
        mine = who.person if who.role == "supporter" else None
        async with running.database.read() as c:
            found = await tables.read_asks(c, who.hospital, mine) if mine != "" else []
        await looked(running, who, "asks", (case.id for case in page.part(found)))
        return page.cut("asks", found, _ask)

    @routes.get("/cases/{case}/match")
    @lets("coordinator")
    async def match(who: Who, case: str) -> dict[str, Any]:
        """Everybody who was asked for a case and why, what became of it, and which rule removed how many."""
        found = await _case_for(running, who, case)
        await looked(running, who, "match", [] if found.over else [case])
        async with running.database.read() as c:
            journal = await running.engine.store.about(c, who.hospital, case)
        return {
            "case": case,
            "status": found.status,
            "supporter": found.supporter or None,
            "preferences": Preferences.model_validate(found, from_attributes=True).model_dump(),
            "searches": explain([read(body) for body in journal], found, running.hospital(who.hospital)),
        }

    @routes.get("/fairness")
    @lets("coordinator", "auditor", "ops")
    async def divided(who: Who) -> dict[str, Any]:
        """How cases are divided within each profession; of nobody alone."""
        return await _fairness(running, who.hospital)


def _add_answers(routes: APIRouter, told: Told) -> None:
    @routes.post("/cases/{case}/ask/accept")
    @by_rule(RULES, "MATCH-9", link=True)
    async def accept(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await told(AcceptAsk, who, case, key)

    @routes.post("/cases/{case}/ask/decline")
    @by_rule(RULES, "MATCH-9", link=True)
    async def decline(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await told(DeclineAsk, who, case, key)


def _add_choices(routes: APIRouter, told: Told) -> None:
    @routes.post("/cases/{case}/search")
    @by_rule(RULES, "MATCH-12")
    async def search(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await told(SearchAgain, who, case, key)

    @routes.post("/cases/{case}/pick")
    @by_rule(RULES, "MATCH-21")
    async def pick(who: Who, case: str, body: Pick, key: Key = None) -> JSONResponse:
        """The coordinator picks somebody by hand; what may be overruled is, on record."""
        return await told(PickSupporter, who, case, key, **body.model_dump())

    @routes.post("/cases/{case}/preferences")
    @by_rule(RULES, "MATCH-22", link=True)
    async def preferences(who: Who, case: str, body: Preferences, key: Key = None) -> JSONResponse:
        """What the colleague wishes of her supporter."""
        return await told(ChoosePreferences, who, case, key, **body.model_dump())


async def _command(
    running: Running, known: Known, kind: type[Command], who: Caller, case: str, key: str | None, **fields: Any
) -> JSONResponse:
    """About a case that this hospital has. 404 otherwise."""
    if not await known.of((who.hospital, case)):
        raise gone()
    command = kind.model_validate({"case": case, "by_role": who.role, "by": who.person, **fields})
    return await answer(running, who, command, RULES, key)


async def _known(running: Running, cases: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    async with running.database.read() as c:
        return dict.fromkeys(await tables.known(c, cases), True)


async def _case_for(running: Running, who: Caller, id: str) -> Case:
    """The case, if this hospital has it. 404 otherwise."""
    async with running.database.read() as c:
        case = await tables.read_case(c, who.hospital, id)
    if case is None:
        raise gone()
    return case


def _ask(case: Case) -> dict[str, Any]:
    asked = case.model_dump(mode="json", include={"ask", "answer_by", "urgent"})
    return {"case": case.id, "supporter": case.asked, **asked}


async def _fairness(running: Running, id: str) -> dict[str, Any]:
    now, hospital = running.clock.now(), running.hospital(id)
    rules = RULES.at(now, hospital)
    async with running.database.read() as c:
        supporters = await tables.read_supporters(c, id)
    return {"days": rules.duration("MATCH-11").days, "professions": fairness(supporters, rules, now.date())}


async def measure(running: Running, hospital: str) -> None:
    """Brings a hospital's gauges up to date: supporters, cases that wait, and how cases are divided."""
    for one in (await _fairness(running, hospital))["professions"]:
        if one["spread"] is not None:
            running.metrics.spread.labels(hospital, one["profession"]).set(one["spread"])
    now = running.clock.now()
    async with running.database.read() as c:
        for standing, count in (await tables.count_supporters(c, hospital)).items():
            running.metrics.supporters.labels(hospital, standing).set(count)
        for without, since in (await tables.waits_since(c, hospital)).items():
            age = (now - since).total_seconds() if since else 0.0
            running.metrics.oldest.labels(hospital, without).set(max(age, 0.0))
