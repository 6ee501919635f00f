"""Pieces of SQL for PostgreSQL, of which one statement is put together: rows travel as arrays, one for each column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Integer, Table
from sqlalchemy.types import Date

from shared.db import UTCDateTime
from shared.engine.store import Rows


class Part:
    """A piece of a statement: its text with {0}, {1}, ... where its parameters stand."""

    def __init__(self, name: str, text: str, count: int, selects: str = "") -> None:
        self.name, self.text, self.count, self.selects = name, text, count, selects

    def at(self, text: str, first: int) -> str:
        return text.format(*(f"${first + n}" for n in range(self.count)))


class Insert(Part):
    """Writes rows into a table. keys: by which rows are replaced; empty: a row that is there stays; None: none is."""

    def __init__(self, name: str, table: Table, keys: tuple[str, ...] | None = None) -> None:
        self.columns = [column.name for column in table.columns if column is not table.autoincrement_column]
        kinds = [table.c[column].type for column in self.columns]
        self._is_json = [isinstance(kind, JSON) for kind in kinds]
        arrays = ", ".join(f"{{{n}}}::{_array(kind)}" for n, kind in enumerate(kinds))
        quoted = [f'"{column}"' for column in self.columns]
        values = [f"{column}::json" if json else column for column, json in zip(quoted, self._is_json, strict=True)]
        names = ", ".join(quoted)
        text = f'insert into "{table.name}" ({names}) select {", ".join(values)} from unnest({arrays}) as u ({names})'
        if keys is not None:
            changes = ", ".join(f"{one} = excluded.{one}" for one in quoted if one.strip('"') not in keys)
            text += f" on conflict ({', '.join(keys)}) do update set {changes}" if keys else " on conflict do nothing"
        super().__init__(name, text, len(self.columns))

    def of(self, rows: Rows) -> tuple[Part, list[list[Any]]]:
        """Itself with its parameters."""
        columns = [[row[name] for row in rows] for name in self.columns]
        return self, [
            [_json(value) for value in column] if json else column
            for column, json in zip(columns, self._is_json, strict=True)
        ]


def _json(value: Any) -> str:
    return json.dumps(value)


def selecting(parts: Sequence[Part]) -> str:
    """Makes what is missing and selects; the parts are worked through one after the other, as they stand."""
    makes, selects, first = [], [], 1
    for part in parts:
        makes += [part.at(part.text, first)] if part.text else []
        selects.append(part.at(part.selects, first))
        first += part.count
    return (f"with {','.join(makes)}" if makes else "") + " union all ".join(selects)


def changing(parts: Sequence[Part]) -> str:
    """Several changes of different rows in one statement."""
    texts, first = [], 1
    for part in parts:
        texts.append(part.at(part.text, first))
        first += part.count
    named = [f"change_{n} as ({text})" for n, text in enumerate(texts[:-1])]
    return (f"with {', '.join(named)} " if named else "") + texts[-1]


def columns_of(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _array(kind: Any) -> str:
    if isinstance(kind, UTCDateTime):
        return "timestamptz[]"
    names: tuple[tuple[type, str], ...] = (
        (BigInteger, "bigint"),
        (Integer, "int"),
        (Boolean, "boolean"),
        (Date, "date"),
    )
    return next((f"{name}[]" for type, name in names if isinstance(kind, type)), "text[]")


def literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
