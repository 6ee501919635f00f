"""The engine's SQL on SQLite, by the driver itself. Whoever writes has the whole file; nothing is made to be locked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, MetaData, Table
from sqlalchemy.types import Date

from shared.db import Transaction, UTCDateTime
from shared.engine.outcome import PendingRow
from shared.engine.position import Position
from shared.engine.store import Came, Found, Kept, Rows, Store
from shared.engine.tables import StateTable
from shared.engine.world import Key, Row
from shared.transaction import as_text

_BLOCK = 1000

NOTE = "insert into received (key, hospital, correlation, at) values (?, ?, ?, ?) on conflict do nothing"
DIED = "select exists (select 1 from dead_letter where id = ?)"
HEARD = "select sequence, passed from heard where publisher = ? and hospital = ? and subject = ?"
NOTED = "select 1 from received where key = ?"
EARLY = "select sequence, event from parked where publisher = ? and hospital = ? and subject = ?"
POOL = "select version from pool where hospital = ?"
NEWEST = "select coalesce(max(seq), 0) from journal"
UNPARK = "delete from parked where publisher = ? and hospital = ? and subject = ? and sequence = ?"
RELEASE = "delete from received where key = ?"
UNBURY = "delete from dead_letter where id = ?"
DUE = (
    "select pending.due_at, seq, event from pending left join journal using (seq)"
    " where pending.due_at <= ? and pending.due_at >= ? and destination = ? order by pending.due_at, seq limit ?"
)
HOLD = (
    "select due_at, seq from pending where due_at <= ? and due_at >= ? and destination = ? order by due_at, seq limit ?"
)
PUT_OFF = "update pending set due_at = ? where due_at = ? and seq = ? and destination = ?"
DONE = "delete from pending where due_at = ? and seq = ? and destination = ?"
NEXT = "select min(due_at) from pending where destination = ?"
EVENT = "select event from journal where seq = ?"


class SqliteStore(Store):
    """The statements of one service on SQLite."""

    def __init__(self, metadata: MetaData, states: Sequence[StateTable], is_sqlite: bool, view: Table | None) -> None:
        super().__init__(metadata, states, is_sqlite, view)
        t = self.t
        self._state = {
            n: f'select said, state from "{s.table.name}" where hospital = ? and id = ?' for n, s in self.states.items()
        }
        self._pool = {
            n: f'select id, said, state from "{s.table.name}" where hospital = ? order by id'
            for n, s in self.states.items()
        }
        self._save = {name: _Insert(state.table, ("hospital", "id")) for name, state in self.states.items()}
        self._heard = _Insert(t.heard, ("publisher", "hospital", "subject"))
        self._versions = _Insert(t.pool, ("hospital",))
        self._park = _Insert(t.parked, ())
        self._set_aside = _Insert(t.dead_letter, ("id",))
        self._journal, self._pending, self._mention = _Insert(t.journal), _Insert(t.pending), _Insert(t.mention)
        self._view = None if self.view is None else _Insert(self.view)

    async def come(
        self, c: Transaction, outside: Mapping[str, tuple[str, str]], subjects: Sequence[Key], at: datetime
    ) -> Came:
        new, now = dict[str, bool](), as_text(at)
        for key in sorted(outside):
            if c.driver.execute(NOTE, (key, *outside[key], now)).rowcount:
                new[key] = bool(c.driver.execute(DIED, (key,)).fetchone()[0])
        found = {key: c.driver.execute(HEARD, key).fetchone() for key in subjects}
        return Came(new, {key: Position.read(*row) if row else Position() for key, row in found.items()})

    async def look(
        self, c: Transaction, early: Sequence[Key], states: Sequence[Key], pools: Sequence[str], keys: Sequence[str]
    ) -> Found:
        parked = {key: dict(c.driver.execute(EARLY, key).fetchall()) for key in early}
        rows = {key: c.driver.execute(self._state[key.kind], key[1:]).fetchone() for key in states}
        versions = {name: c.driver.execute(POOL, (name,)).fetchone() for name in pools}
        return Found(
            {key: events for key, events in parked.items() if events},
            {key: self._opened(key, *row) if row else self._blank(key) for key, row in rows.items()},
            {name: row[0] if row else 0 for name, row in versions.items()},
            {key for key in keys if c.driver.execute(NOTED, (key,)).fetchone()},
        )

    async def read_pool(self, c: Transaction, kind: str, hospital: str) -> dict[Key, Row]:
        rows = c.driver.execute(self._pool[kind], (hospital,))
        return {(key := Key(kind, hospital, id)): self._opened(key, said, body) for id, said, body in rows}

    async def next_numbers(self, c: Transaction) -> range:
        first = max(self._numbers.stop, c.driver.execute(NEWEST).fetchone()[0] + 1)
        return range(first, first + _BLOCK)

    async def keep(self, c: Transaction, kept: Kept) -> None:
        rows: dict[str, Rows] = {}
        for key, (said, state) in kept.states.items():
            rows.setdefault(key.kind, []).append(self._state_row(key, said, state))
        for kind, changed in rows.items():
            self._save[kind].write(c, changed)
        self._versions.write(c, [{"hospital": name, "version": new} for name, new in kept.pools.items()])
        self._heard.write(c, [position.row(key) for key, position in kept.heard.items()])
        self._park.write(c, kept.parked)
        _each(c, UNPARK, [(*key, n) for key, n in kept.unparked])
        _each(c, RELEASE, [(key,) for key in kept.released])
        _each(c, UNBURY, [(id,) for id in kept.risen])
        self._set_aside.write(c, kept.dead)
        self._journal.write(c, kept.journal)
        self._pending.write(c, kept.pending)
        self._mention.write(c, kept.mentions)
        if self._view is not None:
            self._view.write(c, kept.view)

    async def claim(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int, str | None]]:
        rows = c.driver.execute(DUE, (as_text(now), as_text(since), destination, n)).fetchall()
        _each(c, DONE, [(due_at, seq, destination) for due_at, seq, _ in rows])
        return [(_moment(due_at), seq, event) for due_at, seq, event in rows]

    async def hold(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        rows = c.driver.execute(HOLD, (as_text(now), as_text(since), destination, n)).fetchall()
        return [(_moment(due_at), seq) for due_at, seq in rows]

    async def events(self, c: Transaction, seqs: Sequence[int]) -> dict[int, str]:
        rows = ((seq, c.driver.execute(EVENT, (seq,)).fetchone()) for seq in seqs)
        return {seq: row[0] for seq, row in rows if row}

    async def write_pending(self, c: Transaction, rows: Rows) -> None:
        self._pending.write(c, rows)

    async def put_off(self, c: Transaction, rows: Sequence[PendingRow], until: datetime) -> None:
        _each(c, PUT_OFF, [(as_text(until), as_text(due_at), seq, to) for due_at, seq, to in rows])

    async def next_due(self, c: Transaction, *destinations: str) -> datetime | None:
        found = [row[0] for to in destinations for row in c.driver.execute(NEXT, (to,)) if row[0] is not None]
        return _moment(min(found)) if found else None

    async def take_pending(self, c: Transaction, rows: Sequence[PendingRow]) -> set[int]:
        return {seq for at, seq, to in rows if c.driver.execute(DONE, (as_text(at), seq, to)).rowcount}


class _Insert:
    """Writes rows into a table. keys: by which rows are replaced; empty: a row that is there stays; None: none is."""

    def __init__(self, table: Table, keys: tuple[str, ...] | None = None) -> None:
        names = [column.name for column in table.columns if column is not table.autoincrement_column]
        self._values: list[tuple[str, Callable[[Any], Any]]] = [(name, _binder(table.c[name].type)) for name in names]
        self.sql = (
            f'insert into "{table.name}" ({", ".join(map(_quoted, names))}) values ({", ".join("?" * len(names))})'
        )
        if keys is not None:
            changes = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name not in keys)
            self.sql += (
                f" on conflict ({', '.join(keys)}) do update set {changes}" if keys else " on conflict do nothing"
            )

    def write(self, c: Transaction, rows: Iterable[Mapping[str, Any]]) -> None:
        values = self._values
        _each(c, self.sql, [tuple(bind(row[name]) for name, bind in values) for row in rows])


def _each(c: Transaction, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        c.driver.executemany(sql, rows)


def _binder(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, UTCDateTime):
        return lambda value: None if value is None else as_text(value)
    if isinstance(kind, Date):
        return lambda value: None if value is None else value.isoformat()
    return json.dumps if isinstance(kind, JSON) else lambda value: value


def _quoted(name: str) -> str:
    return f'"{name}"'


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
