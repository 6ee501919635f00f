"""One RabbitMQ and one PostgreSQL for a whole run, also where its tests run side by side in several processes.

The process that began the run starts a server once somebody asks for a place on it, and its workers ask over a socket.
A test that stops or kills a server has one of its own instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from typing import Protocol

from tests.servers import Server


class Places(Protocol):
    def fresh(self, kind: str) -> str:
        """The url of a place on a server of this kind that nobody has used. ServerMissing where none can be had."""


class Shared:
    """The servers, in the process that began the run."""

    def __init__(self, kinds: Mapping[str, Callable[[], Server]]) -> None:
        self._kinds = kinds
        self._lock = Lock()
        self._starting: dict[str, Future[Server]] = {}
        self._starters = ThreadPoolExecutor()

    def fresh(self, kind: str) -> str:
        server = self._started(kind).result()
        with self._lock:
            return server.fresh()

    @cached_property
    def counter(self) -> tuple[str, bytes]:
        """The address at which workers ask, and the word that lets them in."""
        word = secrets.token_bytes()
        listener = Listener(authkey=word)
        Thread(target=self._wait_at, args=(listener,), daemon=True).start()
        return str(listener.address), word

    def close(self) -> None:
        for starting in self._starting.values():
            with suppress(Exception):  # whoever asked was told why it did not start
                starting.result().close()
        self._starters.shutdown()

    def _started(self, kind: str) -> Future[Server]:
        with self._lock:
            if kind not in self._starting:
                self._starting[kind] = self._starters.submit(self._kinds[kind])
            return self._starting[kind]

    def _wait_at(self, listener: Listener) -> None:
        while True:
            Thread(target=self._answer, args=(listener.accept(),), daemon=True).start()

    def _answer(self, asking: Connection) -> None:
        with asking:
            try:
                asking.send(self.fresh(asking.recv()))
            except Exception as error:
                asking.send(error)


class Borrowed:
    """The same servers, in a worker."""

    def __init__(self, address: str, word: bytes) -> None:
        self._address, self._word = address, word

    def fresh(self, kind: str) -> str:
        with Client(self._address, authkey=self._word) as counter:
            counter.send(kind)
            answer = counter.recv()
        if isinstance(answer, Exception):
            raise answer
        return str(answer)
