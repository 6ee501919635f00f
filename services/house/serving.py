"""Services at work: their HTTP side, requests from one to another, and an end in good order."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import uvicorn
from fastapi import FastAPI

from shared.beside import give_way
from shared.http import again, clock, dead_letters, whoami
from shared.http.answers import an_app, ops_router, take_in
from shared.http.budgets import Budgets
from shared.http.gate import guard
from shared.service import Running, Service
from shared.settings import Settings


def make_app(pairs: list[tuple[Service, Running]], ready: Callable[[], Any]) -> FastAPI:
    """The HTTP side of these services."""
    # No pages on the API: those of FastAPI need no key and load scripts from elsewhere.
    app = an_app(
        title="naast",
        version="1",
        description="Peer support beside a colleague after a shocking event.",
        docs_url=None,
        redoc_url=None,
    )
    guard(app, pairs[0][1].access, pairs[0][1].knows, Budgets(pairs[0][1].metrics))
    take_in(app, ops_router(pairs, ready), whoami.router(pairs[0][1]))
    for service, running in pairs:
        take_in(app, service.router(running), dead_letters.router(running, service.refusals))
        take_in(app, clock.router(running), again.router(running))
    return app


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def spare_the_collector() -> None:
    """What was loaded until now stays: the collector need not go through it again, nor after every few messages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def until_stopped(stop: asyncio.Event, server: uvicorn.Server, work: Any) -> None:
    """Serves and works side by side; whichever ends first ends the other."""
    spare_the_collector()
    give_way()
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(work), asyncio.create_task(stop.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def forwarded(
    client: httpx.AsyncClient, method: str, url: str, token: str, body: Any, once: str
) -> tuple[int, dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": once} if once else {})
    try:
        response = await client.request(method, url, json=body, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return 503, {}, b""  # it never left
    except httpx.TransportError:
        return 504, {}, b""
    return response.status_code, dict(response.headers), response.content


def where(settings: Settings) -> str:
    """Where the services of this deployment answer."""
    return settings.url or settings.public_url
