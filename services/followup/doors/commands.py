"""The doors by which people tell followup something: a path for every command about a case, and the end of a task.

Who may do what is for the rules to say; here it is only looked at whether the case exists for whoever asks.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import Field

from services.followup import tables
from services.followup.doors.sight import case_for, may_see
from services.followup.protocol.case import Case
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.rules import RULES
from shared.http.answers import Caller, Who, answer, gone
from shared.http.bounds import Moment
from shared.http.legible import Body
from shared.http.terms import Endpoint, by_rule
from shared.messages import Command
from shared.messages import followup as said
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class Contact(Body):
    """An attempt to reach the colleague, or the first contact itself; `at`: when, if it was earlier."""

    reached: bool
    channel: said.Channel = "phone"
    at: Moment | None = None


class Conversation(Body):
    """A talk: its kind, its form and its minutes, and nothing of what was said (FOLLOW-12); of a group how many."""

    kind: said.Talk = "conversation"
    channel: said.Channel | None = None
    minutes: int = Field(ge=1, le=600)
    at: Moment | None = None
    people: int = Field(0, ge=0, le=500)

    def told(self) -> dict[str, Any]:
        usual = "phone" if self.kind == "phone_follow_up" else "in_person"
        return self.model_dump() | {"channel": self.channel or usual}


class Closing(Body):
    ending: said.Ending = "completed"


class Replacement(Body):
    why: Literal["ill", "involved", "coordinator"] = "coordinator"


class HandOver(Body):
    to: said.Professional


class CheckIns(Body):
    """What the colleague wants to hear of later."""

    later: bool
    milestones: bool


class Milestone(Body):
    milestone: said.Milestone


#: Commands that say all by their path.
_PLAIN: dict[str, type[Command]] = {
    "extension": said.GrantExtension,
    "decline": said.DeclineSupport,
    "pause": said.PauseSupport,
    "resume": said.ResumeSupport,
    "help": said.RequestHelp,
    "hand-back": said.HandBack,
    "another": said.ChooseAnother,
    "danger": said.ReportDanger,
    "danger/confirm": said.ConfirmDanger,
    "debrief": said.AskDebrief,
    "more": said.AskMore,
    "stop": said.StopSupport,
}


class Doors:
    """Gives what somebody says to the engine, if the case exists for her."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def tell(
        self, kind: type[Command], who: Caller, case: str, key: str | None, /, **said_of: Any
    ) -> JSONResponse:
        await case_for(self._running, who, case)
        command = kind.model_validate({"case": case, "by_role": who.role, "by": who.person, **said_of})
        return await answer(self._running, who, command, RULES, key)

    async def finish(self, who: Caller, regarding: str, task: str, key: str | None) -> JSONResponse:
        async with self._running.database.read() as c:
            found = await tables.read_tasked(c, who.hospital, regarding)
        if found is None or task not in found.tasks or (isinstance(found, Case) and not may_see(who, found)):
            raise gone()
        command = said.FinishTask(regarding=regarding, task=task, by_role=who.role, by=who.person)
        return await answer(self._running, who, command, RULES, key)


def _for(kind: type[Command]) -> Callable[[Endpoint], Endpoint]:
    """Marks a route for whomever the rule of this command lets; a link too, for its own case."""
    return by_rule(RULES, COMMANDS[kind].rule, link=True)


def add_commands(routes: APIRouter, running: Running) -> None:
    doors = Doors(running)
    for path, kind in _PLAIN.items():
        _add_plain(routes, doors, path, kind)
    _add_talks(routes, doors)
    _add_decisions(routes, doors)

    @routes.post("/tasks/{regarding}/{task}/done")
    @by_rule(RULES, "FOLLOW-15")
    async def done(who: Who, regarding: str, task: str, key: Key = None) -> JSONResponse:
        return await doors.finish(who, regarding, task, key)


def _add_plain(routes: APIRouter, doors: Doors, path: str, kind: type[Command]) -> None:
    async def plain(who: Who, case: str, key: Key = None) -> JSONResponse:
        return await doors.tell(kind, who, case, key)

    _for(kind)(plain)
    routes.add_api_route(f"/cases/{{case}}/{path}", plain, methods=["POST"], name=kind.name)


def _add_talks(routes: APIRouter, doors: Doors) -> None:
    @routes.post("/cases/{case}/contact")
    @_for(said.RecordContact)
    async def contact(who: Who, case: str, body: Contact, key: Key = None) -> JSONResponse:
        return await doors.tell(said.RecordContact, who, case, key, **body.model_dump())

    @routes.post("/cases/{case}/conversation")
    @_for(said.RecordConversation)
    async def conversation(who: Who, case: str, body: Conversation, key: Key = None) -> JSONResponse:
        return await doors.tell(said.RecordConversation, who, case, key, **body.told())


def _add_decisions(routes: APIRouter, doors: Doors) -> None:
    @routes.post("/cases/{case}/close")
    @_for(said.CloseCase)
    async def close(who: Who, case: str, body: Closing | None = None, key: Key = None) -> JSONResponse:
        return await doors.tell(said.CloseCase, who, case, key, **(body or Closing()).model_dump())

    @routes.post("/cases/{case}/replace")
    @_for(said.ReplaceSupporter)
    async def replace(who: Who, case: str, body: Replacement | None = None, key: Key = None) -> JSONResponse:
        return await doors.tell(said.ReplaceSupporter, who, case, key, **(body or Replacement()).model_dump())

    @routes.post("/cases/{case}/hand-over")
    @_for(said.HandOver)
    async def hand_over(who: Who, case: str, body: HandOver, key: Key = None) -> JSONResponse:
        return await doors.tell(said.HandOver, who, case, key, **body.model_dump())

    @routes.post("/cases/{case}/check-ins")
    @_for(said.AgreeToCheckIns)
    async def check_ins(who: Who, case: str, body: CheckIns, key: Key = None) -> JSONResponse:
        return await doors.tell(said.AgreeToCheckIns, who, case, key, **body.model_dump())

    @routes.post("/cases/{case}/milestone")
    @_for(said.ReportMilestone)
    async def milestone(who: Who, case: str, body: Milestone, key: Key = None) -> JSONResponse:
        return await doors.tell(said.ReportMilestone, who, case, key, **body.model_dump())
