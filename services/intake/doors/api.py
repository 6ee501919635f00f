"""What feeds and people ask of intake: reports in, the coordinator's word on them, the staff list, and contact cards.

Names are looked up at display time, for those who may see them, and every look is logged.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from services.intake import tables
from services.intake.doors import cards, open_doors, pages, people
from services.intake.doors.feeds import reports
from services.intake.doors.feeds.strict_json import MAX_BODY
from services.intake.doors.refs import staff_refs
from services.intake.doors.shown import report_in_full, report_in_short
from services.intake.doors.staff_csv import MAX_FILE
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.rules import RULES
from services.intake.protocol.states import Link, Report, Staff
from shared.hospital import STAFF_ID
from shared.http.answers import PARTLY_RECORDED, Caller, Who, answer, gone, looked, routes_of
from shared.http.legible import Body
from shared.http.pages import Paged
from shared.http.terms import by_rule, lets
from shared.messages import Command, intake, kind_of
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class Named(Body):
    """Who was involved, by the hospital's own staff numbers."""

    staff_ids: list[Annotated[str, Field(pattern=STAFF_ID)]] = Field(min_length=1, max_length=50)


class Place(Body):
    department: str = Field(min_length=1, max_length=64)


def router(running: Running) -> APIRouter:
    routes = routes_of(prefix="/v1/hospitals/{hospital}", tags=["intake"])
    _add_doors(routes, running)
    open_doors.add(routes, running)
    _add_reports(routes, running)
    _add_words_on_reports(routes, running)
    _add_people(routes, running)
    _add_audit(routes, running)
    routes.routes.extend(pages.router(running).routes)
    return routes


def _add_doors(routes: APIRouter, running: Running) -> None:
    @routes.post("/incidents", status_code=202)
    @lets("feed", "coordinator", most=MAX_BODY)
    async def incidents(who: Who, request: Request) -> JSONResponse:
        """Takes reports in any form that canonical.py knows. 400 when nothing in the body could be taken; 503 when
        something in it was set aside: the whole may be sent again, and what was taken is taken once.
        """
        raw = await request.body()
        taken = await reports.take(
            running, who.hospital, raw, request.headers.get("content-type", ""), "http", who.system
        )
        if taken.set_aside:
            return JSONResponse(asdict(taken) | PARTLY_RECORDED, 503)
        nothing = taken.rejected and not taken.taken and not taken.duplicates
        return JSONResponse(asdict(taken), 400 if nothing else 202)

    @routes.post("/staff")
    @lets("coordinator", most=MAX_FILE)
    async def import_staff(who: Who, request: Request, dry_run: bool = False) -> JSONResponse:
        """Takes a staff list over (CSV). Rows with errors are told by line and column, and left out. 503 when something
        was set aside: the list may be sent again.
        """
        raw = await request.body()
        imported = await people.import_staff(running, who.hospital, raw, by=who.person, dry_run=dry_run)
        told = asdict(imported) | {"dry_run": dry_run}
        return JSONResponse(told | PARTLY_RECORDED, 503) if imported.set_aside else JSONResponse(told)


def _add_reports(routes: APIRouter, running: Running) -> None:
    @routes.get("/reports")
    @lets("coordinator")
    async def reports(who: Who, page: Paged, waiting: bool | None = None) -> JSONResponse:
        """The coordinator's list (INTAKE-1): what waits, most urgent first, or everything, the latest first."""
        async with running.database.read() as c:
            found = await tables.read_reports(c, who.hospital, waiting=waiting, limit=page.wanted, offset=page.offset)
            staff = (person.staff for report in found for person in report.people)
            contacts = await tables.read_contacts(c, who.hospital, staff)
        await looked(running, who, "reports", (report.id for report in page.first(found)))
        return JSONResponse(page.read("reports", found, lambda report: report_in_short(report, contacts)))

    @routes.get("/reports/{report}")
    @lets("coordinator")
    async def one_report(who: Who, report: str) -> JSONResponse:
        """One report, with the names of those it is about."""
        async with running.database.read() as c:
            found = await tables.read_state(c, Report, who.hospital, report)
            if found is None or found.received_at is None:
                raise gone()
            contacts = await tables.read_contacts(c, who.hospital, (person.staff for person in found.people))
        await looked(running, who, "report", [report])
        return JSONResponse(report_in_full(found, contacts))


def _add_words_on_reports(routes: APIRouter, running: Running) -> None:
    async def ask(kind: type[Command], who: Caller, report: str, key: str | None, **more: Any) -> JSONResponse:
        async with running.database.read() as c:
            found = await tables.read_state(c, Report, who.hospital, report)
        if found is None or found.received_at is None:
            raise gone()
        command = kind.model_validate({"report": report, "by_role": who.role, "by": who.person, **more})
        return await answer(running, who, command, RULES, key)

    @routes.post("/reports/{report}/involve")
    @by_rule(RULES, "INTAKE-7")
    async def involve(who: Who, report: str, body: Named, key: Key = None) -> JSONResponse:
        """The coordinator says who was involved; the offers go out."""
        refs = await staff_refs(running, who.hospital, body.staff_ids)
        named = reports.involved(running, refs, [(number, "involved") for number in body.staff_ids])
        return await ask(intake.NameInvolved, who, report, key, staff=named)

    @routes.post("/reports/{report}/department")
    @by_rule(RULES, "INTAKE-7")
    async def department(who: Who, report: str, body: Place, key: Key = None) -> JSONResponse:
        code = running.hospital(who.hospital).department(body.department)
        if code is None:
            known = ", ".join(running.hospital(who.hospital).departments)
            raise HTTPException(422, {"error": "unknown_department", "hint": f"Departments are: {known}."})
        return await ask(intake.SetDepartment, who, report, key, department=code)

    @routes.post("/reports/{report}/offer")
    @by_rule(RULES, "INTAKE-7")
    async def offer(who: Who, report: str, key: Key = None) -> JSONResponse:
        return await ask(intake.OfferNow, who, report, key)

    @routes.post("/reports/{report}/dismiss")
    @by_rule(RULES, "INTAKE-7")
    async def dismiss(who: Who, report: str, key: Key = None) -> JSONResponse:
        return await ask(intake.DismissReport, who, report, key)


def _add_people(routes: APIRouter, running: Running) -> None:
    @routes.get("/staff")
    @lets("coordinator")
    async def staff(who: Who, page: Paged) -> JSONResponse:
        """Everybody on the staff list, with names."""
        async with running.database.read() as c:
            known = await tables.read_all(c, Staff, who.hospital)
            contacts = await tables.read_all_contacts(c, who.hospital)
        await looked(running, who, "staff")
        rows = [
            {"person": ref, "staff_id": card.staff_id, "name": card.name, "function": card.function}
            | known[ref].model_dump(mode="json", include={"profession", "department", "site", "languages", "active"})
            | {"supporter": known[ref].listed or known[ref].qualified}
            for ref, card in sorted(contacts.items(), key=lambda item: item[1].staff_id)
            if ref in known
        ]
        return JSONResponse(page.cut("staff", rows, dict))

    @routes.get("/on-duty")
    @lets("coordinator", "auditor", "ops")
    async def on_duty(who: Who) -> dict[str, Any]:
        """Who coordinates today, by staff number, and who is away when."""
        hospital = running.hospital(who.hospital)
        today = running.clock.now().astimezone(hospital.tz).date()
        away = [one.model_dump(mode="json", by_alias=True) for one in hospital.away if one.to >= today]
        return {"on_duty": hospital.on_duty(today), "away": away}

    @routes.get("/names")
    @lets("coordinator")
    async def names(who: Who, refs: Annotated[str, Query(max_length=8000)]) -> JSONResponse:
        """Names for refs of staff or of cases (comma separated), for display; a ref that is unknown has none."""
        wanted = list(dict.fromkeys(filter(None, refs.split(","))))
        async with running.database.read() as c:
            links = await tables.read_states(c, Link, who.hospital, (ref for ref in wanted if kind_of(ref) == "case"))
            staff = {ref: links[ref].staff if ref in links else ref for ref in wanted}
            contacts = await tables.read_contacts(c, who.hospital, staff.values())
        found = {ref: contacts[person].name for ref, person in staff.items() if person in contacts}
        await looked(running, who, "names", found)
        return JSONResponse({"names": found})

    @routes.post("/cases/{case}/card")
    @by_rule(RULES, cards.RULE, link=True)
    async def card(who: Who, case: str) -> JSONResponse:
        """The card of the other one in a case (INTAKE-8). To look is a deed that is noted, so it is no GET."""
        try:
            shown = await cards.open_card(running, who, case)
        except cards.Closed:
            return JSONResponse(_refusal(running, who), 403)
        return JSONResponse({"case": case, "card": shown})


def _refusal(running: Running, who: Caller) -> dict[str, Any]:
    rules = rules_of(running.hospital(who.hospital), running.clock.now())
    sentence = {lang: rules.sentence(cards.RULE, lang) for lang in ("nl", "en")}
    return {"refused": {"rule": cards.RULE, "sentence": sentence, "command": "read_card"}}


def _add_audit(routes: APIRouter, running: Running) -> None:
    @routes.get("/quarantine")
    @lets("feed", "coordinator", "auditor")
    async def quarantine(who: Who, page: Paged) -> dict[str, Any]:
        """What was refused or set aside, the latest first: a reason, a field and a checksum, never what it said."""
        async with running.database.read() as c:
            found = await tables.read_quarantine(c, who.hospital, page.wanted, page.offset)
        return page.read("quarantine", found, dict)

    @routes.get("/access-log")
    @lets("auditor", "coordinator")
    async def access_log(who: Who, page: Paged, about: Annotated[str, Query(max_length=64)] = "") -> dict[str, Any]:
        """Who looked at which people and cases, the latest first, or at one of them; the auditor's look is logged too.
        Whoever looked at the whole staff list is told among all looks alone.
        """
        looks = running.access.looks
        # What nobody looked at, or is erased, does not come into the log by being asked for.
        known = about and await looks.latest(who.hospital, 1, 0, about)
        await looked(running, who, "access_log", [about] if known else [])
        found = await looks.latest(who.hospital, page.wanted, page.offset, about)
        return page.read("access_log", found, dict)

    @routes.get("/audit")
    @lets("auditor", "ops")
    async def audit(who: Who, page: Paged) -> dict[str, Any]:
        """Who made or ended keys and took staff lists over, the latest first."""
        found = await running.access.audit(who.hospital, page.wanted, page.offset)
        await looked(running, who, "audit", (one["about"] for one in page.first(found) if one["what"] == "staff_left"))
        return page.read("audit", found, dict)
