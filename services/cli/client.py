"""The way from a command to the services: HTTP to a deployment that runs, or a house opened for this command alone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from services.cli.mistakes import nothing_in_force
from services.cli.stop import AWAY, NOT_RECORDED, WRONG, NotRecorded, Refusal, Stop
from services.cli.words import Words
from services.house import routes

if TYPE_CHECKING:
    from shared.settings import Settings

#: Lines of one page.
_MOST = 1000
_PATIENCE = httpx.Timeout(60, connect=5)


class Client:
    """Speaks to the services of one hospital in the name of whoever holds the key; says in `words` what is wrong."""

    def __init__(self, key: str, http: httpx.AsyncClient, where: str) -> None:
        self.key = key
        self.http = http
        self.where = where
        self.hospital = ""
        self.words = Words("en")
        self.zone: tzinfo | None = None
        self.me: dict[str, Any] = {}

    async def get(self, path: str, **query: Any) -> Any:
        """What is at `path` below the hospital. Raises Stop."""
        return await self.call("GET", self.below(path), params={k: v for k, v in query.items() if v is not None})

    async def whole(self, path: str, name: str, **query: Any) -> dict[str, Any]:
        """A list at `path` below the hospital, page after page, to its end. Raises Stop."""
        return await self.to_the_end(partial(self.get, path, **query), name)

    async def to_the_end(self, ask: Callable[..., Awaitable[Any]], name: str) -> dict[str, Any]:
        """A list page after page. `ask`: gives one, for a limit and an offset."""
        answer = await ask(limit=_MOST)
        found: dict[str, Any] = dict(answer)
        while "next" in answer:
            answer = await ask(limit=_MOST, offset=answer["next"])
            found[name] = found[name] + answer[name]
        return {key: value for key, value in found.items() if key not in ("next", "total")}

    async def post(self, path: str, body: Any = None) -> Any:
        """The answer to a command at `path` below the hospital. Raises Refusal where a rule says no, else Stop."""
        return await self.call("POST", self.below(path), **({"json": body} if body is not None else {}))

    async def call(self, method: str, path: str, **given: Any) -> Any:
        """The JSON answer to one request. Raises Stop for everything but success."""
        response = await self.send(method, path, **given)
        if response.is_success:
            return response.json() if response.content else None
        raise self.trouble(response)

    async def send(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request. Raises Stop only where nothing answers."""
        headers = {"Authorization": f"Bearer {self.key}"} | given.pop("headers", {})
        url = routes.address(self.where, routes.owner(method, path)) + path
        try:
            return await self.http.request(method, url, headers=headers, **given)
        except httpx.TransportError as error:
            raise Stop(
                f"Nothing answers at {httpx.URL(url).netloc.decode()} ({type(error).__name__}).",
                "Start naast there, or correct NAAST_URL; naast doctor tells more.",
                AWAY,
            ) from None

    def below(self, path: str) -> str:
        """The whole path of what is below the hospital."""
        return f"/v1/hospitals/{self.hospital}/{path}"

    def told(self, response: httpx.Response) -> dict[str, Any]:
        """What became of each part of what was sent at once, also where some were refused or set aside. Raises Stop
        when the answer does not say.
        """
        with contextlib.suppress(ValueError):
            answer = response.json()
            if isinstance(answer, dict) and "set_aside" in answer:
                return answer
        raise self.trouble(response)

    def trouble(self, response: httpx.Response) -> Stop:
        """What an answer that is no success means."""
        try:
            found = response.json()
        except ValueError:
            found = {}
        if isinstance(found, dict) and found.get("refused"):
            return Refusal(found, self.words.lang)
        if isinstance(found, dict) and found.get("error") == NOT_RECORDED:
            return NotRecorded(found, self.words)
        detail = found.get("detail", found) if isinstance(found, dict) else {}
        hint = detail.get("hint", "") if isinstance(detail, dict) else ""
        if isinstance(detail, dict) and detail.get("error") == "settings_not_in_force":
            return nothing_in_force(self.words, self.zone, detail)
        match response.status_code:
            case 401:
                return Stop("This key is not known here, or no longer.", "Ask a coordinator for another one.")
            case 403:
                return Stop("This key may not do that.", hint)
            case 404:
                return Stop("There is no such thing, or not for this key.", "Check the id and the hospital.")
            case 503:
                return Stop("The database does not answer; nothing was done.", "Try again in a moment.", AWAY)
            case 400 | 413 | 422:
                return Stop(f"That was not understood: {_problems(detail)}.", hint or "See --help.", WRONG)
        return Stop(f"The service could not answer ({response.status_code}).", "See what is wrong: naast doctor", AWAY)


def _problems(detail: Any) -> str:
    if isinstance(detail, dict) and "problems" in detail:
        said = [(p.get("field") or "the whole", p["reason"].replace("_", " ")) for p in detail["problems"]]
        return "; ".join(f"{field}: {reason}" for field, reason in said)
    if isinstance(detail, list):
        return "; ".join(f"{'.'.join(map(str, p['loc'][1:]))}: {p['msg']}" for p in detail)
    if isinstance(detail, dict) and "error" in detail:
        return str(detail["error"]).replace("_", " ")
    return "the answer does not say why"


@asynccontextmanager
async def connect(settings: Settings, key: str, left: Callable[[int], None]) -> AsyncIterator[Client]:
    """A client of the deployment of NAAST_URL, of the house that runs on this machine, or of one opened for now. It
    knows already who holds the key. `left` is told how many clocks wait when a house that was opened closes again.
    """
    where = settings.url or await running_at(settings.home)
    if where is None and settings.amqp_url is not None:
        raise Stop("This deployment has a bus, so its services run elsewhere.", "Say where: NAAST_URL=http://…", AWAY)
    async with _reached(key, where) if where is not None else _opened(settings, key, left) as client:
        client.me = await client.call("GET", "/v1/whoami")
        yield client


async def running_at(home: Path) -> str | None:
    """Where the house of this machine answers, if it runs."""
    where = here(home)
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient(timeout=5) as http:
            if where and (await http.get(f"{where}/health/live")).is_success:
                return where
    return None


def here(home: Path) -> str:
    """Where the house of this machine says that it answers; empty when it says nothing."""
    try:
        return (home / "url").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@asynccontextmanager
async def _reached(key: str, where: str) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(timeout=_PATIENCE) as http:
        yield Client(key, http, where)


@asynccontextmanager
async def _opened(settings: Settings, key: str, left: Callable[[int], None]) -> AsyncIterator[Client]:
    """The embedded house, opened for one command; it works until nothing is due, and its clocks stand still after."""
    from services.house.embedded import open_house
    from shared import log

    log.set_up("CRITICAL")
    async with open_house(settings) as house:
        try:
            yield Client(key, house.client, str(house.client.base_url))
        finally:
            await house.settle()
            left(await house.waiting())
