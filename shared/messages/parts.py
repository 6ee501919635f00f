"""Words that more than one publisher uses: roles, notices and refusals."""

from __future__ import annotations

from typing import ClassVar, Literal

from .base import Fact
from .refs import PersonRef, TopicRef

#: staff: anybody of the staff, who may open a door without a report.
Role = Literal["feed", "coordinator", "supporter", "trainer", "ops", "auditor", "colleague", "staff"]


class NoticeDueBase(Fact):
    """Somebody must be told something. `regarding` is the case (or supporter) it is about, `person` a ref or empty for
    a role.
    """

    regarding: TopicRef
    to: Role
    template: str
    person: PersonRef = ""
    urgent: bool = False


class RefusedBase(Fact):
    """An answer to a command that a rule does not allow: the command's name and the rule's id."""

    refuses: ClassVar[bool] = True

    regarding: TopicRef
    command: str
    rule: str
