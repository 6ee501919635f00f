"""The refs of staff and reports: each as it was made, under the secret of its time; a new one under today's.

A secret that is replaced goes on naming what it has named, so that nobody has a second ref, and no report comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.intake import tables
from services.intake.protocol.states import Report, Staff
from shared.engine.world import State
from shared.ids import keyed_ref
from shared.service import Running

#: The ref of each of these, by staff number or by the key of a report.
Refs = Mapping[str, str]


async def staff_refs(running: Running, hospital: str, numbers: Iterable[str]) -> Refs:
    """Of these staff numbers: always the same, and it tells nothing without the secret."""
    return await _refs(running, hospital, Staff, {number: ("s", hospital, number) for number in numbers})


async def report_refs(running: Running, hospital: str, keys: Iterable[str]) -> Refs:
    """Of the reports with these keys."""
    return await _refs(running, hospital, Report, {key: ("r", key) for key in keys})


async def _refs(running: Running, hospital: str, kind: type[State], named: Mapping[str, tuple[str, ...]]) -> Refs:
    new = {name: _under(running.secret, parts) for name, parts in named.items()}
    if not running.old_secrets:
        return new
    old = {name: [_under(secret, parts) for secret in running.old_secrets] for name, parts in named.items()}
    candidates = {*new.values(), *(ref for refs in old.values() for ref in refs)}
    async with running.database.read() as c:
        known = await tables.read_states(c, kind, hospital, candidates)
    return {name: next((ref for ref in (new[name], *old[name]) if ref in known), new[name]) for name in named}


def _under(secret: str, parts: tuple[str, ...]) -> str:
    letter, *rest = parts
    return keyed_ref(letter, secret, *rest)
