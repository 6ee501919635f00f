"""Small histories that once broke a law, each as it happens in a hospital; random histories rarely meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from shared.messages import Command, followup, intake, matching
from tests.laws.base import COORDINATOR
from tests.laws.people import CASE_LIMIT, STAFF, row, the_hospital
from tests.laws.town import Town
from tests.laws.watch import Watch


class Story:
    """A patient of one report died; a nurse is named, and a supporter is asked for her case."""

    def __init__(self) -> None:
        self.town = Town(the_hospital())
        self.watch = Watch(self.town, CASE_LIMIT)
        for who in STAFF:
            self.town.tell(row(who))
        self.town.settle()
        self.report(1, "c-1")
        self.settle()

    def report(self, number: int, *cases: str) -> None:
        """A version of the report that names the nurse, a doctor and another nurse: as many as there are cases."""
        names = ("s-jon", "s-ida", "s-gus")
        named = [
            {"staff": who, "case": case, "colleague": "p" + case[1:]} for who, case in zip(names, cases, strict=False)
        ]
        fields: dict[str, Any] = {"report": "r-1", "key": f"r-1-{number}", "revision": str(number), "status": "amended"}
        fields |= {"kind": "actual", "harm": "death", "calamity": "unknown", "event_types": ("other",)}
        fields |= {"department": "icu", "staff": named, "reported_at": self.town.now, "occurred_at": self.town.now}
        self.town.tell(intake.TakeReport.model_validate(fields | {"by_role": "feed", "by": "feed"}))

    def settle(self) -> None:
        self.town.settle()
        self.watch.look_around()

    def says_yes(self) -> None:
        asked = self.watch.asks.cases["c-1"].asked
        self.town.tell(matching.AcceptAsk(case="c-1", by_role="supporter", by=asked))

    def coordinator(self, kind: type[Command], **fields: str) -> None:
        self.town.tell(kind.model_validate(fields | COORDINATOR))

    def late_in_the_evening(self) -> None:
        """Letters to a colleague wait for the morning from now on."""
        self.town.tick()
        self.town.jump(self.town.now.replace(hour=23, minute=30))
        self.watch.tick()

    def letters(self, to: str) -> list[str]:
        """What was sent to somebody of this role, oldest first."""
        told = [entry.data for entry in self.town.history if entry.service == "intake"]
        return [one.template for one in told if isinstance(one, intake.NoticeSent) and one.to == to]

    def erase(self, case: str) -> None:
        """The colleague stops everything, and what joined her to the case goes."""
        self.coordinator(followup.StopSupport, case=case)
        self.settle()
        self.town.jump(self.town.now + timedelta(days=2))
        self.watch.tick()
        self.settle()

    def hears(self, name: str) -> None:
        self.town.deliver(name, range(len(self.town.on_the_way[name])))


def test_somebody_taken_off_and_named_again_has_an_offer_also_when_a_supporter_said_yes_in_between() -> None:
    story = Story()
    story.says_yes()
    story.report(2)
    story.hears("intake")
    story.report(3, "c-2")
    story.watch.leave_alone()


def test_somebody_whom_a_report_names_after_an_erasure_waits_for_the_coordinator_until_she_is_dealt_with() -> None:
    story = Story()
    story.report(2, "c-2", "c-3")
    story.settle()
    story.erase("c-1")
    story.report(3, "c-4", "c-5", "c-6")
    story.erase("c-3")
    story.watch.leave_alone()


def test_whoever_declined_is_not_told_of_a_match_that_crossed_it() -> None:
    story = Story()
    story.coordinator(followup.DeclineSupport, case="c-1")
    story.hears("intake")
    story.says_yes()
    story.watch.leave_alone()


@pytest.mark.parametrize("tasks", [("contact", "attempt"), ("contact",), ("attempt",)])
def test_a_case_whose_tasks_are_said_to_be_done_still_has_a_clock_or_an_owner(tasks: tuple[str, ...]) -> None:
    story = Story()
    story.says_yes()
    story.settle()
    story.town.jump(story.town.now + timedelta(days=4))
    story.watch.tick()
    for task in tasks:
        story.coordinator(followup.FinishTask, regarding="c-1", task=task)
    story.watch.leave_alone()


def test_a_case_of_which_every_clock_has_run_out_and_every_task_was_said_to_be_done_is_not_forgotten() -> None:
    story = Story()
    story.says_yes()
    story.settle()
    for _ in range(12):
        story.town.jump(story.town.now + timedelta(days=5))
        story.watch.tick()
        story.settle()
    for task in (*get_args(followup.Clock), "not_reached", "find_supporter"):
        story.coordinator(followup.FinishTask, regarding="c-1", task=task)
    story.watch.leave_alone()


def test_a_pause_that_ends_at_the_moment_at_which_clocks_were_missed_starts_them_again() -> None:
    story = Story()
    story.says_yes()
    story.settle()
    story.town.tell(followup.RecordContact.model_validate({"case": "c-1", "reached": True} | COORDINATOR))
    story.town.jump(story.town.now + timedelta(days=36))
    story.watch.tick()
    story.coordinator(followup.PauseSupport, case="c-1")
    story.coordinator(followup.ResumeSupport, case="c-1")
    story.watch.leave_alone()


def test_of_two_farewells_that_cross_only_the_confirmation_leaves() -> None:
    story = Story()
    story.says_yes()
    story.settle()
    story.late_in_the_evening()
    story.coordinator(followup.HandOver, case="c-1", to="psychologist")
    story.coordinator(followup.StopSupport, case="c-1")
    story.watch.leave_alone()
    assert story.letters("colleague") == ["matched", "declined"]


def test_whose_offer_was_taken_back_has_one_confirmation_whatever_she_presses_then() -> None:
    story = Story()
    story.says_yes()
    story.settle()
    story.late_in_the_evening()
    story.coordinator(followup.CloseCase, case="c-1", ending="withdrawn")
    story.coordinator(followup.StopSupport, case="c-1")
    story.watch.leave_alone()
    assert story.letters("colleague") == ["matched", "closed"]


def test_an_attempt_from_before_anybody_heard_of_the_match_is_not_the_supporters() -> None:
    story = Story()
    story.says_yes()
    story.coordinator(followup.RecordContact, case="c-1", reached="no")
    story.watch.leave_alone()
