"""The HTTP server: uvicorn, with an end to its patience and to how many it serves at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.settings import Settings

#: Seconds in which the head of a request must arrive.
PATIENCE = 10.0
#: Connections at one moment; whoever comes next is told to come back.
MOST = 500


def server_of(app: Any, settings: Settings) -> uvicorn.Server:
    """A server for this app. Signals are left to whoever runs it."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Impatient,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    return server


class Impatient(H11Protocol):
    """Closes a connection on which a request begins and its head does not come to an end."""

    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._closing is None:
            self._closing = self.loop.call_later(PATIENCE, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
