"""Looks at a town: every new entry of its history, and everything when all is quiet, is held against the laws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from services.followup.protocol.case import Case
from services.matching.protocol.states import Supporter
from shared.messages import SERVICES, intake
from tests.laws.asks import Asks
from tests.laws.cases import Cases
from tests.laws.history import LawBroken
from tests.laws.offers import Offers
from tests.laws.people import TALKS, one_of
from tests.laws.town import Town


class Watch:
    """The three accounts of one town. Raises LawBroken."""

    def __init__(self, town: Town, case_limit: int) -> None:
        self.town = town
        self.offers, self.asks, self.cases = Offers(), Asks(town.hospital, case_limit), Cases(TALKS)
        self._seen = 0

    def look(self) -> None:
        entries, self._seen = self.town.history[self._seen :], len(self.town.history)
        laws = (self.offers, self.asks, self.cases)
        self._obey(broken for entry in entries for law in laws for broken in law.see(entry))

    def look_around(self) -> None:
        """What must hold whenever nothing is on its way."""
        self.look()
        cases = self.cases.cases
        needy = [id for id, case in cases.items() if case.needs_somebody]
        self._obey(self.offers.when_quiet(self._ending, self._windows()))
        self._obey(self.asks.when_quiet(self.town.now, lambda id: cases[id].holder if id in cases else "", needy))
        self._obey(self._places())
        if self.town.next_due() > self.town.now:
            self._obey(self.cases.when_quiet(self.town.now))

    def leave_alone(self) -> None:
        """Everything arrives; then nobody does anything for longer than any clock of a case lasts."""
        self.town.settle()
        self.tick()
        self.look_around()
        for _ in range(12):
            self.town.jump(self.town.now + timedelta(days=5))
            self.tick()
            self.town.settle()
        self.look_around()
        self._obey(self._forsaken())

    def tick(self, first: int = 0) -> None:
        """Wakes what is due, beginning with one of the services."""
        self.town.tick([one_of(SERVICES, first + n) for n in range(4)])
        self.look()
        self.cases.last_tick = self.town.now

    def _ending(self, id: str) -> str:
        return self.cases.cases[id].ending if id in self.cases.cases else ""

    def _windows(self) -> set[str]:
        """Reports of which an offer still waits for a veto."""
        waits = self.town.services["intake"].waits
        return {one.event.subject for one in waits if isinstance(one.event.data, intake.VetoPassed)}

    def _places(self) -> Iterator[str]:
        """A place that matching counts is one that is taken."""
        for one in self.town.states("matching", Supporter):
            taken = sorted(self.asks.supporters[one.id].places)
            if sorted(one.places) != taken:
                yield f"of {one.id} matching counts {sorted(one.places)}; taken are {taken}"

    def _forsaken(self) -> Iterator[str]:
        tasks = {case.id: case.tasks for case in self.town.states("followup", Case)}
        for id, case in self.cases.cases.items():
            if case.is_open and not tasks.get(id):
                yield f"{id} is open, and nobody must do anything about it"

    def _obey(self, broken: Iterable[str]) -> None:
        if found := list(broken):
            raise LawBroken(found, self.town.history)
