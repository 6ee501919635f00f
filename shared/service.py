"""What a service gives to whoever runs it, and what it gets while it runs."""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.bus.letters import Carrier
from shared.clock import Clock
from shared.db import Database
from shared.engine.elsewhere import After, Forget
from shared.engine.engine import Engine
from shared.engine.tables import StateTable, View
from shared.engine.world import Protocol
from shared.hospital import Hospital, Hospitals, NotInForce
from shared.http.access import Access
from shared.ids import Mint
from shared.metrics import Metrics
from shared.settings import Settings
from shared.sweep import Shelf

#: (method, path, token, json body, Idempotency-Key) -> (status, headers, body): a request to whichever service owns the
#: path. 503: it was not done; with any other 5xx nobody knows whether it was.
Forward = Callable[[str, str, str, Any, str], Awaitable[tuple[int, dict[str, str], bytes]]]


class Door(typing.Protocol):
    """Takes what comes from outside. whose: the hospital; after a point, the one system of it that may hand in. doomed:
    why it is set aside instead. Raises only what will pass.
    """

    async def __call__(self, whose: str, body: bytes, headers: Mapping[str, str], doomed: str = "", /) -> None: ...


class Refusals(typing.Protocol):
    """What a service refused at its doors and does not keep. hospital: whose, or None for all."""

    async def listed(self, hospital: str | None, limit: int) -> list[dict[str, Any]]:
        """The latest: id, hospital, source, type, subject, reason, at, trace, kept."""

    async def one(self, hospital: str | None, id: str) -> dict[str, Any] | None:
        """One of them; None when there is no such thing."""

    async def drop(self, hospital: str | None, id: str) -> bool:
        """Lets go of one; False when there is no such thing."""

    async def count(self) -> int: ...


@dataclass
class Running:
    """A service that runs. `tools` holds what an edge was given, for example where letters go."""

    name: str
    engine: Engine
    database: Database
    clock: Clock
    mint: Mint
    hospitals: Hospitals
    access: Access
    settings: Settings
    secret: str
    metrics: Metrics
    forward: Forward
    tools: dict[str, Any] = field(default_factory=dict)
    #: Those before it, the newest first; what they have named keeps its name.
    old_secrets: tuple[str, ...] = ()

    def hospital(self, id: str) -> Hospital:
        """The settings of a hospital. Raises KeyError when there is none, and NotInForce when they cannot be used."""
        return self.hospitals[id]

    def knows(self, id: str) -> bool:
        """Whether there is such a hospital; also one whose settings cannot be used now."""
        try:
            self.hospitals[id]
        except NotInForce:
            return True
        except KeyError:
            return False
        return True


@dataclass(frozen=True)
class Service:
    """A service as it is declared in its app.py.

    view: what it shows of what it takes and says. forget: lets go of what the service keeps elsewhere about an
    erased subject, in that transaction too. after: does elsewhere what follows from what was taken. carrier: sends
    letters. gauges: brings the gauges of a hospital up to date before a scrape. door: takes what comes over the bus
    from outside the house. refusals: what was refused at its doors. shelves: which of its own tables are swept, and
    when a row of them is over.
    """

    protocol: Protocol
    metadata: MetaData
    states: tuple[StateTable, ...]
    router: Callable[[Running], APIRouter]
    view: View | None = None
    forget: Callable[[Running], Forget] | None = None
    after: Callable[[Running], After] | None = None
    carrier: Callable[[Running], Carrier] | None = None
    gauges: Callable[[Running, str], Awaitable[None]] | None = None
    door: Callable[[Running], Door] | None = None
    refusals: Callable[[Running], Refusals] | None = None
    shelves: Callable[[Running], Sequence[Shelf]] | None = None

    @property
    def name(self) -> str:
        return self.protocol.name
