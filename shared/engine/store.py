"""Every statement on the engine's tables. SQLAlchemy Core, fixed statements, executemany."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    MetaData,
    Table,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.engine.pending import PendingRows, padded
from shared.engine.tables import BLANK, SUBJECT, StateTable
from shared.engine.world import Key, Row, State
from shared.messages import counted, spelled

_BLOCK = 1000


class Store(PendingRows):
    """The statements of one service. Every method is one statement (or one per 256 keys) inside the caller's
    transaction.
    """

    def __init__(self, metadata: MetaData, states: Sequence[StateTable], is_sqlite: bool) -> None:
        super().__init__(metadata, is_sqlite)
        self.metadata = metadata
        self.states = {table.kind.__name__: table for table in states}
        self._next, self._end = 0, 0
        locked = (self.t.heard, self.t.hospital, *(st.table for st in self.states.values()))
        self._room = {table: self._add(table, table.primary_key.columns.keys()) for table in locked}
        self._note = self.insert(self.t.received).on_conflict_do_nothing().returning(self.t.received.c.key, _DIED)
        self._park = self.insert(self.t.parked).on_conflict_do_nothing()
        self._bury = self._upsert(self.t.dead_letter, ("id",))
        self._save = {name: self._upsert(st.table, ("hospital", "id")) for name, st in self.states.items()}
        self._move = self._upsert(self.t.heard, SUBJECT)
        self._bump_pool = self._upsert(self.t.hospital, ("hospital",))
        self._lock_heard = _by_keys(self.t.heard, SUBJECT, ("sequence", "parked")).with_for_update()
        self._read_parked = _by_keys(self.t.parked, SUBJECT, ("sequence", "event"))
        self._lock_pool = _by_keys(self.t.hospital, ("hospital",), ("version",)).with_for_update()
        self._lock_states = {
            name: _by_keys(st.table, ("hospital", "id"), ("said", "state")).with_for_update()
            for name, st in self.states.items()
        }
        self._write_journal = insert(self.t.journal)

    # -- what came before --

    async def receive(self, c: AsyncConnection, keys: dict[str, str], batch: str, at: datetime) -> dict[str, bool]:
        """Notes these outside keys (key -> hospital) and returns those that are new, each with whether it died before;
        an old one was received before.
        """
        rows = [{"key": key, "hospital": keys[key], "batch": batch, "at": at} for key in sorted(keys)]
        return {key: died for chunk in padded(rows) for key, died in await c.execute(self._note, chunk)}

    async def release(self, c: AsyncConnection, keys: Iterable[str]) -> None:
        """Takes back the notes of these keys, on which nothing was decided after all."""
        t = self.t.received
        for chunk in padded(sorted(keys)):
            await c.execute(delete(t).where(t.c.key.in_(chunk)))

    async def lock_heard(self, c: AsyncConnection, subjects: Iterable[Key]) -> dict[Key, tuple[int, int]]:
        """Locks the positions of these (publisher, hospital, subject); gives the last sequence heard and how many are
        parked.
        """
        keys = sorted(subjects)
        blank = {tuple(key): _position_row(key, (0, 0)) for key in keys}
        rows = await self._lock(c, self._lock_heard, self.t.heard, blank)
        return dict.fromkeys(keys, (0, 0)) | {Key(p, h, s): (n, parked) for p, h, s, n, parked in rows}

    async def read_parked(self, c: AsyncConnection, subjects: Iterable[Key]) -> dict[Key, dict[int, str]]:
        """The early events of these subjects: sequence -> event JSON."""
        found: dict[Key, dict[int, str]] = {}
        for chunk in padded(sorted(subjects)):
            for p, h, s, n, event in await c.execute(self._read_parked, {"keys": chunk}):
                found.setdefault(Key(p, h, s), {})[n] = event
        return found

    async def lock_states(self, c: AsyncConnection, keys: Iterable[Key]) -> dict[Key, Row]:
        """Makes and locks the rows of these states, in key order."""
        found = dict(self._open(key, "", BLANK) for key in keys)
        for name, wanted in _by_kind(found).items():
            blank = {(key.hospital, key.id): self._row(key, *found[key][:2], BLANK) for key in wanted}
            rows = await self._lock(c, self._lock_states[name], self.states[name].table, blank)
            found.update(self._open(Key(name, h, i), said, body) for h, i, said, body in rows)
        return found

    async def lock_pool(self, c: AsyncConnection, hospitals: Iterable[str]) -> dict[str, int]:
        """Locks these hospitals' pools, in order; gives the version of each, which changes with every change of the
        pool.
        """
        names = sorted(hospitals)
        blank = {(name,): {"hospital": name, "version": 0} for name in names}
        return dict.fromkeys(names, 0) | dict(await self._lock(c, self._lock_pool, self.t.hospital, blank))

    async def read_pool(self, c: AsyncConnection, kind: str, hospital: str) -> dict[Key, Row]:
        """Every state of this kind in this hospital, in order of id."""
        t = self.states[kind].table
        query = select(t.c.id, t.c.said, t.c.state).where(t.c.hospital == hospital).order_by(t.c.id)
        return dict(self._open(Key(kind, hospital, id), said, body) for id, said, body in await c.execute(query))

    # -- what comes after --

    async def save_states(self, c: AsyncConnection, states: dict[Key, tuple[Mapping[str, int], State]]) -> None:
        for name, keys in _by_kind(states).items():
            rows = [self._row(key, *states[key], states[key][1].model_dump_json(exclude_defaults=True)) for key in keys]
            await c.execute(self._save[name], rows)

    async def drop_states(self, c: AsyncConnection, keys: Iterable[Key]) -> None:
        """Takes away rows that were made to be locked and that nothing was written into."""
        if self.is_sqlite:
            return
        for name, found in _by_kind(keys).items():
            t = self.states[name].table
            gone = delete(t).where(t.c.hospital == bindparam("k_hospital"), t.c.id == bindparam("k_id"))
            await c.execute(gone, [{"k_hospital": key.hospital, "k_id": key.id} for key in found])

    async def bump_pool(self, c: AsyncConnection, versions: dict[str, int]) -> None:
        await c.execute(self._bump_pool, [{"hospital": name, "version": new} for name, new in versions.items()])

    async def move_heard(self, c: AsyncConnection, positions: dict[Key, tuple[int, int]]) -> None:
        await c.execute(self._move, [_position_row(key, now) for key, now in sorted(positions.items())])

    async def park(self, c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        await c.execute(self._park, rows)

    async def unpark(self, c: AsyncConnection, keys: Iterable[tuple[Key, int]]) -> None:
        t = self.t.parked
        gone = delete(t).where(
            t.c.publisher == bindparam("p"),
            t.c.hospital == bindparam("h"),
            t.c.subject == bindparam("s"),
            t.c.sequence == bindparam("n"),
        )
        await c.execute(gone, [{"p": key.kind, "h": key.hospital, "s": key.id, "n": n} for key, n in keys])

    async def bury(self, c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        """Sets these aside; of what was set aside before the last reason stands."""
        await c.execute(self._bury, sorted(rows, key=lambda row: str(row["id"])))

    async def unbury(self, c: AsyncConnection, ids: Iterable[str]) -> set[str]:
        """Takes these dead letters away; gives the ids of those that were still there."""
        t, found = self.t.dead_letter, set[str]()
        for chunk in padded(sorted(ids)):
            found.update((await c.execute(delete(t).where(t.c.id.in_(chunk)).returning(t.c.id))).scalars())
        return found

    async def write_journal(self, c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        await c.execute(self._write_journal, rows)

    async def note_mentions(self, c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        await c.execute(insert(self.t.mention), rows)

    async def reserve(self, c: AsyncConnection, n: int) -> list[int]:
        """`n` journal numbers that nobody else gets, rising. They are taken in blocks; gaps are harmless."""
        numbers: list[int] = []
        while len(numbers) < n:
            if self._next == self._end:
                self._next, self._end = await self._next_block(c)
            taken = range(self._next, min(self._next + n - len(numbers), self._end))
            numbers += taken
            self._next = taken.stop
        return numbers

    async def _next_block(self, c: AsyncConnection) -> tuple[int, int]:
        if self.is_sqlite:  # one process at a time writes here
            first = max(
                self._end, int((await c.execute(text("select coalesce(max(seq), 0) from journal"))).scalar_one()) + 1
            )
        else:
            first = int((await c.execute(text("select nextval('journal_block')"))).scalar_one()) * _BLOCK
        return first, first + _BLOCK

    def _open(self, key: Key, said: str, body: str) -> tuple[Key, Row]:
        kind = self.states[key.kind].kind
        if body == BLANK:
            return key, Row(counted(said), kind(hospital=key.hospital, id=key.id), blank=True)
        return key, Row(counted(said), kind.model_validate_json(body))

    def _row(self, key: Key, said: Mapping[str, int], state: State, body: str) -> dict[str, Any]:
        columns = self.states[key.kind].columns(state)
        return {"hospital": key.hospital, "id": key.id, "said": spelled(said), "state": body, **columns}

    async def _lock(
        self, c: AsyncConnection, query: Any, table: Table, blank: Mapping[Any, dict[str, Any]]
    ) -> list[Any]:
        """The rows with these keys, locked. Those that are missing are made, and are not among the rows that it gives.

        Most are there, so they are looked for first; what somebody else makes at this moment is waited for. SQLite has
        locked everything already, and needs no rows for it.
        """
        found = await _rows(c, query, list(blank))
        missing = blank.keys() - {tuple(row)[: len(next(iter(blank)))] for row in found}
        if self.is_sqlite or not missing:
            return found
        chunks = padded([blank[key] for key in sorted(missing)])
        made = {tuple(row) for chunk in chunks for row in await c.execute(self._room[table], chunk)}
        return found + await _rows(c, query, sorted(missing - made))

    def _add(self, table: Table, keys: Sequence[str]) -> Any:
        """Adds rows where they are missing, and gives the keys of those."""
        return self.insert(table).on_conflict_do_nothing().returning(*(table.c[key] for key in keys))

    def _upsert(self, table: Table, keys: tuple[str, ...]) -> Any:
        statement = self.insert(table)
        values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=values)


#: Whether there is a dead letter of what is being received: told with the note itself, so that it costs no statement.
_DIED = literal_column("exists(select 1 from dead_letter where dead_letter.id = received.key)", Boolean)


def _by_keys(table: Table, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    """Rows by their keys, in order of key, so that locks are taken in that order."""
    named = [table.c[key] for key in keys]
    query = select(*named, *(table.c[column] for column in columns))
    return query.where(tuple_(*named).in_(bindparam("keys", expanding=True))).order_by(*named)


async def _rows(c: AsyncConnection, query: Any, keys: Sequence[tuple[str, ...]]) -> list[Any]:
    return [row for chunk in padded(keys) for row in await c.execute(query, {"keys": chunk})]


def _position_row(key: Key, position: tuple[int, int]) -> dict[str, Any]:
    sequence, parked = position
    return {"publisher": key.kind, "hospital": key.hospital, "subject": key.id, "sequence": sequence, "parked": parked}


def _by_kind(keys: Iterable[Key]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key in sorted(keys):
        found.setdefault(key.kind, []).append(key)
    return found
