"""The pages behind the links in notices: for a supporter who is asked or has a case, and for a colleague.

Opening a link changes nothing, for mail scanners open every link. A button posts to the link itself, and intake passes
it on to the service that owns the case, in the name of the link's holder. A page that is sent twice counts once.
"""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.intake import tables
from services.intake.doors import cards
from services.intake.doors.buttons import BUTTONS, ENDINGS, SURE
from services.intake.doors.mail.notices import LANGUAGES
from services.intake.protocol.states import Link
from shared.hospital import Hospital
from shared.http.access import Caller
from shared.http.answers import Holder
from shared.http.terms import by_link, open_to_all
from shared.service import Running

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
#: After these endings a colleague may still want to know something.
_SPOKEN = ("completed", "handed_over", "not_reached")


def router(running: Running) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/assets/naast.css")
    @open_to_all
    async def style() -> Response:
        css = files("services.intake.doors").joinpath("templates/naast.css").read_text("utf-8")
        return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=86400"})

    @routes.get("/")
    @open_to_all
    async def front() -> HTMLResponse:
        return _in_every_language("front", 200)

    @routes.get("/l/{token}")
    @by_link
    async def page(token: str, who: Holder, done: str = "", sure: str = "") -> HTMLResponse:
        caller = _of_a_case(running, who)
        if caller is None:
            return _gone()
        done = done if done in BUTTONS[caller.role] else ""
        return await _show(running, caller, token, done=done, sure=sure if sure in SURE[caller.role] else "")

    @routes.post("/l/{token}/{action}")
    @by_link
    async def press(token: str, action: str, who: Holder, request: Request) -> Response:
        caller = _of_a_case(running, who)
        if caller is None or action not in BUTTONS[caller.role]:
            return _gone()
        path, body = BUTTONS[caller.role][action]
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        once = form.pop("once", "")
        whole = f"/v1/hospitals/{caller.hospital}/cases/{caller.case}/{path}"
        content = body(form, running.hospital(caller.hospital))
        status, _, answer = await running.forward("POST", whole, token, content, once)
        if status < 400:
            return RedirectResponse(f"/l/{token}?done={action}", 303, headers=_HEADERS)
        return await _show(running, caller, token, refused=_sentence(answer, status), status=_own_status(status))

    return routes


def _of_a_case(running: Running, caller: Caller | None) -> Caller | None:
    """Whoever holds a link; a key that is no link opens no page."""
    known = caller is not None and caller.case and caller.role in BUTTONS and caller.hospital in running.hospitals
    return caller if known else None


async def _show(
    running: Running,
    caller: Caller,
    token: str,
    *,
    done: str = "",
    sure: str = "",
    refused: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    hospital = running.hospital(caller.hospital)
    async with running.database.read() as c:
        link = await tables.read_state(c, Link, caller.hospital, caller.case)
        refs = [caller.person, link.staff if link else ""]
        contacts = await tables.read_contacts(c, caller.hospital, refs)
    reader = contacts.get(refs[0] if caller.role == "supporter" else refs[1])
    lang = next((one for one in (reader.language if reader else "", *hospital.languages) if one in LANGUAGES), "en")
    view = _view(link, caller) if done not in ENDINGS else "thanks"
    card = await _card(running, caller) if view in ("case", "called") else None
    page = _of_the_case(link, hospital, running.clock.now()) | {
        "say": _words(lang),
        "view": view,
        "sure": sure if view in ("case", "called", "waiting", "after") else "",
        "hospital": hospital.name,
        "token": token,
        "once": secrets.token_urlsafe(12),
        "card": card,
        "done": done,
        "refused": refused[lang] if refused else "",
    }
    html = _pages().get_template("page.html").render(lang=lang, p=page)
    return HTMLResponse(html, status, headers=_HEADERS)


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
        return "after" if hers and link.ending in _SPOKEN else "over"
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
        sentence = json.loads(answer)["refused"]["sentence"]
        return {lang: str(sentence[lang]) for lang in LANGUAGES}
    except (ValueError, KeyError, TypeError):
        key = "wrong_input" if status == 422 else "try_again"
        return {lang: _words(lang)(key) for lang in LANGUAGES}


def _own_status(status: int) -> int:
    """Our answer to a refused button: 4xx as it came; a service that did not answer is away."""
    return status if status < 500 else 503


def _gone() -> HTMLResponse:
    return _in_every_language("gone", 404)


def _in_every_language(view: str, status: int) -> HTMLResponse:
    """A page for a reader of whom nothing is known."""
    words = [(lang, _words(lang)) for lang in LANGUAGES]
    html = _pages().get_template("unknown.html").render(view=view, words=words)
    return HTMLResponse(html, status, headers=_HEADERS)


def _moment(at: datetime, hospital: Hospital) -> str:
    return at.astimezone(hospital.tz).strftime("%d-%m-%Y %H:%M")


@cache
def _pages() -> Environment:
    loader = PackageLoader("services.intake.doors", "templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("services.intake.doors").joinpath("templates/words.toml").read_text("utf-8"))


def _words(lang: str) -> Callable[[str], str]:
    return lambda key: _texts()[key][lang]
