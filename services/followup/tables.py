"""Where followup keeps cases, tasks and timelines, and every query on them; each is bound to a hospital."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    not_,
    select,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.followup.protocol.case import Case, Status, Tally, Task, Waiting, home_of
from services.followup.protocol.tally import published
from services.followup.protocol.timeline import REFUSALS, Told, cases_of, told
from shared.db import Transaction, UTCDateTime, service_metadata
from shared.engine.erasure import Subject
from shared.engine.tables import StateRow, StateTable, View, engine_tables
from shared.messages import Event
from shared.sweep import Old, Shelf

metadata = service_metadata()
engine_tables(metadata)

STATUSES: tuple[Status, ...] = get_args(Status)
#: What a query about cases leaves out: ids that somebody tried and that no offer or match belongs to.
_UNKNOWN: Status = "unknown"


class Base(SQLModel, registry=registry(metadata=metadata)):
    pass


class CaseRow(StateRow, Base, table=True):
    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint(f"status in ({', '.join(map(repr, STATUSES))})", name="status"),
        Index(None, "hospital", "status", "offered_at"),
        Index(None, "hospital", "supporter"),
        Index("ix_case_tasks", "hospital", postgresql_where=text("tasks > 0"), sqlite_where=text("tasks > 0")),
    )

    status: str = _UNKNOWN
    supporter: str = ""
    t0: datetime | None = Field(default=None, sa_type=UTCDateTime)
    offered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    first_contact_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    tasks: int = 0
    ending: str = ""
    extensions: int = 0
    erased: bool = False


class TallyRow(StateRow, Base, table=True):
    __tablename__ = "tally"

    count: int = 0


class WaitingRow(StateRow, Base, table=True):
    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_tasks", "hospital", postgresql_where=text("tasks > 0"), sqlite_where=text("tasks > 0")),
    )

    tasks: int = 0


def _case_columns(case: Case) -> dict[str, Any]:
    copied = ("status", "supporter", "t0", "offered_at", "first_contact_at", "ending", "extensions", "erased")
    return {name: getattr(case, name) for name in copied} | {"tasks": len(case.tasks)}


STATES = (
    StateTable(Case, CaseRow, _case_columns),
    StateTable(Waiting, WaitingRow, lambda waiting: {"tasks": len(waiting.tasks)}),
    StateTable(Tally, TallyRow, lambda tally: {"count": tally.count}),
)

_case: Table = CaseRow.__table__  # type: ignore[attr-defined]
_waiting: Table = WaitingRow.__table__  # type: ignore[attr-defined]
_tally: Table = TallyRow.__table__  # type: ignore[attr-defined]
_MISSED = text("type = 'clock_missed'")
#: What was heard or said about each case, in the order in which it was taken.
_told = Table(
    "told",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("hospital", String, nullable=False),
    Column("case", String, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("publisher", String, nullable=False),
    Column("type", String, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "hospital", "case", "at"),
    Index("ix_told_missed", "hospital", "at", postgresql_where=_MISSED, sqlite_where=_MISSED),
)


def _lines(event: Event, state: Callable[[type[Any], str], Any]) -> Iterator[dict[str, Any]]:
    """What a message adds to the timelines of the cases that it concerns; a case that is erased has none any more."""
    for case in cases_of(event):
        if not state(Case, case).erased:
            line = told(event)
            codes = {"at": line.at, "publisher": line.publisher, "type": line.type, "data": line.data}
            yield {"hospital": event.hospital, "case": case, **codes}


TIMELINE = View(_told, _lines)


#: A refusal after which the same one came again.
_REFUSED_AGAIN = f"""
type in ({", ".join(f"'{type}'" for type in sorted(REFUSALS))}) and exists (select 1 from told as later
  where later.hospital = told.hospital and later."case" = told."case" and later.seq > told.seq
    and later.publisher = told.publisher and later.type = told.type
    and cast(later.data as text) = cast(told.data as text))"""
#: What followup keeps for a time: of a refusal that came again and again the last one stays.
SHELVES: tuple[Shelf, ...] = (Old("told", ("seq",), _REFUSED_AGAIN),)


async def forget(c: Transaction, cases: list[Subject]) -> None:
    """Takes the timelines of these erased cases away."""
    mine = (_told.c.hospital == bindparam("its_hospital"), _told.c.case == bindparam("its_case"))
    await c.execute(
        delete(_told).where(*mine), [{"its_hospital": hospital, "its_case": case} for hospital, case in cases]
    )


async def read_timeline(c: Transaction, hospital: str, case: str) -> list[Told]:
    """What was told about a case, oldest first."""
    query = select(_told.c.at, _told.c.publisher, _told.c.type, _told.c.data)
    query = query.where(_told.c.hospital == hospital, _told.c.case == case).order_by(_told.c.at, _told.c.seq)
    return [Told(*row) for row in await c.execute(query)]


async def read_case(c: Transaction, hospital: str, id: str) -> Case | None:
    """A case that was offered or matched; None for any other id."""
    query = 'select state from "case" where hospital = $1 and id = $2 and status <> $3'
    rows = await c.rows(query, hospital, id, _UNKNOWN)
    return Case.model_validate_json(rows[0][0]) if rows else None


async def read_tasked(c: Transaction, hospital: str, id: str) -> Case | Waiting | None:
    """Whatever this id is, with its tasks; None if nothing is known of it."""
    kind = home_of(id)
    table = _case if kind is Case else _waiting
    rows = await c.rows(f'select state from "{table.name}" where hospital = $1 and id = $2', hospital, id)
    return kind.model_validate_json(rows[0][0]) if rows else None


async def read_cases(
    c: Transaction, hospital: str, *, status: str | None, supporter: str | None, limit: int, offset: int
) -> list[Case]:
    """Cases, the latest offer first; of a status or a supporter only, where given."""
    query = select(_case.c.state).where(_case.c.hospital == hospital, _case.c.erased.is_(False))
    query = query.where(_case.c.status == status if status else _case.c.status != _UNKNOWN)
    if supporter is not None:
        query = query.where(_case.c.supporter == supporter)
    query = query.order_by(_case.c.offered_at.desc(), _case.c.id).limit(limit).offset(offset)
    return [Case.model_validate_json(body) for body in (await c.execute(query)).scalars()]


async def read_tasks(c: Transaction, hospital: str) -> list[tuple[Case | Waiting, Task]]:
    """Everything that waits for a person, and what it is about; what is due first comes first."""
    found: list[tuple[Case | Waiting, Task]] = []
    for kind, table in ((Case, _case), (Waiting, _waiting)):
        query = select(table.c.state).where(table.c.hospital == hospital, table.c.tasks > 0)
        states = [kind.model_validate_json(body) for body in (await c.execute(query)).scalars()]
        found += [(state, task) for state in states for task in state.tasks.values()]
    return sorted(found, key=lambda one: (one[1].due_at, one[0].id, one[1].kind))


async def count_cases(c: Transaction, hospital: str) -> dict[str, int]:
    """How many cases there are of each status."""
    kept = (_case.c.status != _UNKNOWN, _case.c.erased.is_(False))
    query = select(_case.c.status, func.count()).where(_case.c.hospital == hospital, *kept)
    counted: dict[str, int] = dict((await c.execute(query.group_by(_case.c.status))).all())
    return {status: counted.get(status, 0) for status in STATUSES if status != _UNKNOWN}


async def waits_for_contact_since(c: Transaction, hospital: str) -> datetime | None:
    """The earliest t0 of a case that runs and whose colleague nobody has spoken to yet."""
    waiting = (_case.c.status.in_(("offered", "matched")), _case.c.first_contact_at.is_(None))
    query = select(func.min(_case.c.t0)).where(_case.c.hospital == hospital, *waiting)
    since: datetime | None = (await c.execute(query)).scalar_one()
    return since


async def waits_for_supporter_since(c: Transaction, hospital: str) -> datetime | None:
    """Since when the case that waits longest has had no supporter."""
    searching = (_case.c.status.in_(("offered", "in_contact")), _case.c.supporter == "")
    bodies = await c.execute(select(_case.c.state).where(_case.c.hospital == hospital, *searching))
    cases = [Case.model_validate_json(body) for body in bodies.scalars()]
    return min((since for case in cases if (since := case.replaced_at or case.offered_at)), default=None)


async def contacts(c: Transaction, hospital: str) -> list[tuple[datetime, datetime | None]]:
    """When clocks of the first contact began, and when it was; without those who were let go before it."""
    let_go = and_(_case.c.first_contact_at.is_(None), _case.c.ending.in_(("declined", "withdrawn")))
    query = select(_case.c.t0, _case.c.first_contact_at).where(_case.c.hospital == hospital, _case.c.t0.is_not(None))
    return [(t0, contact) for t0, contact in await c.execute(query.where(not_(let_go)))]


async def count_missed(c: Transaction, hospital: str, since: datetime) -> dict[str, int]:
    """How often each clock was missed since a moment."""
    missed = (_told.c.type == "clock_missed", _told.c.at >= since)
    found = (await c.execute(select(_told.c.data).where(_told.c.hospital == hospital, *missed))).scalars()
    return dict(sorted(Counter(data["clock"] for data in found).items()))


async def count_endings(c: Transaction, hospital: str) -> tuple[Counter[str], int]:
    """How many kept cases ended how, and how many extensions they have."""
    query = select(_case.c.ending, func.count(), func.sum(_case.c.extensions)).where(_case.c.hospital == hospital)
    found = (await c.execute(query.group_by(_case.c.ending))).all()
    return Counter({ending: count for ending, count, _ in found}), sum(more for _, _, more in found)


async def read_tally(c: Transaction, hospital: str) -> list[dict[str, Any]]:
    """What may be told of erased cases: groups, and how many there are in each."""
    query = select(_tally.c.id, _tally.c.count).where(_tally.c.hospital == hospital, _tally.c.count > 0)
    return published([(id, count) for id, count in await c.execute(query)])
