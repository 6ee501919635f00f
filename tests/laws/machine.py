"""All that happens to a hospital: what outsiders do, and what the bus, the clock and a power cut do."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.messages import SERVICES
from tests.laws.base import ANY
from tests.laws.doors import Doors
from tests.laws.people import one_of
from tests.laws.support import Support

SUMMER_TIME = datetime(2026, 3, 29, 0, 55, tzinfo=UTC)


class Outsiders(Doors, Support):
    """A hospital and everything around it."""

    @rule(name=st.sampled_from(SERVICES), places=st.lists(st.integers(0, 12), min_size=1, max_size=8))
    def some_facts_arrive(self, name: str, places: list[int]) -> None:
        self.town.deliver(name, places)

    @rule(name=st.sampled_from(SERVICES), place=st.integers(0, 200))
    def a_fact_comes_again(self, name: str, place: int) -> None:
        self.town.repeat(name, place)

    @rule(n=st.integers(0, 200))
    def a_command_comes_again(self, n: int) -> None:
        if told := [entry for entry in self.town.history if entry.way == "is told"]:
            self.town.tell_again(one_of(told, n))

    @rule(seed=st.integers(0, 999))
    def everything_arrives(self, seed: int) -> None:
        self.town.settle(random.Random(seed) if seed else None)

    @rule(
        to=st.sampled_from(
            ("next", "minutes", "hours", "minutes", "night", "next", "hours", "days", "weeks", "summer time")
        ),
        late=st.sampled_from((False, False, True)),
        first=ANY,
    )
    def the_clock_jumps(self, to: str, late: bool, first: int) -> None:
        now = self.town.now
        until = {
            "next": max(now, self.town.next_due()),
            "minutes": now + timedelta(minutes=20),
            "hours": now + timedelta(hours=5),
            "night": now.replace(hour=23, minute=30),
            "days": now + timedelta(days=1 + first % 4),
            "weeks": now + timedelta(days=36),
            "summer time": max(now, SUMMER_TIME),
        }[to]
        self.town.jump(until)
        if not late:
            self.watch.tick(first)

    @rule(name=st.sampled_from(SERVICES), again=st.integers(0, 5))
    def a_service_restarts(self, name: str, again: int) -> None:
        self.town.restart(name, again)
        self.watch.tick()

    @rule(works=st.booleans())
    def the_mail_server_changes(self, works: bool) -> None:
        self.town.mail_works = works
