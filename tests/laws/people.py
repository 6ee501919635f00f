"""Who works in the hospital of the laws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from shared.hospital import Hospital
from shared.messages import intake
from shared.testing import a_hospital

T = TypeVar("T")

#: ref: profession, department, manager, supporter. Few enough that places run out.
STAFF: dict[str, tuple[str, str, str | None, bool]] = {
    "s-ada": ("nurse", "icu", None, True),
    "s-bea": ("nurse", "surgery", None, True),
    "s-cas": ("nurse", "surgery", "s-bea", True),
    "s-dan": ("doctor", "surgery", None, True),
    "s-eva": ("doctor", "icu", None, True),
    "s-fay": ("nurse", "er", None, False),
    "s-gus": ("nurse", "icu", "s-bea", False),
    "s-hal": ("nurse", "surgery", "s-ada", False),
    "s-ida": ("doctor", "icu", "s-dan", False),
    "s-jon": ("nurse", "icu", None, False),
}
SUPPORTERS = [who for who, (_, _, _, supporter) in STAFF.items() if supporter]
PROFESSIONS, DEPARTMENTS = ("nurse", "doctor"), ("icu", "surgery", "er")
CASE_LIMIT, TALKS = 2, 3


def the_hospital(case_limit: int = CASE_LIMIT, **rules: str) -> Hospital:
    """`rules`: options that it picks, such as MATCH_29="confirmed"."""
    chosen = {id.replace("_", "-"): option for id, option in rules.items()}
    names = {code: {"nl": code, "en": code, "doors": ("self", "colleague", "manager")} for code in DEPARTMENTS}
    return a_hospital(departments=names, rules=chosen | {"MATCH-5": case_limit})


def row(who: str, **changes: Any) -> intake.RecordStaff:
    """The row of somebody on the staff list."""
    profession, department, line, supporter = STAFF[who]
    fields = {"profession": profession, "department": department, "line": line, "supporter": supporter}
    fields |= {"languages": ("nl",), "trained_on": date(2025, 10, 1) if supporter else None} | changes
    return intake.RecordStaff.model_validate({"by_role": "coordinator", "by": "s-coo", "person": who, **fields})


def one_of(things: Sequence[T], n: int) -> T:
    return things[n % len(things)]
