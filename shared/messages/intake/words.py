"""The words in which intake speaks: its codes, and the parts of its messages."""

from __future__ import annotations

from typing import Literal

from shared.messages.base import Part

#: How a case came about: after a report, without one by oneself, a colleague, a manager or the coordinator, or for a
#: whole team.
Door = Literal["report", "self", "colleague", "manager", "coordinator", "group"]


class Colleague(Part):
    """One colleague of an event, as matching needs to know her: codes and refs. `not_by`: supporters who are herself or
    were involved in the event; `line`: supporters in her management line. Of a team (door "group") the one who called.
    """

    case: str
    colleague: str
    profession: str
    department: str
    site: str = ""
    languages: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


class Involved(Part):
    """Somebody whom a report names: the staff ref, and fresh refs for a case that may be opened for her."""

    staff: str
    role: str = "involved"
    case: str
    colleague: str
