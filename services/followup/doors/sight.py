"""Whose eyes see which case: a supporter's those that are hers. The gate has seen to links and hospitals."""

from __future__ import annotations

from services.followup import tables
from services.followup.protocol.case import Case
from shared.http.answers import Caller, gone
from shared.service import Running


async def case_for(running: Running, who: Caller, id: str) -> Case:
    """The case, if this caller may know of it. 404 otherwise."""
    async with running.database.read() as c:
        case = await tables.read_case(c, who.hospital, id)
    if case is None or not may_see(who, case):
        raise gone()
    return case


def may_see(who: Caller, case: Case) -> bool:
    """Whether a case exists for this caller. Who may do what in it is for the rules to say."""
    return who.role != "supporter" or who.person == case.supporter != ""
