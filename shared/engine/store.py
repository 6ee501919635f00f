"""The engine's tables as the engine uses them, on either database: what it reads and locks at the beginning of a
transaction, and what it writes at its end.

Each method is one statement for all keys and rows, in the caller's transaction. What is rare is in `PendingRows`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import MetaData, Table, delete, func, select

from shared.db import Transaction
from shared.engine.pending import PendingRows, padded
from shared.engine.position import Position
from shared.engine.tables import BLANK, StateTable
from shared.engine.world import Key, Row, State
from shared.messages import counted, spelled

Rows = list[dict[str, Any]]


class Came(NamedTuple):
    """new: of the keys from outside those that were not received before, each with whether something died under it.
    positions: how far each subject was heard.
    """

    new: dict[str, bool]
    positions: dict[Key, Position]


class Found(NamedTuple):
    """early: what is parked of each subject, as JSON by number. rows: states. pools: the version of each pool. noted:
    which of the keys that were asked about are noted.
    """

    early: dict[Key, dict[int, str]]
    rows: dict[Key, Row]
    pools: dict[str, int]
    noted: set[str]


@dataclass
class Kept:
    """What one transaction writes. `view`: rows of a service's own table."""

    states: dict[Key, tuple[Mapping[str, int], State]] = field(default_factory=dict)
    empty: list[Key] = field(default_factory=list)
    pools: dict[str, int] = field(default_factory=dict)
    heard: dict[Key, Position] = field(default_factory=dict)
    parked: Rows = field(default_factory=list)
    unparked: list[tuple[Key, int]] = field(default_factory=list)
    released: set[str] = field(default_factory=set)
    risen: set[str] = field(default_factory=set)
    dead: Rows = field(default_factory=list)
    journal: Rows = field(default_factory=list)
    pending: Rows = field(default_factory=list)
    mentions: Rows = field(default_factory=list)
    view: Rows = field(default_factory=list)


class Store(PendingRows):
    """The statements of one service."""

    def __init__(self, metadata: MetaData, states: Sequence[StateTable], is_sqlite: bool, view: Table | None) -> None:
        super().__init__(metadata, is_sqlite)
        self.metadata = metadata
        self.states = {table.kind.__name__: table for table in states}
        self.view = view
        self._numbers = range(0)

    # -- at the beginning of a transaction --

    @abstractmethod
    async def come(
        self, c: Transaction, outside: Mapping[str, tuple[str, str]], subjects: Sequence[Key], at: datetime
    ) -> Came:
        """Notes keys from outside (key -> hospital, correlation); locks the positions of these (publisher, hospital,
        subject).
        """

    async def came_with(self, c: Transaction, key: str) -> str | None:
        """The correlation of what came from outside under this key; None for nothing."""
        rows = await c.rows("select correlation from received where key = $1", key)
        return str(rows[0][0]) if rows else None

    @abstractmethod
    async def look(
        self, c: Transaction, early: Sequence[Key], states: Sequence[Key], pools: Sequence[str], keys: Sequence[str]
    ) -> Found:
        """What is parked of these subjects, these states and then these hospitals' pools, made where they are missing
        and locked, in order of their keys; and which of these keys are noted.
        """

    @abstractmethod
    async def read_pool(self, c: Transaction, kind: str, hospital: str) -> dict[Key, Row]:
        """Every state of this kind in this hospital, in order of id."""

    @abstractmethod
    async def next_numbers(self, c: Transaction) -> range:
        """Journal numbers that nobody else gets, above all that were given in this process before."""

    async def reserve(self, c: Transaction, n: int) -> list[int]:
        """`n` journal numbers, rising. They are taken in blocks; gaps are harmless."""
        numbers: list[int] = []
        while len(numbers) < n:
            if not self._numbers:
                self._numbers = await self.next_numbers(c)
            taken = self._numbers[: n - len(numbers)]
            self._numbers = self._numbers[len(taken) :]
            numbers += taken
        return numbers

    # -- at its end --

    @abstractmethod
    async def keep(self, c: Transaction, kept: Kept) -> None:
        """Writes all of it."""

    # -- rare --

    async def bury(self, c: Transaction, rows: Rows) -> None:
        """Sets these aside; of what was set aside before the last reason stands."""
        await self.keep(c, Kept(dead=rows))

    async def is_erasing(self, c: Transaction) -> bool:
        """Whether something is to be forgotten and could not be yet."""
        return (await c.execute(select(self.t.erasing.c.subject).limit(1))).first() is not None

    async def count_dead(self, c: Transaction) -> tuple[int, int]:
        """How many dead letters there are, and of how many the content is kept."""
        t = self.t.dead_letter
        all, kept = (await c.execute(select(func.count(), func.count(t.c.event)).select_from(t))).one()
        return int(all), int(kept)

    async def unbury(self, c: Transaction, ids: Iterable[str]) -> set[str]:
        """Takes these dead letters away; gives the ids of those that were still there."""
        t, found = self.t.dead_letter, set[str]()
        for chunk in padded(sorted(ids)):
            found.update((await c.execute(delete(t).where(t.c.id.in_(chunk)).returning(t.c.id))).scalars())
        return found

    # -- rows and states --

    def _blank(self, key: Key) -> Row:
        return Row({}, self.states[key.kind].kind(hospital=key.hospital, id=key.id), blank=True)

    def _opened(self, key: Key, said: str, body: str) -> Row:
        return self._blank(key) if body == BLANK else Row(counted(said), self._kind(key).model_validate_json(body))

    def _kind(self, key: Key) -> type[State]:
        return self.states[key.kind].kind

    def _state_row(self, key: Key, said: Mapping[str, int], state: State) -> dict[str, Any]:
        body = state.model_dump_json(exclude_defaults=True)
        row = {"hospital": key.hospital, "id": key.id, "said": spelled(said), "state": body}
        return row | self.states[key.kind].columns(state)

    def _blank_row(self, kind: str) -> dict[str, Any]:
        """The columns of a row that is only made to be locked, but for its keys."""
        table = self.states[kind]
        return {"said": "", "state": BLANK, **table.columns(table.kind(hospital="", id=""))}


def by_kind(keys: Iterable[Key]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key in sorted(keys):
        found.setdefault(key.kind, []).append(key)
    return found
