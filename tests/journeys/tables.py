"""What the files of an embedded house hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path


def rows(home: Path) -> Iterator[tuple[str, str, str]]:
    """Every row of every table: the database, the table, and the row as text."""
    for path in sorted(home.glob("*.sqlite")):
        connection = sqlite3.connect(path)
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            yield from ((path.stem, table, repr(row)) for row in connection.execute(f'select * from "{table}"'))
        connection.close()
