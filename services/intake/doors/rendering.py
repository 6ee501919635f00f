"""How pages are made: templates, words in two languages, headers, and a route that always answers with a page.

Somebody who follows a link has a page before her, never a piece of JSON; least of all when something went wrong.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Coroutine
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.intake.doors.mail.notices import LANGUAGES
from shared import log
from shared.http.late import LateRoute

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
_logger = log.logger("pages")


class PageRoute(LateRoute):
    """Answers with a page also when the link is none, and when the page cannot be made."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def page(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError:
                return in_every_language("gone", 422)
            except HTTPException as error:
                return in_every_language("gone" if error.status_code == 404 else "away", error.status_code)
            except Exception as error:
                _logger.error("no_page", error=type(error).__name__)
                return in_every_language("away", 503)

        return page


def page(lang: str, status: int, view: dict[str, Any]) -> HTMLResponse:
    """A page for a reader whose language is known."""
    html = _templates().get_template("page.html").render(lang=lang, p=view | {"say": words(lang)})
    return HTMLResponse(html, status, headers=HEADERS)


def in_every_language(view: str, status: int) -> HTMLResponse:
    """A page for a reader of whom nothing is known."""
    said = [(lang, words(lang)) for lang in LANGUAGES]
    html = _templates().get_template("unknown.html").render(view=view, words=said)
    return HTMLResponse(html, status, headers=HEADERS)


def words(lang: str) -> Callable[[str], str]:
    """What the pages say in a language, by key."""
    return lambda key: _texts()[key][lang]


def style() -> str:
    return files("services.intake.doors").joinpath("templates/naast.css").read_text("utf-8")


@cache
def _templates() -> Environment:
    loader = PackageLoader("services.intake.doors", "templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("services.intake.doors").joinpath("templates/words.toml").read_text("utf-8"))
