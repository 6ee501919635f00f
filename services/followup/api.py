"""What people ask of followup and what they tell it: cases with their timelines, the one task list, contacts and talks.

A coordinator sees every case of her hospital, a supporter those that are hers, a colleague the one of her link.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.followup import shown, tables
from services.followup.case import Case, Status, Task, Waiting
from services.followup.rules import RULES
from services.followup.timeline import tell
from shared.http import Caller, Who, answer, gone, only
from shared.messages import Command
from shared.messages import followup as said
from shared.rule import Lang
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Contact(_Body):
    """An attempt to reach the colleague, or the first contact itself."""

    reached: bool
    channel: said.Channel = "phone"


class Conversation(_Body):
    """A talk: its kind, its form and its minutes, and nothing of what was said (FOLLOW-12)."""

    kind: said.Talk = "conversation"
    channel: said.Channel | None = None
    minutes: int = Field(ge=1, le=600)

    def told(self) -> dict[str, Any]:
        usual = "phone" if self.kind == "phone_follow_up" else "in_person"
        return {"kind": self.kind, "channel": self.channel or usual, "minutes": self.minutes}


class Closing(_Body):
    ending: said.Ending = "completed"


def router(running: Running) -> APIRouter:
    routes = APIRouter(prefix="/v1/hospitals/{hospital}")
    _add_queries(routes, running)
    _add_commands(routes, running)
    return routes


def _add_queries(routes: APIRouter, running: Running) -> None:
    @routes.get("/cases")
    async def cases(
        who: Who,
        state: Status | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> dict[str, Any]:
        """The caller's cases, the latest offer first."""
        only(who, "coordinator", "supporter", "colleague")
        hospital, now = running.hospital(who.hospital), running.clock.now()
        if who.role == "colleague":
            one = await _case_for(running, who, who.case)
            found = [one] if state in (None, one.status) else []
        else:
            mine = who.person if who.role == "supporter" else None
            async with running.database.read() as c:
                found = await tables.read_cases(
                    c, who.hospital, status=state, supporter=mine, limit=limit, offset=offset
                )
        return {"cases": [shown.case_in_short(case, hospital, shown.reader(who.role), now) for case in found]}

    @routes.get("/cases/{case}")
    async def case(who: Who, case: str, lang: Lang | None = None) -> dict[str, Any]:
        """One case with its timeline, in the language asked for or the hospital's first."""
        only(who, "coordinator", "supporter", "colleague")
        hospital, reader = running.hospital(who.hospital), shown.reader(who.role)
        found = await _case_for(running, who, case)
        async with running.database.read() as c:
            events = await tables.read_timeline(c, who.hospital, case)
        lines = tell(events, hospital, lang or shown.language(hospital), reader)
        return shown.whole_case(found, hospital, reader, running.clock.now()) | {"timeline": shown.timeline(lines)}

    @routes.get("/tasks")
    async def tasks(who: Who) -> dict[str, Any]:
        """What waits for the caller, overdue first; for a coordinator, everything that waits for anybody."""
        only(who, "coordinator", "supporter", "trainer")
        async with running.database.read() as c:
            found = await tables.read_tasks(c, who.hospital)
        mine = [(about, task) for about, task in found if _is_task_of(who, about, task)]
        hospital, now = running.hospital(who.hospital), running.clock.now()
        return {"tasks": [shown.task(about.id, task, hospital, now) for about, task in mine]}

    @routes.get("/overview")
    async def overview(who: Who) -> dict[str, Any]:
        """How many cases there are of each state, and how many tasks wait."""
        only(who, "coordinator", "auditor", "ops")
        async with running.database.read() as c:
            counted = await tables.count_cases(c, who.hospital)
            waiting = await tables.read_tasks(c, who.hospital)
        now = running.clock.now()
        overdue = sum(task.due_at <= now for _, task in waiting)
        return {"cases": counted, "tasks": {"open": len(waiting), "overdue": overdue}}


def _add_commands(routes: APIRouter, running: Running) -> None:
    async def ask(kind: type[Command], who: Caller, case: str, key: str | None, /, **said_of: Any) -> JSONResponse:
        await _case_for(running, who, case)
        command = kind.model_validate({"case": case, "by_role": who.role, "by": who.person, **said_of})
        return await answer(running, who, command, RULES, key)

    @routes.post("/cases/{case}/contact")
    async def contact(who: Who, case: str, body: Contact, key: Key = None) -> JSONResponse:
        return await ask(said.RecordContact, who, case, key, **body.model_dump())

    @routes.post("/cases/{case}/conversation")
    async def conversation(who: Who, case: str, body: Conversation, key: Key = None) -> JSONResponse:
        return await ask(said.RecordConversation, who, case, key, **body.told())

    @routes.post("/cases/{case}/extension")
    async def extension(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(said.GrantExtension, who, case, key)

    @routes.post("/cases/{case}/close")
    async def close(who: Who, case: str, body: Closing | None = None, key: Key = None) -> JSONResponse:
        return await ask(said.CloseCase, who, case, key, **(body or Closing()).model_dump())

    @routes.post("/cases/{case}/decline")
    async def decline(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(said.DeclineSupport, who, case, key)

    @routes.post("/cases/{case}/pause")
    async def pause(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(said.PauseSupport, who, case, key)

    @routes.post("/cases/{case}/resume")
    async def resume(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(said.ResumeSupport, who, case, key)

    @routes.post("/cases/{case}/help")
    async def help(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await ask(said.RequestHelp, who, case, key)

    @routes.post("/tasks/{regarding}/{task}/done")
    async def done(who: Who, regarding: str, task: str, key: Key = None) -> JSONResponse:
        async with running.database.read() as c:
            found = await tables.read_tasked(c, who.hospital, regarding)
        if found is None or task not in found.tasks or (isinstance(found, Case) and not _may_see(who, found)):
            raise gone()
        command = said.FinishTask(regarding=regarding, task=task, by_role=who.role, by=who.person)
        return await answer(running, who, command, RULES, key)


async def _case_for(running: Running, who: Caller, id: str) -> Case:
    """The case, if this caller may know of it. 404 otherwise."""
    async with running.database.read() as c:
        case = await tables.read_case(c, who.hospital, id)
    if case is None or not _may_see(who, case):
        raise gone()
    return case


def _may_see(who: Caller, case: Case) -> bool:
    """Whether a case exists for this caller. Who may do what in it is for the rules to say."""
    if who.role == "supporter":
        return who.person != "" and who.person == case.supporter
    return who.role != "colleague" or who.case == case.id


def _is_task_of(who: Caller, about: Case | Waiting, task: Task) -> bool:
    if who.role != "supporter":
        return who.role in ("coordinator", task.owner)
    person = about.supporter if isinstance(about, Case) else about.id
    return task.owner == "supporter" and person == who.person


async def measure(running: Running) -> None:
    """Brings the gauges of cases up to date."""
    now = running.clock.now()
    async with running.database.read() as c:
        for hospital in running.hospitals:
            for status, count in (await tables.count_cases(c, hospital)).items():
                running.metrics.cases.labels(hospital, status).set(count)
            since = await tables.waits_for_contact_since(c, hospital)
            age = (now - since).total_seconds() if since else 0.0
            running.metrics.oldest.labels(hospital, "first_contact").set(max(age, 0.0))
