"""What people ask of followup: cases with their timelines and clocks, the one task list, the coordinator's numbers.

A coordinator sees every case of her hospital, a supporter those that are hers; a link shows its own case alone.
"""

from typing import Any

from fastapi import APIRouter

from services.followup import tables
from services.followup.doors import overview, shown
from services.followup.doors.commands import add_commands
from services.followup.doors.sight import case_for
from services.followup.protocol.case import Case, Status, Task, Waiting
from services.followup.protocol.explained import explain
from services.followup.protocol.timeline import tell
from shared.http.answers import Caller, Who, looked, routes_of
from shared.http.pages import Paged
from shared.http.terms import lets
from shared.rule import Lang
from shared.service import Running


def router(running: Running) -> APIRouter:
    routes = routes_of(prefix="/v1/hospitals/{hospital}", tags=["followup"])
    _add_cases(routes, running)
    _add_numbers(routes, running)
    add_commands(routes, running)
    return routes


def _add_cases(routes: APIRouter, running: Running) -> None:
    @routes.get("/cases")
    @lets("coordinator", "supporter")
    async def cases(who: Who, page: Paged, state: Status | None = None) -> dict[str, Any]:
        """The caller's cases, the latest offer first."""
        hospital, now = running.hospital(who.hospital), running.clock.now()
        mine = who.person if who.role == "supporter" else None
        async with running.database.read() as c:
            found = await tables.read_cases(
                c, who.hospital, status=state, supporter=mine, limit=page.wanted, offset=page.offset
            )
        await looked(running, who, "cases", (case.id for case in page.first(found)))
        return page.read("cases", found, lambda case: shown.case_in_short(case, hospital, shown.reader(who.role), now))

    @routes.get("/cases/{case}")
    @lets("coordinator", "supporter", "colleague", link=True)
    async def case(who: Who, case: str, lang: Lang | None = None) -> dict[str, Any]:
        """One case with its timeline, in the language asked for or the hospital's first."""
        hospital, reader = running.hospital(who.hospital), shown.reader(who.role)
        found = await case_for(running, who, case)
        await looked(running, who, "case", [] if found.erased else [case])
        async with running.database.read() as c:
            events = await tables.read_timeline(c, who.hospital, case)
        lines = tell(events, hospital, lang or shown.language(hospital), reader)
        return shown.whole_case(found, hospital, reader, running.clock.now()) | {"timeline": shown.timeline(lines)}

    @routes.get("/cases/{case}/explain")
    @lets("coordinator", "supporter", link=True)
    async def explained(who: Who, case: str) -> dict[str, Any]:
        """The clocks of a case in the words and numbers that held, and the conversations that are left."""
        found = await case_for(running, who, case)
        await looked(running, who, "clocks", [] if found.erased else [case])
        return explain(found, running.hospital(who.hospital), running.clock.now())


def _add_numbers(routes: APIRouter, running: Running) -> None:
    @routes.get("/tasks")
    @lets("coordinator", "supporter", "trainer")
    async def tasks(who: Who, page: Paged) -> dict[str, Any]:
        """What waits for the caller, overdue first; for a coordinator, everything that waits for anybody, and what is
        wrong with the settings of the hospital while its earlier ones are in force.
        """
        async with running.database.read() as c:
            found = await tables.read_tasks(c, who.hospital)
        mine = [(about, task) for about, task in found if _is_task_of(who, about, task)]
        await looked(running, who, "tasks", (about.id for about, _ in page.part(mine)))
        hospital, now = running.hospital(who.hospital), running.clock.now()
        problem = running.hospitals.problems.get(who.hospital) if who.role == "coordinator" else None
        told = {"settings": problem.told()} if problem else {}
        return told | page.cut("tasks", mine, lambda one: shown.task(one[0].id, one[1], hospital, now))

    @routes.get("/overview")
    @lets("coordinator", "auditor", "ops")
    async def numbers(who: Who) -> dict[str, Any]:
        """The coordinator's numbers; others see how many cases there are of each state, and how many tasks wait."""
        hospital, now = running.hospital(who.hospital), running.clock.now()
        tell_all = overview.in_full if who.role == "coordinator" else overview.in_short
        async with running.database.read() as c:
            return await tell_all(c, hospital, now)

    @routes.get("/statistics")
    @lets("coordinator")
    async def statistics(who: Who) -> dict[str, Any]:
        """What stays of erased cases, for the coordinator: groups of at least five, by what they have in common."""
        async with running.database.read() as c:
            return {"erased": await tables.read_tally(c, who.hospital)}


def _is_task_of(who: Caller, about: Case | Waiting, task: Task) -> bool:
    if who.role != "supporter":
        return who.role in ("coordinator", task.owner)
    person = about.supporter if isinstance(about, Case) else about.id
    return task.owner == "supporter" and person == who.person


async def measure(running: Running, hospital: str) -> None:
    """Brings the gauges of a hospital's cases up to date."""
    now = running.clock.now()
    async with running.database.read() as c:
        for status, count in (await tables.count_cases(c, hospital)).items():
            running.metrics.cases.labels(hospital, status).set(count)
        since = await tables.waits_for_contact_since(c, hospital)
    age = (now - since).total_seconds() if since else 0.0
    running.metrics.oldest.labels(hospital, "first_contact").set(max(age, 0.0))
