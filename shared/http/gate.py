"""The gate before every handler: who calls is known, and what is sent has an end, before any of it is parsed.

A route needs a key, unless it says that it is open to all or that the link in its path is the key. A body is small,
unless its route says more (`holds`), and must arrive in time. Whatever is refused here was not parsed; how much a key
and an address may ask is told in budgets.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.access import Access, Caller
from shared.http.answers import of_database
from shared.http.budgets import Budgets
from shared.http.depth import DEEPEST, is_deeper
from shared.http.terms import SMALL, Terms

#: Seconds for a small body; a larger one has as many more as it takes at the slowest pace.
PATIENCE = 10.0
SLOWEST = 256 * 1024
#: Bytes of what is too much that are still taken off the wire, so that whoever sends them hears why.
LINGER = 1024 * 1024


def terms_of(app: FastAPI) -> Iterator[tuple[str, set[str], Terms]]:
    """Every route of an app: its path, its methods and its terms."""
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            # The contract itself is open: it holds nothing but what anybody may ask.
            own = Terms(key="") if route.path == app.openapi_url else Terms()
            yield route.path, set(route.methods or ()), getattr(route.endpoint, "terms", own)


class Refused(HTTPException):
    """The request goes no further; what of its body was not read is not read any more."""

    def __init__(self, status: int, error: str, hint: str) -> None:
        super().__init__(status, {"error": error, "hint": hint}, {"Connection": "close"})


class Gate:
    """A middleware around an app. `request.state.caller` is whoever holds the key; None on a route that is open."""

    def __init__(self, inner: ASGIApp, app: FastAPI, access: Access, budgets: Budgets) -> None:
        self.inner, self.app, self.access, self.budgets = inner, app, access, budgets
        self._special: list[tuple[re.Pattern[str], Terms, set[str]]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        terms, state = self._terms(scope), scope.setdefault("state", {})
        state |= {"caller": None, "trouble": None}
        async with AsyncExitStack() as held:
            try:
                state["caller"] = await self._caller(scope, terms)
                if terms.most > SMALL and not _is_small(scope):
                    await held.enter_async_context(self.budgets.large(state["caller"]))
                given = await _given(scope, receive, terms, state["caller"])
                if terms.key == "header":
                    await held.enter_async_context(self.budgets.turn(state["caller"]))
            except Exception as trouble:
                if terms.key != "path":
                    await _answer(trouble)(scope, receive, send)
                    return
                # Whoever follows a link is told by a page, and its route makes it.
                state["trouble"], given = trouble, _empty
            await self.inner(scope, given, send)

    def _terms(self, scope: Scope) -> Terms:
        """Of the route that this request goes to; those of any other, and of no route, are the strictest."""
        if self._special is None:
            self._special = list(_special(self.app))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        return next(
            (t for path, t, not_of in self._special if method not in not_of and path.match(scope["path"])), Terms()
        )

    async def _caller(self, scope: Scope, terms: Terms) -> Caller | None:
        """Raises Refused without a good key, and TooMany; a link that is not known is told by its page."""
        if not terms.key:
            if not terms.always:
                await self.budgets.spend(scope, "", None, needed=False)
            return None
        token = _token(_header(scope, b"authorization")) if terms.key == "header" else scope["path"].split("/")[2]
        found = await self.access.who(token) if token else None
        await self.budgets.spend(scope, token, found, needed=True)
        if found is None and terms.key == "header":
            raise Refused(401, "no_key", "Send 'Authorization: Bearer <key>'; `naast keys create` makes one.")
        return found


def _answer(trouble: Exception) -> JSONResponse:
    """Raises what was not foreseen."""
    if isinstance(trouble, HTTPException):
        return JSONResponse({"detail": trouble.detail}, trouble.status_code, trouble.headers)
    if isinstance(trouble, DBAPIError | PoolTimeout | OSError):
        return of_database(trouble)
    raise trouble


async def _empty() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _given(scope: Scope, receive: Receive, terms: Terms, caller: Caller | None) -> Receive:
    """What the handler receives: the whole body at once; nothing of what is sent with a link that is not known."""
    if terms.key and caller is None:
        return _empty
    if not _has_body(scope):
        return receive
    body = await _read(scope, receive, terms.most)
    if terms.most <= SMALL and is_deeper(body):
        raise Refused(400, "too_deep", f"Nest at most {DEEPEST} levels of objects and lists.")
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return whole.pop() if whole else await receive()

    return given


async def _read(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body. Raises Refused for one that is packed, too large or too slow."""
    if _header(scope, b"content-encoding") not in ("", "identity"):
        raise Refused(415, "encoded", "Send the body as it is, without Content-Encoding.")
    announced = _header(scope, b"content-length")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    body, beyond = bytearray(), 0
    try:
        async with asyncio.timeout(PATIENCE + max(0, most - SMALL) / SLOWEST):
            async for part in _parts(receive):
                if len(body) + len(part) <= most and not beyond:
                    body += part
                    continue
                beyond += len(part)
                if beyond > LINGER:
                    break
    except TimeoutError:
        raise Refused(408, "too_slow", "The body did not arrive in time; nothing was done. Send it again.") from None
    if beyond:
        raise _too_large(most)
    return bytes(body)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "cut_off", "The body broke off; nothing was done. Send it again.")
        more = message.get("more_body", False)
        yield message.get("body", b"")


def _too_large(most: int) -> Refused:
    return Refused(413, "too_large", f"Send at most {most} bytes at a time, in parts if there is more.")


def _is_small(scope: Scope) -> bool:
    announced = _header(scope, b"content-length")
    return announced.isdigit() and int(announced) <= SMALL


def _has_body(scope: Scope) -> bool:
    return bool(_header(scope, b"transfer-encoding")) or _header(scope, b"content-length") not in ("", "0")


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1").strip() for key, value in scope["headers"] if key == name), "")


def _token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _special(app: FastAPI) -> Iterator[tuple[re.Pattern[str], Terms, set[str]]]:
    """What paths have other terms than the strictest, which, and for which methods the path has other terms again."""
    every = list(terms_of(app))
    for path, methods, terms in every:
        if terms != Terms():
            others = (more for other, more, _ in every if other == path and more != methods)
            yield _pattern(path), terms, set().union(*others)


def _pattern(path: str) -> re.Pattern[str]:
    """A path with its parameters as a pattern."""
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)) + r"\Z")


def guard(app: FastAPI, access: Access, budgets: Budgets | None = None) -> None:
    """Puts the gate before everything that this app answers."""
    app.state.budgets = budgets or Budgets()
    app.add_middleware(Gate, app=app, access=access, budgets=app.state.budgets)
