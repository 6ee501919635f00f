"""The way from a command to the services: HTTP to a deployment that runs, or a house opened for this command alone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from services import routes
from services.cli import credentials
from services.cli.desk import AWAY, WRONG, Desk, Stop

if TYPE_CHECKING:
    from services.house import House

_PATIENCE = httpx.Timeout(60, connect=5)


class Refusal(Stop):
    """A rule says no. `document` is the whole answer."""

    def __init__(self, document: dict[str, Any], lang: str) -> None:
        refused = document["refused"]
        super().__init__(f"{refused['sentence'][lang]} ({refused['rule']})", document=document)


class Client:
    """Speaks to the services of one hospital in the name of whoever holds the key."""

    def __init__(self, desk: Desk, key: str, http: httpx.AsyncClient, where: str, house: House | None = None) -> None:
        self.desk = desk
        self.key = key
        self.http = http
        self.where = where
        self.house = house
        self.me: dict[str, Any] = {}

    async def get(self, path: str, **query: Any) -> Any:
        """What is at `path` below the hospital. Raises Stop."""
        return await self.call("GET", self._below(path), params={k: v for k, v in query.items() if v is not None})

    async def post(self, path: str, body: Any = None) -> Any:
        """The answer to a command at `path` below the hospital. Raises Refusal where a rule says no, else Stop."""
        return await self.call("POST", self._below(path), **({"json": body} if body is not None else {}))

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

    async def introduce(self) -> None:
        """Learns who the key belongs to, and with that the hospital, its language and its time."""
        self.me = await self.call("GET", "/v1/whoami")
        self.desk.learn(self.me)

    def _below(self, path: str) -> str:
        return f"/v1/hospitals/{self.desk.hospital_id}/{path}"

    def trouble(self, response: httpx.Response) -> Stop:
        """What an answer that is no success means."""
        try:
            found = response.json()
        except ValueError:
            found = {}
        if isinstance(found, dict) and found.get("refused"):
            return Refusal(found, self.desk.words.lang)
        detail = found.get("detail", found) if isinstance(found, dict) else {}
        hint = detail.get("hint", "") if isinstance(detail, dict) else ""
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


def key_of(desk: Desk) -> str:
    """The key that was given, or the one that is kept for the hospital. Raises Stop."""
    if desk.key:
        return desk.key
    if desk.settings.key is not None:
        return desk.settings.key.get_secret_value()
    found = credentials.kept(desk.settings.home).get(desk.hospital_id)
    if found is None:
        raise Stop(
            f"No key of {desk.hospital_id} is kept here.",
            "Give one with --key or NAAST_KEY, or make one: "
            f"naast keys create --hospital {desk.hospital_id} --role coordinator --keep",
        )
    return found


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
async def connect(desk: Desk) -> AsyncIterator[Client]:
    """A client of the deployment of NAAST_URL, of the house that runs on this machine, or of one opened for now."""
    settings, key = desk.settings, key_of(desk)
    where = settings.url or await running_at(settings.home)
    if where is None and settings.amqp_url is not None:
        raise Stop("This deployment has a bus, so its services run elsewhere.", "Say where: NAAST_URL=http://…", AWAY)
    if where is not None:
        async with httpx.AsyncClient(timeout=_PATIENCE) as http:
            client = Client(desk, key, http, where)
            await client.introduce()
            yield client
        return
    async with _opened(desk, key) as client:
        await client.introduce()
        yield client


async def running_at(home: Path) -> str | None:
    """Where the house of this machine answers, if it runs."""
    with contextlib.suppress(OSError, httpx.TransportError):
        where = (home / "url").read_text(encoding="utf-8").strip()
        async with httpx.AsyncClient(timeout=5) as http:
            if (await http.get(f"{where}/health/live")).is_success:
                return where
    return None


@asynccontextmanager
async def _opened(desk: Desk, key: str) -> AsyncIterator[Client]:
    """The embedded house, opened for one command; it works until nothing is due, and its clocks stand still after."""
    from services.house import open_house
    from shared import log

    log.set_up("CRITICAL")
    async with open_house(desk.settings) as house:
        try:
            yield Client(desk, key, house.client, str(house.client.base_url), house)
        finally:
            await house.settle()
            waiting = await house.waiting()
            if waiting:
                desk.say(desk.words("talk.clocks_wait", n=waiting))
