"""HTTP for people and feeds: who calls, what they are answered, and the pages that machines look at.

Whoever comes here may: the gate has seen to it. A refusal is an answer that names its rule. What was set aside is told
as well: nothing came of it, and it is no duplicate when it is sent again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import generate_latest
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import log
from shared.engine.outcome import OtherWords, SetAside
from shared.hospital import NotInForce, is_hospital_id
from shared.http.access import Caller
from shared.http.late import LateRoute
from shared.http.legible import legible
from shared.http.readiness import GOOD
from shared.http.scope import GONE
from shared.http.terms import lets, open_always
from shared.messages import Command, Event
from shared.passing import error_code, trouble
from shared.rulebook import Rulebook
from shared.service import Running, Service

__all__ = [
    "PARTLY_RECORDED",
    "Caller",
    "Who",
    "an_app",
    "answer",
    "gone",
    "looked",
    "ops_router",
    "routes_of",
    "take_in",
]

_logger = log.logger("http")


def gone() -> HTTPException:
    """There is no such thing, or not for this key: the two look the same."""
    return HTTPException(404, GONE)


async def holder(request: Request) -> Caller:
    """Whoever holds the key of this request, as the gate found. Raises what the gate found wrong with it."""
    if request.state.trouble is not None:
        raise request.state.trouble
    found: Caller = request.state.caller
    return found


#: The parameter of a route that needs a key of any hospital.
Holder = Annotated[Caller, Depends(holder)]


async def caller(found: Holder, hospital: Annotated[str, Path()]) -> Caller:
    """Who calls; the hospital of the path is the caller's own."""
    return found


#: The parameter of a route that needs a key of its hospital.
Who = Annotated[Caller, Depends(caller)]


async def looked(running: Running, caller: Caller, what: str, about: Iterable[str] = ()) -> None:
    """Notes that this caller reads of these cases or people, before anything is shown; without any: a whole list."""
    await running.access.looks.note(caller.hospital, caller.role, caller.by, what, about)


async def answer(
    running: Running, caller: Caller, command: Command, rules: Rulebook, idempotency_key: str | None = None
) -> JSONResponse:
    """Gives a command to the engine. 200: what was said; 403 or 409: which rule refuses it, in the words of the
    protocol; 409 as well: another body came with this key; 503: it was set aside.
    """
    whole = f"{caller.hospital}|{command.type}|{command.subject}|{_once(caller, idempotency_key)}"
    # It goes along with everything that follows from the command, so it must not tell what that is about.
    key = hashlib.sha256(whole.encode()).hexdigest()
    words = hashlib.sha256(f"{key}|{json.dumps(_in_own_words(command.model_dump(mode='json')))}".encode()).hexdigest()
    event = Event(key, caller.hospital, running.clock.now(), command, correlation=words)
    said = await running.engine.ask(event)
    body: dict[str, Any] = {"said": [_told(event) for event in said if _concerns(caller, event)], "refused": None}
    rule = next((str(getattr(event.data, "rule", "")) for event in said if event.data.refuses), None)
    if rule is None:
        return JSONResponse(body)
    hospital = running.hospital(caller.hospital)
    in_force = rules.on(running.clock.now().astimezone(hospital.tz).date(), hospital.rules)
    sentence = {lang: in_force.sentence(rule, lang) for lang in ("nl", "en")}
    body["refused"] = {"rule": rule, "sentence": sentence, "command": command.name}
    return JSONResponse(body, 403 if rules.rule(rule).only else 409)


def ops_router(services: list[tuple[Service, Running]], ready: Callable[[], Awaitable[dict[str, str]]]) -> APIRouter:
    """Liveness and readiness, which need no key, and figures for ops of the whole deployment."""
    router = routes_of(tags=["ops"])

    @router.get("/health/live")
    @open_always
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready")
    @open_always
    async def readiness() -> JSONResponse:
        """What can be used now, by part; of what cannot be used one word says why."""
        parts = await ready()
        good = all(word == GOOD for word in parts.values())
        return JSONResponse({"ready": good, "parts": parts}, 200 if good else 503)

    @router.get("/metrics")
    @lets("ops", everywhere=True)
    async def metrics() -> Response:
        """Figures of all hospitals, for Prometheus."""
        for service, running in services:
            await _measure_dead_ends(service, running)
            await _measure(service, running)
        _measure_settings(services[0][1])
        return Response(generate_latest(services[0][1].metrics.registry), media_type="text/plain; version=0.0.4")

    return router


async def _measure_dead_ends(service: Service, running: Running) -> None:
    """How much stands where a person must look; where the database does not tell, the figures stay as they are."""
    gauge = running.metrics.dead_ends
    try:
        async with running.database.read() as c:
            all, kept = await running.engine.store.count_dead(c)
        gauge.labels(service.name, "set_aside").set(kept)
        gauge.labels(service.name, "unreadable").set(all - kept)
        if service.refusals is not None:
            gauge.labels(service.name, "refused").set(await service.refusals(running).count())
    except Exception as error:
        running.metrics.loop_error(service.name, "gauges")
        _logger.error("not_measured", service=service.name, error=type(error).__name__)


async def _measure(service: Service, running: Running) -> None:
    """Brings the gauges up to date; those of one hospital that cannot be are left as they are."""
    if service.gauges is None:
        return
    for hospital in running.hospitals:
        try:
            await service.gauges(running, hospital)
        except Exception as error:
            running.metrics.loop_error(service.name, "gauges")
            _logger.error("not_measured", service=service.name, error=type(error).__name__)


def _measure_settings(running: Running) -> None:
    """How many mistakes there are in the settings of each hospital; a folder that is no hospital's has no name here."""
    found = dict.fromkeys(running.hospitals, 0)
    for folder, problem in running.hospitals.problems.items():
        id = folder if is_hospital_id(folder) else ""
        found[id] = found.get(id, 0) + len(problem.mistakes)
    for id, count in found.items():
        running.metrics.settings_problems.labels(id).set(count)


async def on_invalid(_: Request, error: Exception) -> JSONResponse:
    """Says which field is wrong and why, never what was in it; the name of a field that is not known is content too."""
    problems = [{"field": _field(e), "reason": e["type"]} for e in getattr(error, "errors", list)()]
    return JSONResponse({"error": "invalid", "problems": problems}, 422)


def _field(error: dict[str, Any]) -> str:
    loc = (*error["loc"][:-1], "*") if error["type"] == "extra_forbidden" else error["loc"]
    return ".".join(map(str, loc))


async def on_set_aside(_: Request, error: Exception) -> JSONResponse:
    """Nothing came of it, although nothing was wrong with it as far as anybody could see."""
    assert isinstance(error, SetAside)
    return JSONResponse(NOT_RECORDED | {"reason": error.reason, "id": error.id}, 503)


async def on_other_words(_: Request, error: Exception) -> JSONResponse:
    """What was sent first under this key was done, and is not what is sent now."""
    return JSONResponse({"error": "other_body", "hint": OTHER_BODY}, 409)


async def on_settings(_: Request, error: Exception) -> JSONResponse:
    """The settings of the hospital have a mistake: nothing was done, and the same request may be sent again."""
    assert isinstance(error, NotInForce)
    hint = "The settings of this hospital cannot be used; nothing was done. Correct them, then send this again."
    body = {"error": "settings_not_in_force", "hint": hint, **error.problem.told()}
    return JSONResponse(body, 503, {"Retry-After": "30"})


async def on_database(_: Request, error: Exception) -> JSONResponse:
    return of_database(error)


def of_database(error: Exception) -> JSONResponse:
    """503 while the database cannot be used: nothing was done, and the same request may be sent again. 422 where it
    refuses what was sent: sending that again is of no use.
    """
    reason = trouble(error)
    _logger.error("database_away" if reason else "database_refused", failed=error_code(error), reason=reason)
    if not reason:
        return JSONResponse({"error": "invalid", "problems": [{"field": "", "reason": "cannot_be_stored"}]}, 422)
    hint = "The database cannot be used at this moment; nothing was done."
    return JSONResponse({"error": "try_again", "reason": reason, "hint": hint}, 503, {"Retry-After": "5"})


OTHER_BODY = "This Idempotency-Key came before with another body; that was done, and this was not. Use a new key."
#: What whoever sent something that was set aside is told, beside the reason; and of what comes in many parts.
NOT_RECORDED = {
    "error": "not_recorded",
    "hint": "It was set aside and is not recorded. Tell whoever operates naast, who can have it taken up again. "
    "The same with the same Idempotency-Key may be sent again: then it happens once.",
}
PARTLY_RECORDED = {
    "error": "not_recorded",
    "hint": "What stands in set_aside is not recorded; tell whoever operates naast. Send the whole again: what was "
    "taken is not taken twice.",
}

HANDLERS: dict[Any, Any] = {
    RequestValidationError: on_invalid,
    ValidationError: on_invalid,
    SetAside: on_set_aside,
    OtherWords: on_other_words,
    NotInForce: on_settings,
    DBAPIError: on_database,
    PoolTimeout: on_database,
    OSError: on_database,
}

_FRESH = ("case", "colleague")
_EVERYWHERE = [Depends(legible)]


def an_app(**described: Any) -> FastAPI:
    """An application that refuses what nobody can read, and tells what goes wrong in the form of the house."""
    app = FastAPI(dependencies=_EVERYWHERE, **described)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return app


def routes_of(**described: Any) -> APIRouter:
    """Routes for such an application."""
    return APIRouter(dependencies=_EVERYWHERE, **{"route_class": LateRoute, **described})


def take_in(app: FastAPI, *routers: APIRouter) -> None:
    """As `include_router` does, but without its second look at every route, which takes as long as the first."""
    for router in routers:
        if router.dependencies != _EVERYWHERE:
            raise TypeError("routes that take what nobody can read: make them with routes_of")
        app.router.routes.extend(router.routes)


def _once(caller: Caller, idempotency_key: str | None) -> str:
    """What makes a command the same command of the same caller. What somebody made up may hold anything, so its hash
    is kept.
    """
    if not idempotency_key:
        return str(uuid.uuid4())
    return hashlib.sha256(f"{caller.role}|{caller.person}|{idempotency_key}".encode()).hexdigest()


def _in_own_words(said: Any, top: bool = True) -> Any:
    """What the sender said, without the refs that are fresh for each request: of whom a new case would be."""
    if isinstance(said, dict):
        return {name: _in_own_words(part, False) for name, part in said.items() if top or name not in _FRESH}
    return [_in_own_words(part, False) for part in said] if isinstance(said, list) else said


def _concerns(caller: Caller, event: Event) -> bool:
    """Whether somebody is told what she brought about: a supporter or colleague not who is asked or told next."""
    if event.sequence is None:
        return False
    if caller.role not in ("supporter", "colleague"):
        return True
    return not hasattr(event.data, "removed") and getattr(event.data, "person", "") in ("", caller.person)


def _told(event: Event) -> dict[str, Any]:
    return {"type": event.data.name, "time": event.time.isoformat(), "data": event.data.model_dump(mode="json")}
