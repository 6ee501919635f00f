"""The words in which intake speaks: its codes, and the parts of its messages."""

from __future__ import annotations

from typing import Literal

from shared.messages.base import Part
from shared.messages.refs import CaseRef, ColleagueRef, Profession, StaffRef

#: How a case came about: after a report, without one by oneself, a colleague, a manager or the coordinator, or for a
#: whole team.
Door = Literal["report", "self", "colleague", "manager", "coordinator", "group"]


class Colleague(Part):
    """One colleague of an event, as matching needs to know her: codes and refs. `not_by`: supporters who are herself or
    were involved in the event; `line`: supporters in her management line. Of a team (door "group") the one who called.
    """

    case: CaseRef
    colleague: ColleagueRef
    profession: Profession
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    not_by: tuple[StaffRef, ...] = ()
    line: tuple[StaffRef, ...] = ()


class Involved(Part):
    """Somebody whom a report names: the staff ref, and fresh refs for a case that may be opened for her."""

    staff: StaffRef
    role: str = "involved"
    case: CaseRef
    colleague: ColleagueRef
