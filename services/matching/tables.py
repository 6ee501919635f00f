"""Where matching keeps cases and supporters, and every query on them; each is bound to a hospital."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Table, bindparam, func, select, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.matching.protocol.states import STANDINGS, STATUSES, Case, Plan, Supporter, Waiting
from shared.db import Transaction, UTCDateTime, service_metadata
from shared.engine.tables import StateRow, StateTable, engine_tables

metadata = service_metadata()
engine_tables(metadata)


class Base(SQLModel, registry=registry(metadata=metadata)):
    pass


class CaseRow(StateRow, Base, table=True):
    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint(f"status in ({', '.join(map(repr, STATUSES))})", name="status"),
        CheckConstraint("(status = 'asked') <= (asked <> '')", name="asked"),
        Index(None, "hospital", "status", "offered_at"),
        Index(
            "ix_case_asked", "hospital", "asked", postgresql_where=text("asked <> ''"), sqlite_where=text("asked <> ''")
        ),
    )

    status: str = "new"
    asked: str = ""
    offered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SupporterRow(StateRow, Base, table=True):
    __tablename__ = "supporter"
    __table_args__ = (
        CheckConstraint(f"standing in ({', '.join(map(repr, STANDINGS))})", name="standing"),
        Index(None, "hospital", "standing"),
    )

    standing: str = "none"


class PlanRow(StateRow, Base, table=True):
    __tablename__ = "plan"
    __table_args__ = (Index(None, "hospital", "made_at"),)

    made_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class WaitingRow(StateRow, Base, table=True):
    __tablename__ = "waiting"


STATES = (
    StateTable(
        Case,
        CaseRow,
        lambda case: {"status": case.status, "asked": case.asked, "offered_at": case.offered_at},
    ),
    StateTable(Supporter, SupporterRow, lambda supporter: {"standing": supporter.standing}),
    StateTable(Plan, PlanRow, lambda plan: {"made_at": plan.made_at}),
    StateTable(Waiting, WaitingRow, lambda waiting: {}),
)

_case: Table = CaseRow.__table__  # type: ignore[attr-defined]
_supporter: Table = SupporterRow.__table__  # type: ignore[attr-defined]
_plan: Table = PlanRow.__table__  # type: ignore[attr-defined]
#: How many ids go into one query.
_AT_ONCE = 500
_KNOWN = """
select hospital, id from "case" where (hospital, id) in ($given) and (offered_at is not null or status = 'over')"""
_PAIRS = "select * from unnest($1::text[], $2::text[])"
_PAIRS_SQLITE = "select h.value, i.value from json_each($1) h join json_each($2) i using (key)"


async def read_case(c: Transaction, hospital: str, id: str) -> Case | None:
    """A case that was offered or is over; None for any other id."""
    rows = await c.rows('select state from "case" where hospital = $1 and id = $2', hospital, id)
    case = Case.model_validate_json(rows[0][0]) if rows else None
    return case if case is not None and (case.offered_at is not None or case.over) else None


async def known(c: Transaction, cases: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these cases (hospital, id) that were offered or are over."""
    sqlite = c.dialect.name == "sqlite"
    hospitals, ids = map(list, zip(*cases, strict=True))
    given = map(json.dumps, (hospitals, ids)) if sqlite else (hospitals, ids)
    rows = await c.rows(_KNOWN.replace("$given", _PAIRS_SQLITE if sqlite else _PAIRS), *given)
    return {(hospital, id) for hospital, id in rows}


async def read_cases(c: Transaction, hospital: str, ids: Sequence[str]) -> dict[str, Case]:
    """These cases, by id; those that are known."""
    query = select(_case.c.state).where(_case.c.hospital == hospital, _case.c.id.in_(bindparam("ids", expanding=True)))
    found: dict[str, Case] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        for body in (await c.execute(query, {"ids": list(ids[begin : begin + _AT_ONCE])})).scalars():
            case = Case.model_validate_json(body)
            found[case.id] = case
    return found


async def read_asks(c: Transaction, hospital: str, supporter: str | None) -> list[Case]:
    """The cases with an open ask, the first to be answered first; of one supporter only, where given."""
    query = select(_case.c.state).where(_case.c.hospital == hospital, _case.c.asked != "")
    if supporter is not None:
        query = query.where(_case.c.asked == supporter)
    found = [Case.model_validate_json(body) for body in (await c.execute(query)).scalars()]
    return sorted(found, key=lambda case: (case.answer_by is None, case.answer_by, case.id))


async def read_supporters(c: Transaction, hospital: str, who: str | None = None) -> list[Supporter]:
    """Everybody who is or may become a supporter, in order of id; of one person only, where given."""
    away = _supporter.c.standing.not_in(("none", "left"))
    query = select(_supporter.c.state).where(_supporter.c.hospital == hospital, away)
    if who is not None:
        query = query.where(_supporter.c.id == who)
    bodies = (await c.execute(query.order_by(_supporter.c.id))).scalars()
    return [Supporter.model_validate_json(body) for body in bodies]


async def read_plan(c: Transaction, hospital: str, report: str) -> Plan | None:
    query = select(_plan.c.state).where(_plan.c.hospital == hospital, _plan.c.id == report)
    body = (await c.execute(query)).scalar()
    plan = None if body is None else Plan.model_validate_json(body)
    return plan if plan is not None and plan.cases else None


async def read_plans(c: Transaction, hospital: str, limit: int, offset: int) -> list[Plan]:
    """The plans of large events, the newest first."""
    made = _plan.c.made_at
    query = select(_plan.c.state).where(_plan.c.hospital == hospital, made.is_not(None))
    bodies = (await c.execute(query.order_by(made.desc(), _plan.c.id).limit(limit).offset(offset))).scalars()
    return [Plan.model_validate_json(body) for body in bodies]


async def count_supporters(c: Transaction, hospital: str) -> dict[str, int]:
    """How many supporters there are of each standing."""
    query = select(_supporter.c.standing, func.count()).where(_supporter.c.hospital == hospital)
    counted: dict[str, Any] = dict((await c.execute(query.group_by(_supporter.c.standing))).all())
    return {standing: counted.get(standing, 0) for standing in STANDINGS if standing not in ("none", "left")}


async def waits_since(c: Transaction, hospital: str) -> dict[str, datetime | None]:
    """When the case was offered that has been waiting for longest, without an ask and without an answer."""
    kinds = {"ask": ("new", "failed"), "answer": ("asked",)}
    found: dict[str, datetime | None] = {}
    for without, statuses in kinds.items():
        query = select(func.min(_case.c.offered_at)).where(_case.c.hospital == hospital, _case.c.status.in_(statuses))
        found[without] = (await c.execute(query)).scalar_one()
    return found
