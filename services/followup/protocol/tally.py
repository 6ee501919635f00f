"""What stays of an erased case: one more of its kind, in codes and bands; no month, department, person or case. Pure.

Few cases of a kind tell whose they were. So they are told in groups of five at least: what is rarer is grouped with
others, more coarsely until it is no longer rare. Every case is in one group alone, so that no group is found by taking
others from a sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from services.followup.protocol.case import Case, Tally
from shared.engine.world import World

#: Hours to the first contact as statistics tell them apart; the last band is open.
_HOURS = ((timedelta(hours=24), "0-24"), (timedelta(hours=72), "24-72"))
_SAYS = ("year", "profession", "event", "door", "ending", "hours_to_contact", "conversations")
_TALKS = ("0", "1", "2-3", "2-3")
#: No group of fewer erased cases is told.
LEAST = 5
#: What rare cases are grouped over, one after the other; how they ended comes last.
_OVER = ("conversations", "hours_to_contact", "event", "door", "profession", "year", "ending")


def tallied(world: World, case: Case) -> Tally:
    """The tally of cases like this one, with this one."""
    known = world.get(Tally, kind(world, case))
    return known.but(count=known.count + 1)


def published(tallies: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """These tallies (id, count) as they may be told: groups of `LEAST` cases or more, by what they have in common; None
    where they differ. Fewer in all are not told, and a few that are left over hide with the smallest group.
    """
    rare = {tuple[str | None, ...](id.split("|")): count for id, count in tallies}
    groups: Counter[tuple[str | None, ...]] = Counter()
    for what in (None, *_OVER):
        rare = _without(rare, what)
        groups.update({kind: count for kind, count in rare.items() if count >= LEAST})
        rare = {kind: count for kind, count in rare.items() if count < LEAST}
    for kind, count in rare.items():
        if groups:
            count += groups.pop(min(groups, key=lambda one: (groups[one], str(one))))
            groups[kind] += count
    return [dict(zip(_SAYS, kind, strict=True)) | {"count": count} for kind, count in sorted(groups.items(), key=str)]


def _without(rare: Mapping[tuple[str | None, ...], int], what: str | None) -> dict[tuple[str | None, ...], int]:
    """Grouped over what differs in this."""
    found: Counter[tuple[str | None, ...]] = Counter()
    for kind, count in rare.items():
        found[tuple(None if name == what else code for name, code in zip(_SAYS, kind, strict=True))] += count
    return found


def kind(world: World, case: Case) -> str:
    """In what cases are alike, in the order of `_SAYS`."""
    assert case.closed_at is not None
    year = f"{case.closed_at.astimezone(world.hospital.tz):%Y}"
    event = next(iter(case.event_types), "unknown")
    return "|".join((year, case.profession or "unknown", event, case.door, case.ending, _hours(case), _talks(case)))


def _hours(case: Case) -> str:
    if case.t0 is None or case.first_contact_at is None:
        return "none"
    took = case.first_contact_at - case.t0
    return next((band for limit, band in _HOURS if took <= limit), "72+")


def _talks(case: Case) -> str:
    return _TALKS[case.conversations] if case.conversations < len(_TALKS) else "4+"
