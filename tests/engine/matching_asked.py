"""What several tests of the doors of matching share."""

from __future__ import annotations

from typing import get_args

from shared.messages import Message, Role, intake, training
from shared.testing import NOW

ANNA, BRAM, NEAR = "s-anna", "s-bram", "s-near"

ROLES: tuple[Role, ...] = get_args(Role)


def supporter(who: str, department: str = "surgery") -> list[Message]:
    staff = intake.StaffRecorded(person=who, profession="nurse", department=department, supporter=True)
    return [staff, training.SupporterQualified(supporter=who, on=NOW.date())]


def offered(*cases: str, report: str = "r-1") -> intake.SupportOffered:
    people = [
        intake.Colleague(case=case, colleague=f"p-{case}", profession="nurse", department="icu") for case in cases
    ]
    return intake.SupportOffered(report=report, t0=NOW, event_types=("fall",), colleagues=tuple(people))
