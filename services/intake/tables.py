"""Where intake keeps reports, staff and cases, who is who, and what it refused; every query is bound to a hospital.

contact: the one table with names and addresses. quarantine: what was refused or set aside, without its content; kept:
that stands among the dead letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.intake.protocol.states import Headcount, Link, Report, Staff
from shared.db import Transaction, UTCDateTime, service_metadata
from shared.engine.tables import StateRow, StateTable, engine_tables
from shared.engine.world import State

metadata = service_metadata()
engine_tables(metadata)

S = TypeVar("S", bound=State)


class Base(SQLModel, registry=registry(metadata=metadata)):
    pass


class ReportRow(StateRow, Base, table=True):
    __tablename__ = "report"
    __table_args__ = (
        Index(None, "hospital", "received_at"),
        Index("ix_report_due", "hospital", "due_at", postgresql_where=text("waiting"), sqlite_where=text("waiting")),
    )

    received_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    waiting: bool = False
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class StaffRow(StateRow, Base, table=True):
    __tablename__ = "staff"


class LinkRow(StateRow, Base, table=True):
    __tablename__ = "link"


class HeadcountRow(StateRow, Base, table=True):
    __tablename__ = "headcount"


def _report_columns(report: Report) -> dict[str, Any]:
    return {"received_at": report.received_at, "waiting": bool(report.reasons), "due_at": report.due_at}


STATES = (
    StateTable(Report, ReportRow, _report_columns),
    StateTable(Staff, StaffRow, lambda staff: {}),
    StateTable(Link, LinkRow, lambda link: {}),
    StateTable(Headcount, HeadcountRow, lambda headcount: {}),
)
_TABLES: dict[type[State], Table] = {table.kind: table.table for table in STATES}


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, String, nullable=False, **more)


_contact = Table(
    "contact",
    metadata,
    _text("hospital", primary_key=True),
    _text("staff", primary_key=True),
    *map(_text, ("staff_id", "name", "function", "mail", "phone", "channel", "language")),
    UniqueConstraint("hospital", "staff_id"),
)
_quarantine = Table(
    "quarantine",
    metadata,
    *(_text(name, primary_key=True) for name in ("hospital", "digest", "path", "reason")),
    _text("source"),
    Column("at", UTCDateTime, nullable=False),
    Column("kept", Boolean, nullable=False),
    Index(None, "hospital", "at"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who somebody is and how she is reached. Nothing of it shows in a repr."""

    staff: str
    staff_id: str = field(repr=False)
    name: str = field(repr=False)
    function: str = field(repr=False)
    mail: str = field(repr=False)
    phone: str = field(repr=False)
    channel: str
    language: str

    @property
    def card(self) -> dict[str, str]:
        """What the other one in a case may read."""
        return {"name": self.name, "function": self.function, "phone": self.phone, "mail": self.mail}


_CARD = ", ".join(field.name for field in fields(Contact))


# -- states ------------------------------------------------------------------------------------------------------------


async def read_state(c: Transaction, kind: type[S], hospital: str, id: str) -> S | None:
    """One thing as it is remembered; None if it never was."""
    query = f"select state from {_TABLES[kind].name} where hospital = $1 and id = $2 and state <> '{{}}'"
    rows = await c.rows(query, hospital, id)
    return kind.model_validate_json(rows[0][0]) if rows else None


async def read_states(c: Transaction, kind: type[S], hospital: str, ids: Iterable[str]) -> dict[str, S]:
    """Those of these things that are remembered, by id."""
    query = f"select id, state from {_TABLES[kind].name} where hospital = $1 and state <> '{{}}' and id"
    return {id: kind.model_validate_json(state) for id, state in await _among(c, query, hospital, ids)}


async def read_links_of(c: Transaction, hospital: str, refs: Iterable[str]) -> list[Link]:
    """The cases of these people of the staff, as long as something joins the two."""
    found: list[Link] = []
    for ref in sorted(refs):
        rows = await c.rows("select state from link where hospital = $1 and state like $2", hospital, f"%{ref}%")
        found += [link for (state,) in rows if (link := Link.model_validate_json(state)).staff == ref]
    return found


async def read_all(c: Transaction, kind: type[S], hospital: str) -> dict[str, S]:
    """Everything of a kind that a hospital has, by id."""
    t = _TABLES[kind]
    query = select(t.c.id, t.c.state).where(t.c.hospital == hospital, t.c.state != "{}").order_by(t.c.id)
    return {id: kind.model_validate_json(state) for id, state in await c.execute(query)}


async def read_reports(c: Transaction, hospital: str, *, waiting: bool | None, limit: int, offset: int) -> list[Report]:
    """The reports of a hospital: those that wait, the most urgent first, or all, the latest first."""
    t = _TABLES[Report]
    query = select(t.c.state).where(t.c.hospital == hospital, t.c.received_at.is_not(None))
    if waiting is not None:
        query = query.where(t.c.waiting.is_(waiting))
    order = (t.c.due_at, t.c.id) if waiting else (t.c.received_at.desc(), t.c.id)
    query = query.order_by(*order).limit(limit).offset(offset)
    return [Report.model_validate_json(state) for state in (await c.execute(query)).scalars()]


# -- who is who --------------------------------------------------------------------------------------------------------


async def save_contacts(c: Transaction, hospital: str, contacts: Sequence[Contact]) -> None:
    """Writes these cards, over older ones of the same people."""
    await _upsert(c, _contact, ("hospital", "staff"), [{"hospital": hospital, **asdict(one)} for one in contacts])


async def read_contacts(c: Transaction, hospital: str, refs: Iterable[str]) -> dict[str, Contact]:
    """The cards of these people, by staff ref."""
    return await _contacts(c, hospital, "staff", refs)


async def read_contacts_by_id(c: Transaction, hospital: str, staff_ids: Iterable[str]) -> dict[str, Contact]:
    """The cards of these people, by staff ref; they are named by the hospital's own numbers."""
    return await _contacts(c, hospital, "staff_id", staff_ids)


async def read_all_contacts(c: Transaction, hospital: str) -> dict[str, Contact]:
    """Every card of a hospital, by staff ref."""
    rows = await c.rows(f"select {_CARD} from contact where hospital = $1", hospital)
    return {row[0]: Contact(*row) for row in rows}


async def forget_cards(c: Transaction, hospital: str, refs: Iterable[str]) -> int:
    """Takes the cards of these people away. Returns how many there were."""
    gone = [
        await c.rows("delete from contact where hospital = $1 and staff = $2 returning 1", hospital, ref)
        for ref in sorted(refs)
    ]
    return sum(map(len, gone))


async def _contacts(c: Transaction, hospital: str, column: str, keys: Iterable[str]) -> dict[str, Contact]:
    rows = await _among(c, f"select {_CARD} from contact where hospital = $1 and {column}", hospital, keys)
    return {row[0]: Contact(*row) for row in rows}


# -- doors -------------------------------------------------------------------------------------------------------------


async def save_rejects(c: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Notes what was refused: hospital, digest, path, reason, source, at, kept. The same one again moves its time."""
    await _upsert(c, _quarantine, ("hospital", "digest", "path", "reason"), rows)


async def read_quarantine(c: Transaction, hospital: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """What was refused, the latest first."""
    return await _latest(c, _quarantine, hospital, limit, offset)


async def read_refused(c: Transaction, limit: int, **only: str) -> list[dict[str, Any]]:
    """What was refused and is not kept, the latest first. only: values of columns; without any: of all hospitals."""
    t = _quarantine
    query = select(t).where(t.c.kept.is_(False), *(t.c[name] == value for name, value in only.items()))
    rows = await c.execute(query.order_by(t.c.at.desc(), *t.primary_key.columns).limit(limit))
    return [dict(row._mapping) for row in rows]


async def drop_refused(c: Transaction, hospital: str, digest: str, path: str, reason: str) -> bool:
    """Takes one of them away; whether it was there."""
    t, key = _quarantine, {"hospital": hospital, "digest": digest, "path": path, "reason": reason}
    mine = (t.c[name] == value for name, value in key.items())
    return (await c.execute(delete(t).where(t.c.kept.is_(False), *mine).returning(t.c.digest))).first() is not None


async def count_refused(c: Transaction) -> int:
    t = _quarantine
    return int(await c.scalar(select(func.count()).select_from(t).where(t.c.kept.is_(False))))


async def _latest(c: Transaction, table: Table, hospital: str, limit: int, offset: int) -> list[dict[str, Any]]:
    shown = [column for column in table.columns if column.name not in ("hospital", "id")]
    query = select(*shown).where(table.c.hospital == hospital)
    latest = query.order_by(table.c.at.desc(), *table.primary_key.columns)
    rows = await c.execute(latest.limit(limit).offset(offset))
    return [dict(row._mapping) for row in rows]


async def _upsert(c: Transaction, table: Table, key: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement: Any = (sqlite_insert if c.dialect.name == "sqlite" else pg_insert)(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    await c.execute(statement.on_conflict_do_update(index_elements=list(key), set_=others), list(rows))


async def _among(c: Transaction, query: str, hospital: str, keys: Iterable[str]) -> Sequence[Any]:
    """The rows of a query that ends with a column which must be one of these keys."""
    given = sorted(set(keys))
    if not given:
        return []
    if c.dialect.name == "sqlite":
        return await c.rows(f"{query} in (select value from json_each($2))", hospital, json.dumps(given))
    return await c.rows(f"{query} = any ($2::text[])", hospital, given)
