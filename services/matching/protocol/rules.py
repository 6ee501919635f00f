"""The checks of matching: may this supporter be asked for this colleague's case, is an event large, what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.rulebook import Rulebook

RULES = Rulebook.of("services.matching.protocol")


@dataclass(frozen=True, slots=True)
class Standing:
    """One supporter by herself. `open_cases` counts open asks, and not the case in question; `off_duty`: how long until
    her available hours.
    """

    qualified: bool = True
    intervisie_in_order: bool = True
    open_cases: int = 0
    off_duty: timedelta = timedelta(0)
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """One supporter beside one colleague. `own_unit`, `own_line`: the colleague chose it, and may."""

    same_profession: bool = True
    same_department: bool = False
    shared_language: bool = True
    own_unit: bool = False
    own_line: bool = False
    in_line: bool = False
    said_no: bool = False
    involved: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """The colleagues of one event who are offered support at once."""

    colleagues: int = 1
    departments: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one profession: of how many supporters."""

    supporters: int


@RULES.check("MATCH-1")
def same_profession(fit: Fit) -> bool:
    return fit.same_profession


@RULES.check("MATCH-2")
def other_department(fit: Fit) -> bool:
    return fit.own_unit or not fit.same_department


@RULES.check("MATCH-3")
def qualified(standing: Standing) -> bool:
    return standing.qualified


@RULES.check("MATCH-4")
def intervisie_in_order(standing: Standing) -> bool:
    return standing.intervisie_in_order


@RULES.check("MATCH-5")
def has_room(standing: Standing, limit: int) -> bool:
    return standing.open_cases < limit


@RULES.check("MATCH-6")
def outside_the_line(fit: Fit) -> bool:
    return fit.own_line or not fit.in_line


@RULES.check("MATCH-7")
def has_not_said_no(fit: Fit) -> bool:
    return not fit.said_no


@RULES.check("MATCH-13")
def stands_outside(fit: Fit) -> bool:
    return not fit.involved


@RULES.check("MATCH-14")
def on_duty_soon(standing: Standing, limit: timedelta) -> bool:
    return standing.off_duty <= limit


@RULES.check("MATCH-15")
def wants_cases(standing: Standing) -> bool:
    return not standing.paused


@RULES.check("MATCH-16")
def speaks_her_language(fit: Fit) -> bool:
    return fit.shared_language


@RULES.check("MATCH-17")
def was_not_excluded(fit: Fit) -> bool:
    return not fit.excluded


@RULES.check("MATCH-27")
def few_colleagues(together: Together, limit: int) -> bool:
    return together.colleagues <= limit


@RULES.check("MATCH-28")
def few_departments(together: Together, limit: int) -> bool:
    return together.departments <= limit


@RULES.check("MATCH-35")
def enough_to_show(figures: Figures, limit: int) -> bool:
    return figures.supporters >= limit
