"""What the coordinator asks about large events: their plans, and that the asks go out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.matching import tables
from services.matching.doors.availability import Key
from services.matching.protocol.helps import helps
from services.matching.protocol.rules import RULES
from services.matching.protocol.states import Case, Plan
from shared.hospital import Hospital
from shared.http.answers import Who, answer, gone, looked
from shared.http.pages import Paged
from shared.http.terms import by_rule, lets
from shared.messages.matching import ConfirmPlan
from shared.service import Running


def add_plans(routes: APIRouter, running: Running) -> None:
    @routes.get("/plans")
    @lets("coordinator")
    async def plans(who: Who, page: Paged) -> dict[str, Any]:
        """The plans of large events, the newest first, and what would help those who have nobody now."""
        hospital = running.hospital(who.hospital)
        async with running.database.read() as c:
            found = await tables.read_plans(c, who.hospital, page.wanted, page.offset)
            cases = await tables.read_cases(c, who.hospital, [id for plan in page.first(found) for id in plan.cases])
        await looked(running, who, "plans", cases)
        return page.read("plans", found, lambda plan: _told(plan, cases, hospital))

    @routes.post("/plans/{report}/confirm")
    @by_rule(RULES, "MATCH-25")
    async def confirm(who: Who, report: str, key: Key = None) -> JSONResponse:
        """The asks of a large event go out."""
        async with running.database.read() as c:
            if await tables.read_plan(c, who.hospital, report) is None:
                raise gone()
        command = ConfirmPlan(report=report, by_role=who.role, by=who.person)
        return await answer(running, who, command, RULES, key)


def _told(plan: Plan, cases: dict[str, Case], hospital: Hospital) -> dict[str, Any]:
    """A plan as it was made, and how many of its cases still have nobody."""
    mine = [cases[id] for id in plan.cases if id in cases]
    without = Counter((case.profession, case.department) for case in mine if case.status == "failed")
    told = plan.model_dump(mode="json", include={"made_at", "cases", "departments", "asked", "left", "confirmed"})
    advice = [one for about, n in sorted(without.items()) for one in helps({}, *about, hospital, n)]
    return {"report": plan.id, **told, "without_anybody": sum(without.values()), "helps": advice}
