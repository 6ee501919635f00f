"""What the services of the comparison remember. Each has a schema of its own; it uses its share of these tables."""

from datetime import datetime

from sqlalchemy import DateTime, Index
from sqlmodel import Field, SQLModel

_AWARE = DateTime(timezone=True)


class Inbox(SQLModel, table=True):
    """Messages that were handled: each only once."""

    id: str = Field(primary_key=True)


class Outbox(SQLModel, table=True):
    """Messages that must still go out."""

    id: str = Field(primary_key=True)
    routing_key: str
    body: str


class Clock(SQLModel, table=True):
    """What becomes due."""

    id: int | None = Field(default=None, primary_key=True)
    case: str
    name: str
    due_at: datetime = Field(sa_type=_AWARE, index=True)


class Report(SQLModel, table=True):
    """intake: a report that was taken in."""

    hospital: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    harm: str
    calamity: str
    department: str
    reported_at: datetime = Field(sa_type=_AWARE)


class Link(SQLModel, table=True):
    """intake: who is who in a case."""

    case: str = Field(primary_key=True)
    hospital: str
    staff: str
    asked: str = ""
    matched: str = ""


class Notice(SQLModel, table=True):
    """intake: a notice that left."""

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(index=True)
    to: str
    template: str


class Supporter(SQLModel, table=True):
    """matching: somebody who may be asked."""

    __table_args__ = (Index("ix_supporter_turn", "hospital", "profession", "open_cases", "idle_since"),)

    hospital: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    profession: str
    department: str
    open_cases: int = 0
    idle_since: datetime = Field(sa_type=_AWARE)


class Ask(SQLModel, table=True):
    """matching: a case and who is asked for it."""

    case: str = Field(primary_key=True)
    hospital: str
    asked: str
    status: str


class Case(SQLModel, table=True):
    """followup: a case and where it stands."""

    __tablename__ = "case"

    id: str = Field(primary_key=True)
    hospital: str
    status: str = "unknown"
    colleague: str = ""
    supporter: str = ""
    t0: datetime | None = Field(default=None, sa_type=_AWARE)


class Told(SQLModel, table=True):
    """followup: the timeline of a case."""

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(index=True)
    what: str
    data: str
