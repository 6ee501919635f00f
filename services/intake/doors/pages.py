"""The pages behind the links in notices: for a supporter who is asked or has a case, and for a colleague.

Opening a link changes nothing and shows nobody's number, for mail scanners open every link. A button posts to the link
itself: the one that shows the card is answered here, any other is passed on to the service that owns the case, in the
name of the link's holder. A page that is sent twice counts once.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.intake import tables
from services.intake.doors import cards
from services.intake.doors.buttons import BUTTONS, ENDINGS, SURE
from services.intake.doors.mail.notices import LANGUAGES
from services.intake.doors.rendering import HEADERS, PageRoute, in_every_language, page, style, words
from services.intake.doors.unrecorded import unrecorded
from services.intake.protocol.links import SPOKEN
from services.intake.protocol.states import Link
from shared.hospital import Hospital
from shared.http.access import Caller
from shared.http.answers import Holder, routes_of
from shared.http.legible import is_legible
from shared.http.terms import by_link, open_to_all
from shared.service import Running

#: The button that shows who the other one is.
_CARD = "card"
#: On these pages something may be asked once more.
_SURE_ON = ("case", "called", "waiting", "after")


def router(running: Running) -> APIRouter:
    routes = routes_of(include_in_schema=False, route_class=PageRoute)

    @routes.get("/assets/naast.css")
    @open_to_all
    async def css() -> Response:
        return Response(style(), media_type="text/css", headers={"Cache-Control": "max-age=86400"})

    @routes.get("/")
    @open_to_all
    async def front() -> HTMLResponse:
        return in_every_language("front", 200)

    @routes.get("/l/{token}")
    @by_link
    async def opened(token: str, who: Holder, done: str = "", sure: str = "") -> HTMLResponse:
        caller = _of_a_case(running, who)
        if caller is None:
            return await _closed(running, token)
        if running.engine.out_of_force(caller.hospital):
            return in_every_language("not_now", 503)
        if done in ENDINGS and done in BUTTONS[caller.role]:
            return await _show(running, caller, token, done=done, view="thanks")
        done = done if done in BUTTONS[caller.role] else ""
        return await _show(running, caller, token, done=done, sure=sure if sure in SURE[caller.role] else "")

    @routes.post("/l/{token}/{action}")
    @by_link
    async def press(token: str, action: str, who: Holder, request: Request) -> Response:
        caller = _of_a_case(running, who)
        if caller is None or action not in (*BUTTONS[caller.role], _CARD):
            return await _closed(running, token)
        if running.engine.out_of_force(caller.hospital):
            return in_every_language("not_now", 503)
        if action == _CARD:
            return await _show(running, caller, token, card=await _card(running, caller))
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        if not all(is_legible(name) and is_legible(value) for name, value in form.items()):
            return await _show(running, caller, token, 422, refused=_in_words("wrong_input"))
        return await _passed_on(running, caller, token, action, form)

    return routes


async def _closed(running: Running, token: str) -> HTMLResponse:
    """To whoever follows a link that opens nothing; of one that was for something it is said that this is over."""
    ended = await running.access.has_ended(token)
    return in_every_language("over", 410) if ended else in_every_language("gone", 404)


async def _passed_on(running: Running, caller: Caller, token: str, action: str, form: dict[str, str]) -> Response:
    """Gives what a button says to the owner of the case, and shows what came of it."""
    once = form.pop("once", "") or secrets.token_urlsafe(12)
    path, body = BUTTONS[caller.role][action]
    whole = f"/v1/hospitals/{caller.hospital}/cases/{caller.case}/{path}"
    content = body(form, running.hospital(caller.hospital))
    status, _, answer = await running.forward("POST", whole, token, content, once)
    if status < 400 and action in ENDINGS:
        return await _show(running, caller, token, done=action, view="thanks")  # her link may have ended with it
    if status < 400:
        return RedirectResponse(f"/l/{token}?done={action}", 303, headers=HEADERS)
    if status < 500:
        return await _show(running, caller, token, status, refused=_sentence(answer, status))
    nothing = await unrecorded(running, caller, action, form, status)
    return await _show(running, caller, token, 503, once=once, **nothing)


def _of_a_case(running: Running, caller: Caller | None) -> Caller | None:
    """Whoever holds a link; a key that is no link opens no page."""
    if caller is None or not caller.case or caller.role not in BUTTONS:
        return None
    return caller if running.knows(caller.hospital) else None


async def _show(running: Running, caller: Caller, token: str, status: int = 200, **more: Any) -> HTMLResponse:
    """The page of a link; `more`: what differs from how it usually is, and what it needs for that."""
    hospital = running.hospital(caller.hospital)
    link, lang = await _read(running, caller)
    view = str(more.get("view") or _view(link, caller))
    usual = {
        "view": view,
        "sure": "",
        "hospital": hospital.name,
        "token": token,
        "once": secrets.token_urlsafe(12),
        "card": None,
        "may_look": link is not None and view in ("case", "called") and cards.may_open(running, caller, link),
        "done": "",
    }
    refused = more.pop("refused", {}).get(lang, "")
    if view not in _SURE_ON:
        more["sure"] = ""
    return page(lang, status, _of_the_case(link, hospital, running.clock.now()) | usual | {"refused": refused} | more)


async def _read(running: Running, caller: Caller) -> tuple[Link | None, str]:
    """The case of a link, and the language of whoever reads the page."""
    async with running.database.read() as c:
        link = await tables.read_state(c, Link, caller.hospital, caller.case)
        refs = [caller.person, link.staff if link else ""]
        contacts = await tables.read_contacts(c, caller.hospital, refs)
    reader = contacts.get(refs[0] if caller.role == "supporter" else refs[1])
    spoken = (reader.language if reader else "", *running.hospital(caller.hospital).languages)
    return link, next((one for one in spoken if one in LANGUAGES), "en")


def _of_the_case(link: Link | None, hospital: Hospital, now: datetime) -> dict[str, Any]:
    """What a page says of the case."""
    link = link or Link(hospital=hospital.id, id="")
    return {
        "door": link.door,
        "paused": link.paused,
        "contacted": link.contacted,
        "answer_by": _moment(link.answer_by, hospital) if link.answer_by else "",
        "later": bool(link.later),
        "milestones": bool(link.milestones),
        "hears": bool(link.later or link.milestones),
        "now": now.astimezone(hospital.tz).strftime("%Y-%m-%dT%H:%M"),
    }


def _view(link: Link | None, caller: Caller) -> str:
    """Which page the holder of a link sees."""
    if link is None or not link.staff:
        return "over"
    if link.closed:
        hers = caller.role == "colleague" and caller.person == link.colleague
        return "after" if hers and link.ending in SPOKEN else "over"
    if caller.role == "colleague":
        own = "called" if link.supporter else "waiting"
        return own if caller.person == link.colleague else "over"
    if caller.person == link.supporter:
        return "case"
    return "asked" if caller.person == link.asked else "over"


async def _card(running: Running, caller: Caller) -> dict[str, Any] | None:
    try:
        return await cards.open_card(running, caller, caller.case)
    except cards.Closed:
        return None


def _sentence(answer: bytes, status: int) -> dict[str, str]:
    """Why it was refused, in the words of the rule; else that it did not work."""
    try:
        told = json.loads(answer)
        if told.get("error") == "other_body":
            return _in_words("other_input")
        sentence = told["refused"]["sentence"]
        return {lang: str(sentence[lang]) for lang in LANGUAGES}
    except (ValueError, KeyError, TypeError, AttributeError):
        return _in_words("wrong_input" if status == 422 else "try_again")


def _in_words(key: str) -> dict[str, str]:
    return {lang: words(lang)(key) for lang in LANGUAGES}


def _moment(at: datetime, hospital: Hospital) -> str:
    return at.astimezone(hospital.tz).strftime("%d-%m-%Y %H:%M")
