"""The coordinator's numbers: what waits, since when, how soon colleagues were reached, and what was missed.

They are counted from cases that are kept, and of those that were erased from the groups that may be told (tally.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from services.followup import tables
from services.followup.protocol.case import Task
from services.followup.protocol.explained import hours
from services.followup.protocol.rules import RULES
from shared.db import Transaction
from shared.hospital import Hospital

#: How far back missed clocks are counted.
RECENT = timedelta(days=30)


async def in_short(c: Transaction, hospital: Hospital, now: datetime) -> dict[str, Any]:
    """How many cases there are of each state, and how many tasks wait: no more than whoever runs the house needs."""
    waiting = [task for _, task in await tables.read_tasks(c, hospital.id)]
    return {"cases": await tables.count_cases(c, hospital.id), "tasks": _tasks(waiting, now)}


async def in_full(c: Transaction, hospital: Hospital, now: datetime) -> dict[str, Any]:
    waiting = [task for _, task in await tables.read_tasks(c, hospital.id)]
    kinds = sorted({task.kind for task in waiting})
    by_kind = {kind: _tasks((task for task in waiting if task.kind == kind), now) for kind in kinds}
    since = await tables.waits_for_contact_since(c, hospital.id)
    searched = await tables.waits_for_supporter_since(c, hospital.id)
    return {
        "cases": await tables.count_cases(c, hospital.id),
        "tasks": _tasks(waiting, now) | {"by_kind": by_kind},
        "oldest_hours": {"without_supporter": _age(searched, now), "without_first_contact": _age(since, now)},
        "first_contact": _first_contact(await tables.contacts(c, hospital.id), hospital, now),
        "clocks_missed": await tables.count_missed(c, hospital.id, now - RECENT),
        **await _endings(c, hospital),
    }


def _tasks(tasks: Iterable[Task], now: datetime) -> dict[str, int]:
    due = [task.due_at for task in tasks]
    return {"open": len(due), "overdue": sum(moment <= now for moment in due)}


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(hours(now - since), 0.0)


def _first_contact(found: list[tuple[datetime, datetime | None]], hospital: Hospital, now: datetime) -> dict[str, Any]:
    """Of the cases that were contacted, or whose time for it is over: how soon, counted from t0 (FOLLOW-4)."""
    limit = RULES.at(now, hospital).duration("FOLLOW-4")
    took = [hours(contact - t0) for t0, contact in found if contact is not None]
    due = len(took) + sum(contact is None and now - t0 > limit for t0, contact in found)
    share = round(sum(one <= hours(limit) for one in took) / due, 3) if due else None
    middle = round(median(took), 1) if took else None
    return {"limit_hours": hours(limit), "cases": due, "median_hours": middle, "share_in_time": share}


async def _endings(c: Transaction, hospital: Hospital) -> dict[str, int]:
    endings, extensions = await tables.count_endings(c, hospital.id)
    erased: Counter[str] = Counter()
    for group in await tables.read_tally(c, hospital.id):
        erased[str(group["ending"])] += group["count"]
    ended = endings + erased
    return {
        "extensions": extensions,
        "handed_over": ended["handed_over"],
        "not_reached": ended["not_reached"],
        "erased": erased.total(),
    }
