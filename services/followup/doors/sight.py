"""Whose eyes see which case: the coordinator all of her hospital, a supporter her own, a colleague that of her link."""

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
    if who.role == "supporter":
        return who.person != "" and who.person == case.supporter
    return who.role != "colleague" or who.case == case.id
