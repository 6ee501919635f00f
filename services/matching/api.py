"""What people ask of matching: their open asks, a yes or a no, why this one, and a new search."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse

from services.matching import tables
from services.matching.explained import explain
from services.matching.rules import RULES
from services.matching.states import Case
from shared.http import Caller, Who, answer, gone, only
from shared.messages import Command, read
from shared.messages.matching import AcceptAsk, DeclineAsk, SearchAgain
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


def router(running: Running) -> APIRouter:
    routes = APIRouter(prefix="/v1/hospitals/{hospital}", tags=["matching"])
    _add_queries(routes, running)
    _add_commands(routes, running)
    return routes


def _add_queries(routes: APIRouter, running: Running) -> None:
    @routes.get("/asks")
    async def asks(who: Who) -> dict[str, Any]:
        """A supporter's own open asks, the first to be answered first; every open ask for the coordinator."""
        only(who, "coordinator", "supporter")
        mine = who.person if who.role == "supporter" else None
        async with running.database.read() as c:
            found = await tables.read_asks(c, who.hospital, mine) if mine != "" else []
        return {"asks": [_ask(case) for case in found if who.case in ("", case.id)]}

    @routes.get("/cases/{case}/match")
    async def match(who: Who, case: str) -> dict[str, Any]:
        """Everybody who was asked for a case and why, what became of it, and which rule removed how many."""
        only(who, "coordinator")
        found = await _case_for(running, who, case)
        async with running.database.read() as c:
            journal = await running.engine.store.about(c, who.hospital, case)
        return {
            "case": case,
            "status": found.status,
            "supporter": found.supporter or None,
            "searches": explain([read(body) for body in journal], running.hospital(who.hospital)),
        }


def _add_commands(routes: APIRouter, running: Running) -> None:
    async def ask(kind: type[Command], who: Caller, case: str, key: str | None) -> JSONResponse:
        await _case_for(running, who, case)
        command = kind.model_validate({"case": case, "by_role": who.role, "by": who.person})
        return await answer(running, who, command, RULES, key)

    @routes.post("/cases/{case}/ask/accept")
    async def accept(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(AcceptAsk, who, case, key)

    @routes.post("/cases/{case}/ask/decline")
    async def decline(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(DeclineAsk, who, case, key)

    @routes.post("/cases/{case}/search")
    async def search(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(SearchAgain, who, case, key)


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


async def measure(running: Running) -> None:
    """Brings the gauges of supporters and of waiting cases up to date."""
    now = running.clock.now()
    async with running.database.read() as c:
        for hospital in running.hospitals:
            for standing, count in (await tables.count_supporters(c, hospital)).items():
                running.metrics.supporters.labels(hospital, standing).set(count)
            for without, since in (await tables.waits_since(c, hospital)).items():
                age = (now - since).total_seconds() if since else 0.0
                running.metrics.oldest.labels(hospital, without).set(max(age, 0.0))
