"""What people ask of training and what they tell it: supporters and coverage; nominations, trainings, intervisie."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse

from services.training import tables
from services.training.protocol import rules
from services.training.protocol.rules import RULES
from services.training.protocol.states import Supporter
from shared.http.answers import Caller, Who, answer, gone, looked, routes_of
from shared.http.bounds import Day
from shared.http.legible import Body, Ref
from shared.http.pages import Paged
from shared.http.terms import by_rule, lets
from shared.messages import Command
from shared.messages.training import AttendIntervisie, CompleteTraining, CoverageMeasured, Nominate
from shared.rulebook import InForce
from shared.service import Running

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
Person = Annotated[str, Path(pattern=r"^s-[a-z0-9]{1,40}$")]


class Nomination(Body):
    """Who nominates, as a ref; a coordinator passes it on, for anybody else it is the holder of the key."""

    nominator: Ref | Literal[""] = ""


class OnDay(Body):
    """The day on which it was."""

    on: Day


def router(running: Running) -> APIRouter:
    routes = routes_of(prefix="/v1/hospitals/{hospital}", tags=["training"])
    _add_queries(routes, running)
    _add_commands(routes, running)
    return routes


def _add_queries(routes: APIRouter, running: Running) -> None:
    @routes.get("/supporters")
    @lets("coordinator", "trainer")
    async def supporters(who: Who, page: Paged) -> dict[str, Any]:
        """The supporters and who is nominated, the first whose intervisie is due first; refs and no names."""
        async with running.database.read() as c:
            found = await tables.read_supporters(c, who.hospital)
        await looked(running, who, "supporters", (one.id for one in page.part(found)))
        return page.cut("supporters", found, _supporter)

    @routes.get("/coverage")
    @lets("coordinator", "trainer", "auditor")
    async def coverage(who: Who) -> dict[str, Any]:
        """Per profession: supporters who can be asked, the headcount, and the share that is wanted."""
        async with running.database.read() as c:
            told = await tables.read_coverage(c, who.hospital)
        hospital = running.hospital(who.hospital)
        in_force = RULES.at(running.clock.now(), hospital)
        return {"coverage": [_coverage(one, in_force) for one in told]}


def _add_commands(routes: APIRouter, running: Running) -> None:
    async def ask(kind: type[Command], who: Caller, supporter: str, key: str | None, **said_of: Any) -> JSONResponse:
        command = kind.model_validate({"supporter": supporter, "by_role": who.role, "by": who.person, **said_of})
        return await answer(running, who, command, RULES, key)

    async def must_know(who: Caller, supporter: str) -> None:
        async with running.database.read() as c:
            if not await tables.knows_supporter(c, who.hospital, supporter):
                raise gone()

    @routes.post("/supporters/{supporter}/nomination")
    @lets("coordinator", "trainer", "supporter", "staff")
    async def nomination(who: Who, supporter: Person, body: Nomination | None = None, key: Key = None) -> JSONResponse:
        return await ask(Nominate, who, supporter, key, nominator=(body or Nomination()).nominator)

    @routes.post("/supporters/{supporter}/training")
    @by_rule(RULES, "TRAIN-7")
    async def training(who: Who, supporter: Person, body: OnDay, key: Key = None) -> JSONResponse:
        await must_know(who, supporter)
        return await ask(CompleteTraining, who, supporter, key, on=body.on)

    @routes.post("/supporters/{supporter}/intervisie")
    @by_rule(RULES, "TRAIN-7")
    async def intervisie(who: Who, supporter: Person, body: OnDay, key: Key = None) -> JSONResponse:
        await must_know(who, supporter)
        return await ask(AttendIntervisie, who, supporter, key, on=body.on)


def _supporter(one: Supporter) -> dict[str, Any]:
    shown = {"profession", "qualified_on", "qualified_assumed", "last_intervisie", "due_on", "assumed"}
    return {"supporter": one.id, "standing": one.standing, **one.model_dump(mode="json", include=shown)}


def _coverage(told: CoverageMeasured, in_force: InForce) -> dict[str, Any]:
    share = told.supporters / told.headcount if told.headcount else None
    enough = not in_force.broken(rules.Coverage(told.supporters, told.headcount))
    return {**told.model_dump(mode="json"), "share": share, "enough": enough}
