"""Which SQL a service speaks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import MetaData, Table

from shared.engine.store import Store
from shared.engine.tables import StateTable


def store_of(metadata: MetaData, states: Sequence[StateTable], is_sqlite: bool, view: Table | None = None) -> Store:
    """The store for this database; the other one is not loaded."""
    if is_sqlite:
        from shared.engine.sql.sqlite import SqliteStore

        return SqliteStore(metadata, states, is_sqlite, view)
    from shared.engine.sql.postgres import PostgresStore

    return PostgresStore(metadata, states, is_sqlite, view)
