"""The HTTP server: uvicorn, with an end to its patience and to how many it serves at once.

Whoever connects is let in. Where there are too many, one is closed: of the address that has most of those on which
nothing happens, the one that has said nothing for longest. Who sends a whole request is answered, however many do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.settings import Settings

#: Seconds in which the head of a request must arrive.
PATIENCE = 10.0
#: Connections at one moment; beyond that those go on which nothing happens. Of twice as many on which something does,
#: the next is told to come back.
MOST = 500
#: Files that the process may have open: many connections may come before the first of them can be closed.
_FILES = 4096


def server_of(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """A server for this guarded app, with the budgets of the settings. Signals are left to whoever runs it."""
    app.state.budgets.times = settings.budget
    _may_open_many_files()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Impatient,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.proxies,
        limit_concurrency=2 * MOST,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    return server


def _may_open_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Impatient(H11Protocol):
    """Closes a connection on which a request begins and its head does not come to an end."""

    _closing: asyncio.TimerHandle | None = None
    #: When it connected, or sent something last.
    _heard = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._wait()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_waited_for(self) -> bool:
        """Whether there is nothing to do before more is sent."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Impatient) and not one.transport.is_closing()]
        if len(others) <= MOST:
            return
        waiting = [one for one in others if one is not self and one._is_waited_for()]
        held = Counter(one.client and one.client[0] for one in waiting)
        worst = min(waiting, key=lambda one: (-held[one.client and one.client[0]], one._heard), default=None)
        if worst is not None:
            worst.transport.close()

    def _wait(self) -> None:
        if self._closing is None:
            self._closing = self.loop.call_later(PATIENCE, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
