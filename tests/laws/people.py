"""Who works in the hospital of the laws, and commands that not every version of a service knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar

from services.matching.protocol.rules import RULES as MATCHING
from shared.engine.world import State, World
from shared.hospital import Department, Hospital
from shared.messages import Command, Event, intake
from shared.testing import NOW, a_hospital
from tests.laws.town import PROTOCOLS

T = TypeVar("T")
S = TypeVar("S", bound=State)

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
    """`rules`: options that it picks, such as MATCH_29="confirmed"; what this version has no rule for is left out."""
    known = {rule.id for rule in MATCHING.rules}
    chosen = {id.replace("_", "-"): option for id, option in rules.items() if id.replace("_", "-") in known}
    agreed = {"doors": ("self", "colleague", "manager")} if "doors" in Department.model_fields else {}
    names = {code: {"nl": code, "en": code} | agreed for code in DEPARTMENTS}
    return a_hospital(departments=names, rules=chosen | {"MATCH-5": case_limit})


def row(who: str, **changes: Any) -> intake.RecordStaff:
    """The row of somebody on the staff list."""
    profession, department, line, supporter = STAFF[who]
    fields = {"profession": profession, "department": department, "line": line, "supporter": supporter}
    fields |= {"languages": ("nl",), "trained_on": date(2025, 10, 1) if supporter else None} | changes
    return intake.RecordStaff.model_validate({"by_role": "coordinator", "by": "s-coo", "person": who, **fields})


def one_of(things: Sequence[T], n: int) -> T:
    return things[n % len(things)]


@cache
def is_known(command: type[Command]) -> bool:
    """Whether the service that owns this command decides on it, or was built before it; the contracts are ahead."""
    protocol = next(protocol for protocol in PROTOCOLS if protocol.name == command.publisher)

    def fresh(kind: type[S], id: str) -> S:
        return kind(hospital="example", id=id)

    world = World(NOW, the_hospital(), fresh, lambda _: iter(()))
    nothing: dict[str, Any] = dict.fromkeys(command.model_fields, "")
    blank = command.model_construct(None, **nothing)
    try:
        list(protocol.decide(world, Event("", "example", NOW, blank)))
    except KeyError as error:
        return error.args != (command,)
    except Exception:
        return True
    return True
