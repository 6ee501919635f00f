"""Nobody's bytes are read before it is known whose they are, and nobody's without an end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI, Request

from shared.clock import WallClock
from shared.db import Database, create_schema
from shared.http import access, gate, server
from shared.http.answers import Holder
from shared.http.gate import guard
from shared.http.server import server_of
from shared.http.terms import SMALL, by_link, lets, open_to_all
from shared.settings import Settings
from tests.servers.host import free_ports

LARGE = 4 * SMALL


@dataclass
class Gated:
    """An app behind the gate, and what its handlers were given."""

    app: FastAPI
    key: str
    link: str
    port: int
    read: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    async def say(self, head: str, *parts: bytes) -> bytes:
        """Sends a head and parts of a body over a socket as long as somebody listens; gives what came back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), timeout=20)
        finally:
            writer.close()


@pytest.fixture
async def gated(tmp_path: Path) -> AsyncIterator[Gated]:
    database = Database(f"sqlite:///{tmp_path / 'access.sqlite'}", "access")
    await create_schema(database, access.metadata)
    keys = access.Access(database, WallClock())
    [port] = free_ports(1)
    key, link = await keys.make_key("example", "feed"), await keys.make_link("example", "colleague", "p-1", "c-1")
    gated = Gated(FastAPI(), key, link, port)
    _add_routes(gated)
    guard(gated.app, keys, {"example"}.__contains__)
    async with _served(gated):
        yield gated
    await database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(gate, "PATIENCE", 0.2)
    monkeypatch.setattr(server, "PATIENCE", 0.2)


def _add_routes(gated: Gated) -> None:
    app = gated.app

    @app.post("/v1/told")
    @lets("feed")
    async def told(request: Request, who: Holder, body: dict[str, Any]) -> dict[str, Any]:
        gated.read.append(await request.body())
        return {"role": who.role}

    @app.post("/v1/large")
    @lets("feed", most=LARGE)
    async def large(request: Request) -> int:
        gated.read.append(await request.body())
        return len(gated.read[-1])

    @app.get("/v1/told")
    @open_to_all
    async def anybody() -> str:
        return "open"

    @app.post("/l/{token}/press")
    @by_link
    async def press(request: Request, who: Holder) -> str:
        gated.read.append(await request.body())
        return who.case if who else "nobody"


@asynccontextmanager
async def _served(gated: Gated) -> AsyncIterator[None]:
    running = server_of(gated.app, Settings(port=gated.port))
    task = asyncio.create_task(running.serve())
    async with asyncio.timeout(30):
        while not running.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
    yield
    running.should_exit = True
    await task


def post(path: str, key: str, **headers: object) -> str:
    given = {
        "host": "naast",
        "content-type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    given |= {"authorization": f"Bearer {key}"} if key else {}
    return "\n".join([f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())])


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


# -- who


async def test_with_a_key_a_request_is_taken_and_its_holder_is_known(gated: Gated) -> None:
    answer = await gated.say(post("/v1/told", gated.key, content_length=8, connection="close"), b'{"a": 1}')
    assert (status(answer), gated.read) == (200, [b'{"a": 1}'])
    assert b'{"role":"feed"}' in answer


@pytest.mark.parametrize("key", ["", "naast_of_nobody"])
async def test_without_a_good_key_no_byte_is_waited_for(gated: Gated, key: str) -> None:
    answer = await gated.say(post("/v1/told", key, content_length=4 * 2**30))
    assert (status(answer), gated.read) == (401, [])
    assert b"no_key" in answer


async def test_a_path_may_be_open_for_one_method_and_closed_for_another(gated: Gated) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gated.port}") as client:
        seen = [
            (await client.request(method, "/v1/told", json={}, headers=key)).status_code
            for method in ("GET", "HEAD", "POST", "PUT")
            for key in ({}, gated.headers)
        ]
    assert seen == [200, 200, 405, 405, 401, 200, 401, 405]


async def test_a_path_that_is_nobodys_needs_a_key_too(gated: Gated) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gated.port}") as client:
        assert [(await client.post("/v2/none", headers=key)).status_code for key in ({}, gated.headers)] == [401, 404]


async def test_of_a_link_that_is_not_known_nothing_is_read(gated: Gated) -> None:
    known = await gated.say(post(f"/l/{gated.link}/press", "", content_length=3, connection="close"), b"a=1")
    unknown = await gated.say(post("/l/another/press", "", content_length=4 * 2**30, connection="close"))
    assert (b"c-1" in known, b"nobody" in unknown, gated.read) == (True, True, [b"a=1", b""])


# -- how much


@pytest.mark.parametrize(("path", "most"), [("/v1/told", SMALL), ("/v1/large", LARGE)])
async def test_what_announces_too_much_is_refused_at_once(gated: Gated, path: str, most: int) -> None:
    answer = await gated.say(post(path, gated.key, content_length=most + 1))
    assert (status(answer), gated.read) == (413, [])
    assert str(most).encode() in answer


async def test_a_route_takes_what_it_says_that_it_takes(gated: Gated) -> None:
    answer = await gated.say(post("/v1/large", gated.key, content_length=LARGE, connection="close"), b"x" * LARGE)
    assert (status(answer), len(gated.read[0])) == (200, LARGE)


CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


async def test_what_does_not_say_how_much_it_is_is_read_up_to_the_limit(gated: Gated) -> None:
    head = post("/v1/large", gated.key, transfer_encoding="chunked", connection="close")
    answers = [await gated.say(head, *[CHUNK] * n, b"0\r\n\r\n") for n in (LARGE // SMALL, LARGE // SMALL + 1)]
    assert ([status(answer) for answer in answers], [len(body) for body in gated.read]) == ([200, 413], [LARGE])


async def test_what_has_no_end_takes_no_more_memory_than_the_limit(gated: Gated) -> None:
    tracemalloc.start()
    with contextlib.suppress(ConnectionError):
        await gated.say(post("/v1/large", gated.key, transfer_encoding="chunked"), *[CHUNK] * 500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert gated.read == []
    assert peak < 8 * LARGE < 500 * len(CHUNK)


async def test_what_is_packed_is_not_unpacked(gated: Gated) -> None:
    answer = await gated.say(post("/v1/told", gated.key, content_length=9, content_encoding="gzip"), b"123456789")
    assert (status(answer), gated.read) == (415, [])


async def test_what_is_nested_without_end_is_refused(gated: Gated) -> None:
    body = b"[" * 30_000 + b"]" * 30_000
    answer = await gated.say(post("/v1/told", gated.key, content_length=len(body), connection="close"), body)
    assert (status(answer) in (400, 422), gated.read) == (True, [])


# -- how long


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_does_not_come_is_not_waited_for(gated: Gated) -> None:
    answer = await gated.say(post("/v1/told", gated.key, content_length=8), b"{")
    assert (status(answer), gated.read) == (408, [])
    assert b"too_slow" in answer


async def test_half_a_body_is_no_body(gated: Gated) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", gated.port)
    writer.write((post("/v1/large", gated.key, content_length=8) + "\n\n").replace("\n", "\r\n").encode() + b"1234")
    writer.close()
    whole = await gated.say(post("/v1/large", gated.key, content_length=2, connection="close"), b"12")
    assert (status(whole), gated.read) == (200, [b"12"])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"POST /v1/told HTTP/1.1\r\nhost: naa"])
async def test_a_head_that_does_not_come_is_not_waited_for(gated: Gated, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gated.port)
    writer.write(sent)
    assert await asyncio.wait_for(reader.read(), timeout=20) == b""
    writer.close()


async def test_a_second_request_on_a_connection_has_as_much_time(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gated.port)
    for _ in range(2):
        writer.write((post("/v1/told", gated.key, content_length=2) + "\n\n").replace("\n", "\r\n").encode() + b"{}")
        head = await reader.readuntil(b"\r\n\r\n")
        assert status(head) == 200
        await reader.readexactly(len(json.dumps({"role": "feed"}).replace(" ", "")))
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    writer.write(b"POST /v1/told HT")
    assert await asyncio.wait_for(reader.read(), timeout=20) == b""
    writer.close()
