"""Who changed who may come in: keys that were made or ended, staff lists that were taken over, and who left by them.

It holds codes and refs of the staff; nothing of a case. It stands beside the keys, and a key and its line are one
transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, MetaData, String, Table, insert, select

from shared.db import Transaction, UTCDateTime

What = Literal["key_made", "key_revoked", "staff_list", "staff_left"]


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, and about whom or what: the id of a key with its role, or the ref of whoever left."""

    what: What
    about: str = ""
    role: str = ""


class Audit:
    """The table and its two statements. `by_role`: "operator" for whoever reaches the keys where they are kept."""

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "audit",
            metadata,
            Column("id", String, primary_key=True),
            *(Column(name, String, nullable=False) for name in ("hospital", "what", "about", "role", "by_role", "by")),
            Column("at", UTCDateTime, nullable=False),
            Index(None, "hospital", "at"),
        )

    async def note(
        self,
        c: Transaction,
        hospital: str,
        deeds: Iterable[Deed],
        at: datetime,
        by_role: str = "operator",
        by: str = "",
    ) -> None:
        rows = [
            {
                "id": f"d-{secrets.token_hex(8)}",
                "hospital": hospital,
                "what": deed.what,
                "about": deed.about,
                "role": deed.role,
                "by_role": by_role,
                "by": by,
                "at": at,
            }
            for deed in deeds
        ]
        if rows:
            await c.execute(insert(self.table), rows)

    async def read(self, c: Transaction, hospital: str, limit: int, offset: int) -> list[dict[str, Any]]:
        """What was done in a hospital, the latest first."""
        t = self.table
        query = select(t.c.at, t.c.what, t.c.about, t.c.role, t.c.by_role, t.c.by).where(t.c.hospital == hospital)
        rows = await c.execute(query.order_by(t.c.at.desc(), t.c.id).limit(limit).offset(offset))
        return [dict(row._mapping) for row in rows]
