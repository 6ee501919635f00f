"""Where training keeps supporters and the coverage of professions, and every query; each is bound to a hospital."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, Table, select
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from services.training.protocol.states import STANDINGS, Coverage, Supporter
from shared.db import Transaction, service_metadata
from shared.engine.tables import StateRow, StateTable, engine_tables
from shared.messages.training import CoverageMeasured

metadata = service_metadata()
engine_tables(metadata)


class Base(SQLModel, registry=registry(metadata=metadata)):
    pass


class SupporterRow(StateRow, Base, table=True):
    __tablename__ = "supporter"
    __table_args__ = (
        CheckConstraint(f"standing in ({', '.join(map(repr, STANDINGS))})", name="standing"),
        Index(None, "hospital", "standing", "due_on"),
    )

    standing: str = "none"
    due_on: date | None = None


class CoverageRow(StateRow, Base, table=True):
    __tablename__ = "coverage"


STATES = (
    StateTable(Supporter, SupporterRow, lambda one: {"standing": one.standing, "due_on": one.due_on}),
    StateTable(Coverage, CoverageRow, lambda coverage: {}),
)

_supporter: Table = SupporterRow.__table__  # type: ignore[attr-defined]
_coverage: Table = CoverageRow.__table__  # type: ignore[attr-defined]


async def knows_supporter(c: Transaction, hospital: str, id: str) -> bool:
    """Whether this hospital has a supporter, or somebody nominated, by this ref."""
    query = select(_supporter.c.id).where(_supporter.c.hospital == hospital, _supporter.c.id == id)
    return (await c.execute(query.where(_supporter.c.standing != "none"))).first() is not None


async def read_supporters(c: Transaction, hospital: str) -> list[Supporter]:
    """Supporters and who may become one, the first due first; without those who left."""
    there = (_supporter.c.hospital == hospital, _supporter.c.standing.not_in(("none", "left")))
    bodies = (await c.execute(select(_supporter.c.state).where(*there))).scalars()
    found = [Supporter.model_validate_json(body) for body in bodies]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.id))


async def read_coverage(c: Transaction, hospital: str) -> list[CoverageMeasured]:
    """The figures of every profession whose headcount is known, in order of profession."""
    query = select(_coverage.c.state).where(_coverage.c.hospital == hospital).order_by(_coverage.c.id)
    states = [Coverage.model_validate_json(body) for body in (await c.execute(query)).scalars()]
    return [coverage.told for coverage in states if coverage.told is not None]
