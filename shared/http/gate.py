"""The gate before every handler: who calls and whether she may is known, and what is sent has an end, before any of it
is parsed.

A route needs a key of somebody it lets in, unless it says that it is open to all or that the link in its path is the
key. A body is small, unless its route says more, and must arrive in time. Whatever is refused here was not parsed; how
much a key and an address may ask is told in budgets.py.
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
from starlette.datastructures import MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.access import Access, Caller
from shared.http.answers import of_database
from shared.http.budgets import Budgets
from shared.http.depth import DEEPEST, is_deeper
from shared.http.refused import Refused
from shared.http.scope import Knows, admit
from shared.http.terms import EVERY_ROLE, SMALL, Terms

#: Seconds for a small body; a larger one has as many more as it takes at the slowest pace.
PATIENCE = 10.0
SLOWEST = 256 * 1024
#: Bytes of what is too much that are still taken off the wire, so that whoever sends them hears why.
LINGER = 1024 * 1024
#: Of a path that is no route's: whoever has a key is told so.
_NOWHERE = Terms(roles=EVERY_ROLE, link=True)
#: What every answer says, unless it says otherwise itself: it is kept nowhere, and is nothing but what it says it is.
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def terms_of(app: FastAPI) -> Iterator[tuple[str, set[str], Terms]]:
    """Every route of an app: its path, its methods and its terms."""
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            # The contract itself is open: it holds nothing but what anybody may ask.
            own = Terms(key="") if route.path == app.openapi_url else Terms()
            yield route.path, set(route.methods or ()), getattr(route.endpoint, "terms", own)


class Gate:
    """A middleware around an app. `request.state.caller` is whoever holds the key; None on a route that is open."""

    def __init__(self, inner: ASGIApp, app: FastAPI, access: Access, knows: Knows, budgets: Budgets) -> None:
        self.inner, self.app, self.access, self.knows, self.budgets = inner, app, access, knows, budgets
        self._routes: list[tuple[re.Pattern[str], set[str], Terms]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        (terms, named), state, send = self._route(scope), scope.setdefault("state", {}), _with_headers(send)
        state |= {"caller": None, "trouble": None}
        async with AsyncExitStack() as held:
            try:
                state["caller"] = await self._caller(scope, terms, named)
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

    def _route(self, scope: Scope) -> tuple[Terms, dict[str, str]]:
        """The terms of the route that this request goes to, and the parts of its path."""
        if self._routes is None:
            self._routes = [(compile_path(path)[0], methods, terms) for path, methods, terms in terms_of(self.app)]
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        for pattern, methods, terms in self._routes:
            if method in methods and (found := pattern.match(scope["path"])):
                return terms, found.groupdict()
        return _NOWHERE, {}

    async def _caller(self, scope: Scope, terms: Terms, named: dict[str, str]) -> Caller | None:
        """Raises Refused without a good key that is for this, and TooMany; a link that is not known has a page."""
        if not terms.key:
            if not terms.always:
                await self.budgets.spend(scope, "", None, needed=False)
            return None
        token = _token(_header(scope, b"authorization")) if terms.key == "header" else named["token"]
        found = await self.access.who(token) if token else None
        await self.budgets.spend(scope, token, found, needed=True)
        if terms.key == "path":
            return found
        if found is None:
            raise Refused(401, "no_key", "Send 'Authorization: Bearer <key>'; `naast keys create` makes one.")
        admit(found, terms, named, self.knows)
        return found


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


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


def guard(app: FastAPI, access: Access, knows: Knows, budgets: Budgets | None = None) -> None:
    """Puts the gate before everything that this app answers. knows: whether there is such a hospital."""
    app.state.budgets = budgets or Budgets()
    app.add_middleware(Gate, app=app, access=access, knows=knows, budgets=app.state.budgets)
