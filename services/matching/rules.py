"""The checks of matching: may this supporter be asked for this colleague's case?"""

from __future__ import annotations

from dataclasses import dataclass

from shared.rulebook import Rulebook

RULES = Rulebook.of("services.matching")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One supporter beside one colleague. `open_cases` counts open asks, and not the case in question."""

    same_profession: bool = True
    same_department: bool = False
    qualified: bool = True
    intervisie_in_order: bool = True
    open_cases: int = 0
    not_by: bool = False
    said_no: bool = False


@RULES.check("MATCH-1")
def same_profession(candidate: Candidate) -> bool:
    return candidate.same_profession


@RULES.check("MATCH-2")
def other_department(candidate: Candidate) -> bool:
    return not candidate.same_department


@RULES.check("MATCH-3")
def qualified(candidate: Candidate) -> bool:
    return candidate.qualified


@RULES.check("MATCH-4")
def intervisie_in_order(candidate: Candidate) -> bool:
    return candidate.intervisie_in_order


@RULES.check("MATCH-5")
def has_room(candidate: Candidate, limit: int) -> bool:
    return candidate.open_cases < limit


@RULES.check("MATCH-6")
def stands_outside(candidate: Candidate) -> bool:
    return not candidate.not_by


@RULES.check("MATCH-7")
def has_not_said_no(candidate: Candidate) -> bool:
    return not candidate.said_no
