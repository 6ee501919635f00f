"""What a service gives to whoever runs it, and what it gets while it runs."""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.bus.letters import Carrier
from shared.clock import Clock
from shared.db import Database
from shared.engine.engine import After, Engine, Forget
from shared.engine.tables import StateTable, View
from shared.engine.world import Protocol
from shared.hospital import Hospital, Hospitals
from shared.http.access import Access
from shared.ids import Mint
from shared.metrics import Metrics
from shared.settings import Settings

#: (method, path, token, json body, Idempotency-Key) -> (status, headers, body): a request to whichever service owns the
#: path. 503: it was not done; with any other 5xx nobody knows whether it was.
Forward = Callable[[str, str, str, Any, str], Awaitable[tuple[int, dict[str, str], bytes]]]


class Door(typing.Protocol):
    """Takes what comes from outside for a hospital; doomed: why it is set aside instead. Raises only what will pass."""

    async def __call__(self, hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None: ...


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


@dataclass(frozen=True)
class Service:
    """A service as it is declared in its app.py.

    view: what it shows of what it takes and says. forget: lets go of what the service keeps elsewhere about an
    erased subject, in that transaction too. after: does elsewhere what follows from what was taken. carrier: sends
    letters. gauges: brings the gauges of a hospital up to date before a scrape. door: takes what comes over the bus
    from outside the house.
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

    @property
    def name(self) -> str:
        return self.protocol.name
