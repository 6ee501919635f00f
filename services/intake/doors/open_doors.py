"""Support without a report, over HTTP. Whoever asks for another is told that it was taken, and nothing else: whether
there is a case already, or who is told next, is no business of hers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import Field

from services.intake import tables
from services.intake.doors.feeds.report import EventType
from services.intake.doors.refs import staff_refs
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.rules import RULES
from services.intake.protocol.states import Staff
from shared.hospital import STAFF_ID
from shared.http.answers import Caller, Who, answer
from shared.http.legible import Body
from shared.http.terms import by_rule
from shared.ids import keyed_ref
from shared.messages import intake
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
Number = Annotated[str, Field(pattern=STAFF_ID)]
EventTypes = Annotated[tuple[EventType, ...], Field(min_length=1, max_length=13)]
TAKEN = {"taken": True}


class Referral(Body):
    """By which door, and for whom: the person of the key herself where no staff number is given."""

    door: Literal["self", "colleague", "manager", "coordinator"]
    staff_id: Number | None = None
    event_types: EventTypes = ("other",)


class Group(Body):
    """Which team. `profession`: of whom most of it is, if of one; `caller`: who receives the supporter there."""

    department: str = Field(min_length=1, max_length=64)
    profession: str = Field(default="", max_length=64)
    caller: Number
    event_types: EventTypes = ("other",)


def add(routes: APIRouter, running: Running) -> None:
    @routes.post("/referrals")
    @by_rule(RULES, "INTAKE-12", "INTAKE-17")
    async def refer(who: Who, body: Referral, key: Key = None) -> JSONResponse:
        """Somebody asks for support, for herself or for another (INTAKE-12 to INTAKE-18)."""
        staff = await _staff(running, who, body.staff_id, "INTAKE-12")
        command = intake.Refer(
            report=_report(running, who, key),
            door=body.door,
            colleague=_involved(running, staff),
            event_types=body.event_types,
            by_staff="" if body.door == "coordinator" else who.person,
            by_role=who.role,
            by=who.person,
        )
        told = await answer(running, who, command, RULES, key)
        return _neutral(told, command) if who.role != "coordinator" else told

    @routes.post("/groups")
    @by_rule(RULES, "INTAKE-17")
    async def group(who: Who, body: Group, key: Key = None) -> JSONResponse:
        """The coordinator asks for support of a team (INTAKE-17)."""
        hospital = running.hospital(who.hospital)
        department = hospital.department(body.department)
        if department is None:
            known = ", ".join(hospital.departments)
            raise HTTPException(422, {"error": "unknown_department", "hint": f"Departments are: {known}."})
        if body.profession not in ("", *hospital.professions):
            known = ", ".join(hospital.professions)
            raise HTTPException(422, {"error": "unknown_profession", "hint": f"Professions are: {known}."})
        caller = await _staff(running, who, body.caller, "INTAKE-17")
        command = intake.CallGroup(
            report=_report(running, who, key),
            department=department,
            profession=body.profession,
            caller=_involved(running, caller),
            event_types=body.event_types,
            by_role=who.role,
            by=who.person,
        )
        return await answer(running, who, command, RULES, key)


async def _staff(running: Running, who: Caller, number: str | None, rule: str) -> str:
    """The ref of whom it is about. 422 when she is not known; of whoever may not ask anyhow nobody is looked up."""
    ref = who.person if number is None else (await staff_refs(running, who.hospital, [number]))[number]
    if not rules_of(running.hospital(who.hospital), running.clock.now()).may(rule, who.role):
        return ref
    async with running.database.read() as c:
        found = await tables.read_state(c, Staff, who.hospital, ref)
    if found is None or not found.active:
        raise HTTPException(422, {"error": "unknown_staff", "hint": "Give a staff number of somebody who works here."})
    return ref


def _involved(running: Running, staff: str) -> intake.Involved:
    return intake.Involved(staff=staff, case=running.mint.ref("c"), colleague=running.mint.ref("p"))


def _report(running: Running, who: Caller, key: str | None) -> str:
    """The same for the same request sent again."""
    if key is None:
        return running.mint.ref("r")
    return keyed_ref("r", running.secret, who.hospital, "door", who.role, who.person, key)


def _neutral(told: JSONResponse, command: intake.Refer) -> JSONResponse:
    """What somebody is told who is no coordinator."""
    body = bytes(told.body)
    hidden = command.door != "self" and b'"INTAKE-16"' in body
    return JSONResponse(TAKEN) if told.status_code == 200 or hidden else told
