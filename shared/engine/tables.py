"""The engine's tables, and the rows in which a service keeps its states.

heard: the position per publisher and subject, and which numbers were passed and may still come. journal: what was said,
append-only. pending: what must still happen, narrow, one row per destination. parked: came too early. dead_letter: set
aside with a reason. received: keys of what came from outside and was decided on, and of what was erased, by which
whatever comes late about it is known; those stay. pool: one row per hospital, the lock of whoever competes for
supporters. strike: deliveries during which the process died. mention: which messages of the journal name a subject that
they are not about. erasing: subjects of whose messages some must still reach a reader before they are taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Sequence, String, Table, Text
from sqlmodel import Field, SQLModel

from shared.db import UTCDateTime
from shared.engine.world import State
from shared.messages import Event

#: The state of a row that was only made to be locked.
BLANK = "{}"
SUBJECT = ("publisher", "hospital", "subject")
_SEQ = BigInteger().with_variant(Integer(), "sqlite")


class StateRow(SQLModel):
    """The columns that every state row has; a service adds those that its queries need.

    said: how many facts were said about it, to each hearer and in all.
    """

    hospital: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    said: str = ""
    state: str = Field(default=BLANK, sa_type=Text)


@dataclass(frozen=True)
class StateTable:
    """Where states of one kind live. `columns` are the extra column values of a state, for queries only."""

    kind: type[State]
    row: type[StateRow]
    columns: Callable[[Any], dict[str, Any]]

    @property
    def table(self) -> Table:
        return self.row.__table__  # type: ignore[attr-defined, no-any-return]


class View(NamedTuple):
    """A table of the service's own that grows with what it takes and says. rows: those of one event, given the states
    that it concerns as they are after it.
    """

    table: Table
    rows: Callable[[Event, Callable[[type[Any], str], Any]], Iterable[dict[str, Any]]]


@dataclass(frozen=True)
class EngineTables:
    heard: Table
    journal: Table
    pending: Table
    parked: Table
    dead_letter: Table
    received: Table
    pool: Table
    strike: Table
    mention: Table
    erasing: Table


def engine_tables(metadata: MetaData) -> EngineTables:
    """The engine's tables in a service's metadata, and the sequence from which PostgreSQL numbers the journal."""
    Sequence("journal_block", metadata=metadata)
    return EngineTables(
        heard=Table(
            "heard",
            metadata,
            *(Column(name, String, primary_key=True) for name in SUBJECT),
            Column("sequence", Integer, nullable=False),
            Column("passed", String, nullable=False),
        ),
        journal=Table(
            "journal",
            metadata,
            Column("seq", _SEQ, primary_key=True, autoincrement=False),
            Column("id", String, nullable=False),
            Column("hospital", String, nullable=False),
            Column("type", String, nullable=False),
            Column("subject", String, nullable=False),
            Column("sequence", Integer),
            Column("due_at", UTCDateTime),
            Column("event", Text, nullable=False),
            Index(None, "hospital", "subject"),
        ),
        pending=Table(
            "pending",
            metadata,
            Column("due_at", UTCDateTime, nullable=False),
            Column("seq", _SEQ, nullable=False),
            Column("destination", String, nullable=False),
            PrimaryKeyConstraint("due_at", "seq", "destination"),
            sqlite_with_rowid=False,
        ),
        parked=Table(
            "parked",
            metadata,
            *(Column(name, String, primary_key=True) for name in SUBJECT),
            Column("sequence", Integer, primary_key=True),
            Column("at", UTCDateTime, nullable=False, index=True),
            Column("event", Text, nullable=False),
        ),
        dead_letter=Table(
            "dead_letter",
            metadata,
            Column("id", String, primary_key=True),
            Column("hospital", String, nullable=False),
            Column("type", String, nullable=False),
            Column("subject", String, nullable=False),
            Column("reason", String, nullable=False),
            Column("at", UTCDateTime, nullable=False),
            Column("event", Text),
        ),
        received=Table(
            "received",
            metadata,
            Column("key", String, primary_key=True),
            Column("hospital", String, nullable=False),
            Column("correlation", String, nullable=False),
            Column("at", UTCDateTime, nullable=False),
        ),
        pool=Table(
            "pool",
            metadata,
            Column("hospital", String, primary_key=True),
            Column("version", Integer, nullable=False),
        ),
        strike=Table(
            "strike",
            metadata,
            Column("seq", _SEQ, primary_key=True, autoincrement=False),
            Column("destination", String, primary_key=True),
            Column("times", Integer, nullable=False),
        ),
        mention=Table(
            "mention",
            metadata,
            Column("hospital", String, primary_key=True),
            Column("subject", String, primary_key=True),
            Column("seq", _SEQ, primary_key=True, autoincrement=False),
        ),
        erasing=Table(
            "erasing",
            metadata,
            Column("hospital", String, primary_key=True),
            Column("subject", String, primary_key=True),
        ),
    )


def existing_tables(metadata: MetaData) -> EngineTables | None:
    """The engine's tables of a metadata that has them."""
    if "journal" not in metadata.tables:
        return None
    return EngineTables(**{name: metadata.tables[name] for name in EngineTables.__dataclass_fields__})
