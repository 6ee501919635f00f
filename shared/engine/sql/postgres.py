"""The engine's SQL on PostgreSQL, by the driver itself: rows travel as arrays, one for each column.

A transaction is BEGIN, what comes, what it touches, what it writes, COMMIT: five messages to and fro, however many
events it takes. A row is made where it is missing, locked and read in one statement. What is read in a statement is as
it was when the statement began, but for locked rows; so a row that somebody else made meanwhile is looked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, Table

from shared.db import Transaction
from shared.engine.outcome import PendingRow
from shared.engine.position import Position
from shared.engine.sql.pieces import Insert, Part, changing, columns_of, literal, selecting
from shared.engine.store import Came, Found, Kept, Rows, Store, by_kind
from shared.engine.tables import StateTable
from shared.engine.world import Key, Row

_BLOCK = 1000

#: Keys from outside are noted; told is which are new, and whether something died under them before.
NOTE = """
new as (insert into received (key, hospital, correlation, at)
  select k, h, c, {3}::timestamptz from unnest({0}::text[], {1}::text[], {2}::text[]) as u (k, h, c)
  on conflict do nothing returning key)"""
NEW = """
select 'new', key, '', '', exists (select 1 from dead_letter where id = new.key)::int::bigint, '' from new"""

#: Positions are made and locked, in order of their keys.
MAKE_HEARD = """
made_heard as (insert into heard (publisher, hospital, subject, sequence, passed)
  select p, h, s, 0, '' from unnest({0}::text[], {1}::text[], {2}::text[]) as u (p, h, s)
  on conflict do nothing returning publisher, hospital, subject)"""
HEARD = """
select 'heard', publisher, hospital, subject, 0::bigint, '' from made_heard union all
select 'heard', publisher, hospital, subject, sequence::bigint, passed from (
  select heard.* from heard join unnest({0}::text[], {1}::text[], {2}::text[]) as u (p, h, s)
    on (publisher, hospital, subject) = (p, h, s)
    order by publisher, hospital, subject for update of heard) as locked"""

NOTED = """
select 'noted', key, '', '', 0::bigint, '' from received where key = any({0}::text[])"""

EARLY = """
select 'early', publisher, hospital, subject, sequence::bigint, event from parked
  join unnest({0}::text[], {1}::text[], {2}::text[]) as u (p, h, s) on (publisher, hospital, subject) = (p, h, s)"""

MAKE_STATE = """
made_{kind} as (insert into "{table}" (hospital, id, {columns})
  select h, i, {values} from unnest({{0}}::text[], {{1}}::text[]) as u (h, i)
  on conflict do nothing returning hospital, id)"""
STATE = """
select '{kind}', hospital, id, '', 0::bigint, '{{{{}}}}' from made_{kind} union all
select '{kind}', hospital, id, said, 0::bigint, state from (
  select s.hospital, s.id, s.said, s.state from "{table}" as s
    join unnest({{0}}::text[], {{1}}::text[]) as u (h, i) on (s.hospital, s.id) = (h, i)
    order by s.hospital, s.id for update of s) as locked_{kind}"""

MAKE_POOL = """
made_pool as (insert into pool (hospital, version) select h, 0 from unnest({0}::text[]) as u (h)
  on conflict do nothing returning hospital)"""
POOL = """
select 'pool', hospital, '', '', 0::bigint, '' from made_pool union all
select 'pool', hospital, '', '', version::bigint, '' from (
  select pool.* from pool join unnest({0}::text[]) as u (h) on hospital = h
    order by hospital for update of pool) as locked_pool"""

UNPARK = """
delete from parked using unnest({0}::text[], {1}::text[], {2}::text[], {3}::int[]) as u (p, h, s, n)
  where (publisher, hospital, subject, sequence) = (p, h, s, n)"""
RELEASE = "delete from received where key = any({0}::text[])"
UNBURY = "delete from dead_letter where id = any({0}::text[])"
DROP = """
delete from "{table}" as s using unnest({{0}}::text[], {{1}}::text[]) as u (h, i) where (s.hospital, s.id) = (h, i)"""

NUMBERS = "select nextval('journal_block')"
CLAIM = """
with due as (delete from pending where ctid = any (array (select ctid from pending
  where due_at <= $1 and due_at >= $2 and destination = $3 order by due_at, seq limit $4 for update skip locked))
  returning due_at, seq)
select due.due_at, due.seq, journal.event from due left join journal using (seq)"""
HOLD = """
select due_at, seq from pending where due_at <= $1 and due_at >= $2 and destination = $3
order by due_at, seq limit $4 for update skip locked"""
NEXT = "select min(due_at) from pending where destination = any ($1::text[])"
EVENTS = "select seq, event from journal where seq = any ($1::bigint[])"
PUT_OFF = """
update pending set due_at = $4 from unnest($1::timestamptz[], $2::bigint[], $3::text[]) as u (at, n, who)
where (due_at, seq, destination) = (at, n, who)"""
DONE = """
delete from pending using unnest($1::timestamptz[], $2::bigint[], $3::text[]) as u (at, n, who)
where (due_at, seq, destination) = (at, n, who) returning seq"""


class PostgresStore(Store):
    """The statements of one service on PostgreSQL."""

    def __init__(self, metadata: MetaData, states: Sequence[StateTable], is_sqlite: bool, view: Table | None) -> None:
        super().__init__(metadata, states, is_sqlite, view)
        t = self.t
        self._composed: dict[tuple[str, ...], str] = {}
        self._note = Part("note", NOTE, 4, NEW)
        self._heard = Part("heard", MAKE_HEARD, 3, HEARD)
        self._noted = Part("noted", "", 1, NOTED)
        self._early = Part("early", "", 3, EARLY)
        self._make_pool = Part("pool", MAKE_POOL, 1, POOL)
        self._state = {name: self._state_part(name) for name in self.states}
        self._save = {
            name: Insert(f"save_{name}", state.table, ("hospital", "id")) for name, state in self.states.items()
        }
        self._drop = {
            name: Part(f"drop_{name}", DROP.format(table=state.table.name), 2) for name, state in self.states.items()
        }
        self._move = Insert("move", t.heard, ("publisher", "hospital", "subject"))
        self._versions = Insert("versions", t.pool, ("hospital",))
        self._park = Insert("park", t.parked, ())
        self._unpark = Part("unpark", UNPARK, 4)
        self._release, self._unbury_all = Part("release", RELEASE, 1), Part("unbury", UNBURY, 1)
        self._set_aside = Insert("set_aside", t.dead_letter, ("id",))
        self._journal = Insert("journal", t.journal)
        self._pending, self._mention = Insert("pending", t.pending), Insert("mention", t.mention)
        self._view = None if self.view is None else Insert("view", self.view)

    def _state_part(self, name: str) -> Part:
        table, blank = self.states[name].table.name, self._blank_row(name)
        words = {"kind": name.lower(), "table": table}
        columns, values = ", ".join(f'"{column}"' for column in blank), ", ".join(map(literal, blank.values()))
        values = values.replace("{", "{{").replace("}", "}}")
        make = MAKE_STATE.format(**words, columns=columns, values=values)
        return Part(name, make, 2, STATE.format(**words))

    async def come(
        self, c: Transaction, outside: Mapping[str, tuple[str, str]], subjects: Sequence[Key], at: datetime
    ) -> Came:
        new, positions = dict[str, bool](), dict[Key, Position]()
        parts: list[tuple[Part, Sequence[Any]]] = []
        if outside:
            keys = sorted(outside)
            parts.append((self._note, (keys, *map(list, zip(*(outside[key] for key in keys), strict=True)), at)))
        missing = sorted(subjects)
        while parts or missing:
            if missing:
                parts.append((self._heard, columns_of(missing)))
            for part, a, b, s, n, body in await self._select(c, parts):
                if part == "new":
                    new[a] = bool(n)
                else:
                    positions[Key(a, b, s)] = Position.read(n, body)
            parts, missing = [], [key for key in missing if key not in positions]
        return Came(new, positions)

    async def look(
        self, c: Transaction, early: Sequence[Key], states: Sequence[Key], pools: Sequence[str], keys: Sequence[str]
    ) -> Found:
        found = Found({}, {}, {}, set())
        kinds, names = by_kind(states), sorted(pools)
        parts: list[tuple[Part, Sequence[Any]]] = [(self._early, columns_of(sorted(early)))] if early else []
        parts += [(self._noted, (sorted(keys),))] if keys else []
        while parts or kinds or names:
            parts += [(self._state[kind], columns_of([key[1:] for key in keys])) for kind, keys in kinds.items()]
            parts += [(self._make_pool, (names,))] if names else []
            self._sort(await self._select(c, parts), kinds, found)
            parts, names = [], [name for name in names if name not in found.pools]
            kinds = by_kind(key for keys in kinds.values() for key in keys if key not in found.rows)
        return found

    def _sort(self, rows: Sequence[Any], kinds: Mapping[str, object], found: Found) -> None:
        by_part = {kind.lower(): kind for kind in kinds}
        for part, a, b, s, n, body in rows:
            if part == "early":
                found.early.setdefault(Key(a, b, s), {})[n] = body
            elif part == "noted":
                found.noted.add(a)
            elif part == "pool":
                found.pools[a] = n
            else:
                key = Key(by_part[part], a, b)
                found.rows[key] = self._opened(key, s, body)

    async def read_pool(self, c: Transaction, kind: str, hospital: str) -> dict[Key, Row]:
        query = f'select id, said, state from "{self.states[kind].table.name}" where hospital = $1 order by id'
        rows = await c.driver.fetch(query, hospital)
        return {(key := Key(kind, hospital, id)): self._opened(key, said, body) for id, said, body in rows}

    async def next_numbers(self, c: Transaction) -> range:
        first = int(await c.driver.fetchval(NUMBERS)) * _BLOCK
        return range(first, first + _BLOCK)

    async def keep(self, c: Transaction, kept: Kept) -> None:
        states: dict[str, Rows] = {}
        for key, (said, state) in sorted(kept.states.items()):
            states.setdefault(key.kind, []).append(self._state_row(key, said, state))
        parts: list[tuple[Part, Sequence[Any]]] = [self._save[kind].of(rows) for kind, rows in states.items()]
        parts += [
            (self._drop[kind], columns_of([key[1:] for key in keys])) for kind, keys in by_kind(kept.empty).items()
        ]
        versions = [{"hospital": name, "version": new} for name, new in sorted(kept.pools.items())]
        moved = [position.row(key) for key, position in sorted(kept.heard.items())]
        dead = sorted({row["id"]: row for row in kept.dead}.values(), key=lambda row: str(row["id"]))
        inserts = [(self._versions, versions), (self._move, moved), (self._park, kept.parked), (self._set_aside, dead)]
        inserts += [(self._journal, kept.journal), (self._pending, kept.pending), (self._mention, kept.mentions)]
        inserts += [(self._view, kept.view)] if self._view is not None else []
        parts += [insert.of(rows) for insert, rows in inserts if rows]
        if kept.unparked:
            parts.append((self._unpark, columns_of([(*key, n) for key, n in kept.unparked])))
        parts += [(self._release, (sorted(kept.released),))] if kept.released else []
        parts += [(self._unbury_all, (sorted(kept.risen),))] if kept.risen else []
        if parts:
            await self._change(c, parts)

    async def claim(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int, str | None]]:
        return sorted(tuple(row) for row in await c.driver.fetch(CLAIM, now, since, destination, n))

    async def hold(
        self, c: Transaction, destination: str, now: datetime, since: datetime, n: int
    ) -> list[tuple[datetime, int]]:
        return [(at, seq) for at, seq in await c.driver.fetch(HOLD, now, since, destination, n)]

    async def events(self, c: Transaction, seqs: Sequence[int]) -> dict[int, str]:
        return dict(await c.driver.fetch(EVENTS, list(seqs)))

    async def write_pending(self, c: Transaction, rows: Rows) -> None:
        if rows:
            await self._change(c, [self._pending.of(rows)])

    async def put_off(self, c: Transaction, rows: Sequence[PendingRow], until: datetime) -> None:
        await c.driver.execute(PUT_OFF, *columns_of(rows), until)

    async def next_due(self, c: Transaction, *destinations: str) -> datetime | None:
        found: datetime | None = await c.driver.fetchval(NEXT, list(destinations))
        return found

    async def take_pending(self, c: Transaction, rows: Sequence[PendingRow]) -> set[int]:
        return {row[0] for row in await c.driver.fetch(DONE, *columns_of(rows))} if rows else set()

    async def _select(self, c: Transaction, parts: Sequence[tuple[Part, Sequence[Any]]]) -> list[Any]:
        names = ("select", *(part.name for part, _ in parts))
        if names not in self._composed:
            self._composed[names] = selecting([part for part, _ in parts])
        return list(await c.driver.fetch(self._composed[names], *(value for _, values in parts for value in values)))

    async def _change(self, c: Transaction, parts: Sequence[tuple[Part, Sequence[Any]]]) -> None:
        names = tuple(part.name for part, _ in parts)
        if names not in self._composed:
            self._composed[names] = changing([part for part, _ in parts])
        await c.driver.execute(self._composed[names], *(value for _, values in parts for value in values))
