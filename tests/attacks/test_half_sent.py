"""Whoever opens connections and sends nothing, or half of something, keeps nobody from being answered."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.http import server
from shared.http.terms import lets
from tests.engine.test_gate import Gated, gated

__all__ = ["gated"]

MOST, MANY = 50, 300
HALVES = {"nothing": b"", "half a head": b"POST /v1/told HTTP/1.1\r\nhost: naa"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST", MOST)


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def half_sent(gated: Gated, sent: bytes, count: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    found = [await asyncio.open_connection("127.0.0.1", gated.port) for _ in range(count)]
    for _, writer in found:
        writer.write(sent)
    return found


def half_a_body(gated: Gated) -> bytes:
    head = (
        f"POST /v1/large HTTP/1.1\r\nhost: naast\r\nauthorization: Bearer {gated.key}\r\ncontent-length: 9\r\n\r\n1234"
    )
    return head.encode()


@pytest.mark.parametrize("what", [*HALVES, "half a body"])
async def test_among_many_requests_that_are_half_sent_a_whole_one_is_answered(gated: Gated, what: str) -> None:
    halves = await half_sent(gated, HALVES.get(what, half_a_body(gated)), MANY)
    answer = await gated.say("GET /v1/told HTTP/1.1\nhost: naast\nconnection: close")
    assert answer.startswith(b"HTTP/1.1 200")
    left = [writer for reader, writer in halves if not reader.at_eof()]
    assert len(left) <= MOST
    for _, writer in halves:
        writer.close()


async def test_whoever_is_being_answered_is_not_sent_away_for_those_who_wait(gated: Gated) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @gated.app.get("/v1/slow")
    @lets("feed")
    async def slow() -> str:
        begun.set()
        await go_on.wait()
        return "done"

    asked = asyncio.create_task(
        gated.say(f"GET /v1/slow HTTP/1.1\nhost: naast\nauthorization: Bearer {gated.key}\nconnection: close")
    )
    await begun.wait()
    halves = await half_sent(gated, HALVES["half a head"], 2 * MOST)
    go_on.set()
    assert b"done" in await asked
    for _, writer in halves:
        writer.close()


def test_a_server_may_have_more_files_open_than_it_lets_in(limits: tuple[int, int], tmp_path: Path) -> None:
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    server._may_open_many_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(4096, hard)
