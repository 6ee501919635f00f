"""The checks of training: who becomes a supporter, who remains one, and whether a profession has enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shared.rulebook import Rulebook

RULES = Rulebook.of("services.training.protocol")


@dataclass(frozen=True, slots=True)
class Nomination:
    """Somebody puts somebody forward, both as refs; an empty nominator is nobody."""

    supporter: str
    nominator: str


@dataclass(frozen=True, slots=True)
class Training:
    """A training as it stands on a day; without a date it was not completed."""

    today: date
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How long ago a supporter last attended intervisie (or was imported, where that is unknown: TRAIN-4)."""

    since_intervisie: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Supporters who can be asked, of the headcount of a profession. `shifts`: it works many, says the hospital."""

    supporters: int = 0
    headcount: int = 0
    shifts: bool = False


@RULES.check("TRAIN-1")
def nominated_by_another(nomination: Nomination) -> bool:
    return nomination.nominator not in ("", nomination.supporter)


@RULES.check("TRAIN-2")
def training_is_completed(training: Training) -> bool:
    return training.completed_on is not None and training.completed_on <= training.today


@RULES.check("TRAIN-3")
def attends_intervisie(standing: Standing, limit: timedelta) -> bool:
    return standing.since_intervisie < limit


@RULES.check("TRAIN-5")
def enough_supporters(coverage: Coverage, percent: int) -> bool:
    return coverage.shifts or coverage.supporters * 100 >= percent * coverage.headcount


@RULES.check("TRAIN-6")
def enough_supporters_for_shifts(coverage: Coverage, percent: int) -> bool:
    return not coverage.shifts or coverage.supporters * 100 >= percent * coverage.headcount
