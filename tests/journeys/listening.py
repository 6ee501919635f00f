"""Services that listen and do nothing: for what a terminal sends, and for how it tells what it hears."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

CASE = "c-7k3m9q2hzd"
REPORT = "r-7k3m9q2hzd4f"
BRAM = {"staff_id": "105", "person": "s-bram234567"}


def case(what: str) -> str:
    return f"cases/{CASE}/{what}"


class Services:
    """Services that keep what they are told, and answer what they were given to answer."""

    def __init__(self) -> None:
        self.me = {"role": "coordinator", "person": "s-eva2345678"}
        self.told: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {"staff": {"staff": [BRAM]}, "names": {"names": {}}}
        self.said: dict[str, Any] = {"said": []}

    async def get(self, path: str, **query: Any) -> Any:
        return self.answers[path]

    async def whole(self, path: str, name: str, **query: Any) -> Any:
        return await self.get(path, **query)

    async def post(self, path: str, body: Any = None) -> Any:
        self.told.append((path, body))
        return self.said

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Services]:
        """Stands where a command opens its way to the services."""
        yield self
