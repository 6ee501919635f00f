"""The refs of staff and reports: each as it was made, under the secret of its time; a new one under today's.

A secret that is replaced goes on naming what it has named, so that nobody has a second ref, and no report comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from services.intake import tables
from services.intake.protocol.states import Report, Staff
from shared.beside import beside
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
    secrets = (running.secret, *running.old_secrets)
    refs = await beside(sum(map(len, named)), partial(_under_each, secrets, named))
    if not running.old_secrets:
        return {name: new for name, [new] in refs.items()}
    async with running.database.read() as c:
        known = await tables.read_states(c, kind, hospital, {one for those in refs.values() for one in those})
    return {name: next((one for one in those if one in known), those[0]) for name, those in refs.items()}


def _under_each(secrets: tuple[str, ...], named: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: [keyed_ref(letter, secret, *parts) for secret in secrets] for name, (letter, *parts) in named.items()}
