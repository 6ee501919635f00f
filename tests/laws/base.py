"""The town of one random history, and how outsiders find the right case and the right person to speak."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from shared.messages import Command, Message, intake
from tests.laws.people import CASE_LIMIT, one_of, the_hospital
from tests.laws.town import Town
from tests.laws.watch import Watch

ANY = st.integers(0, 11)
#: Mostly the right person speaks.
SPEAKER = st.sampled_from(("right", "right", "right", "right", "coordinator", "wrong"))
COORDINATOR: dict[str, str] = {"by_role": "coordinator", "by": "s-coo"}


class Base(RuleBasedStateMachine):
    """`steps` counts what was done, over all histories."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(the_hospital())
        self.watch = Watch(self.town, CASE_LIMIT)
        self.versions: dict[str, list[intake.TakeReport]] = {}
        self.minted = 0

    @invariant()
    def the_laws_hold(self) -> None:
        Base.steps += 1
        self.watch.look()
        if self.town.quiet:
            self.watch.look_around()

    def teardown(self) -> None:
        self.watch.leave_alone()

    def _tell(self, kind: type[Command], along: int = 0, /, **fields: Any) -> list[Message]:
        return self.town.tell(kind.model_validate(fields), along=along)

    def _case(self, n: int, *, held: bool = True) -> str | None:
        """One of the cases: those that somebody has, or that somebody is asked for, before the others."""
        self.watch.look()
        cases, asked = self.watch.cases.cases, [id for id, case in self.watch.asks.cases.items() if case.asked]
        better = [id for id, case in cases.items() if case.holder] if held else asked
        ids = better if better and n < 10 else list(cases) or list(self.watch.asks.cases)
        return one_of(ids, n) if ids else None

    def _speaker(self, case: str, speaker: str, role: str = "supporter") -> dict[str, str]:
        if speaker == "coordinator":
            return COORDINATOR
        if speaker == "wrong":
            return {"by_role": role, "by": "s-jon" if role == "supporter" else "p-0"}
        if role == "supporter":
            return {"by_role": role, "by": self.watch.cases.cases[case].holder or "s-ada"}
        offer = self.watch.cases.cases[case].offer
        refs = [one.colleague for one in offer.colleagues if one.case == case] if offer else []
        return {"by_role": role, "by": refs[0] if refs else "p-0"}

    def _involved(self, who: Iterable[str], role: str = "involved") -> tuple[intake.Involved, ...]:
        """Fresh refs, as the doors mint them."""
        found = []
        for staff in dict.fromkeys(who):
            self.minted += 1
            found.append(intake.Involved(staff=staff, role=role, case=f"c-{self.minted}", colleague=f"p-{self.minted}"))
        return tuple(found)
