"""Whoever is a supporter no more by the staff list is not asked and not counted; on what she has a person decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.followup.protocol.case import Case, Waiting
from services.training.protocol.domain import PROTOCOL as TRAINING
from services.training.protocol.states import Supporter
from shared.engine.world import Said
from shared.messages import Message, intake, training
from shared.messages.followup import CloseCase
from shared.testing import NOW, Story
from tests.decisions import followup_tale as tale
from tests.decisions import intake_words as listing
from tests.decisions import matching_words as asking

ON_LIST = listing.on_list("dirk", supporter=True)
OFF_LIST = listing.on_list("dirk")


def row(who: str, stepped_back: bool) -> intake.StaffRecorded:
    codes: dict[str, Any] = {"profession": "nurse", "department": "surgery", "supporter": not stepped_back}
    return intake.StaffRecorded(person=who, stepped_back=stepped_back, **codes)


def told(said: list[Said]) -> list[tuple[bool, bool]]:
    return [(one.supporter, one.stepped_back) for one in said if isinstance(one, intake.StaffRecorded)]


@pytest.mark.parametrize(
    ("before", "now", "then"),
    [
        ([ON_LIST], OFF_LIST, [(False, True)]),
        ([ON_LIST, training.SupporterQualified(supporter="s-dirk", on=NOW.date())], OFF_LIST, [(False, True)]),
        ([ON_LIST, OFF_LIST], ON_LIST, [(True, False)]),
        ([ON_LIST, OFF_LIST], OFF_LIST, []),
        ([ON_LIST, OFF_LIST], listing.on_list("dirk", department="er"), [(False, True)]),
        (
            [OFF_LIST, training.SupporterNominated(supporter="s-dirk")],
            listing.on_list("dirk", department="er"),
            [(False, False)],
        ),
    ],
    ids=[
        "she steps back",
        "also once trained",
        "she is one again",
        "told once",
        "still",
        "who was never listed did not step back",
    ],
)
def test_the_list_says_that_she_is_a_supporter_no_more(before: list[Message], now: Message, then: list[Any]) -> None:
    assert told(listing.story(*before).when(now)) == then


# -- matching --------------------------------------------------------------------------------------------------------


def test_she_is_not_asked_and_her_open_ask_goes_to_the_next() -> None:
    away = row(asking.ANNA, True)
    asked = asking.story(*asking.POOL, asking.offered())
    assert asked.when(away) == [asking.taken_back(asking.ANNA), *asking.asked(asking.BRAM, 2)]
    assert asking.asked_whom(asked.when(asking.offered("c-2"))) == {"c-2": asking.BRAM}
    assert asked.when(asking.picked(asking.ANNA, case="c-2"))[0].rule == "MATCH-3"  # type: ignore[union-attr]


def test_a_case_that_she_has_stays_hers_and_she_may_come_back() -> None:
    back = row(asking.ANNA, False)
    hers = asking.story(*asking.ALONE, asking.offered(), asking.accept(asking.ANNA), row(asking.ANNA, True))
    assert asking.names(hers.when(asking.offered("c-2"))) == ["MatchFailed"]
    assert asking.asked_whom(hers.when(back)) == {"c-2": asking.ANNA}


# -- training --------------------------------------------------------------------------------------------------------


def test_she_is_not_counted_in_the_coverage_and_hears_of_no_intervisie() -> None:
    listed = row("s-anna", False).model_copy(update={"trained_on": date(2026, 1, 1)})
    pool = Story(TRAINING).given(intake.HeadcountMeasured(profession="nurse", headcount=10, on=NOW.date()), listed)
    [covered] = [one for one in pool.when(row("s-anna", True)) if isinstance(one, training.CoverageMeasured)]
    assert (covered.supporters, pool.state(Supporter, "s-anna").standing) == (0, "none")
    quiet = pool.wait(NOW + 300 * tale.DAY)
    assert [one for one in quiet if isinstance(one, training.NoticeDue)] == []
    [again] = [one for one in pool.when(listed) if isinstance(one, training.CoverageMeasured)]
    assert again.supporters == 1


# -- followup --------------------------------------------------------------------------------------------------------

ASKED = [tale.task("stepped_back", "FOLLOW-55"), tale.notice("coordinator", "stepped_back")]
CLOSED = tale.by(CloseCase, tale.COORDINATOR)
GONE, BACK = row(tale.ANNA, True), row(tale.ANNA, False)


def test_on_a_case_that_runs_the_coordinator_decides_and_nothing_changes_silently() -> None:
    running = tale.story(*tale.IN_CONTACT)
    assert running.when(GONE) == ASKED
    assert running.when(GONE.model_copy(update={"department": "er"})) == []
    case = running.state(Case, tale.CASE)
    assert (case.supporter, "stepped_back" in case.tasks) == (tale.ANNA, True)


@pytest.mark.parametrize("word", [tale.TAKE_AWAY, tale.HAND_BACK, CLOSED, BACK], ids=lambda one: one.name)
def test_the_task_ends_with_her_having_the_case_or_with_her_coming_back(word: Message) -> None:
    running = tale.story(*tale.IN_CONTACT, GONE, word)
    assert "stepped_back" not in running.state(Case, tale.CASE).tasks
    assert running.state(Waiting, tale.ANNA).stepped_back == (word != BACK)


def test_a_yes_that_crossed_it_is_put_to_the_coordinator_as_well() -> None:
    said = tale.story(tale.offered(), GONE).when(tale.matched(tale.ANNA))
    assert said == [*tale.ATTEMPTS, *ASKED]


def test_whoever_has_no_case_is_no_task() -> None:
    assert tale.story(*tale.TALKED, tale.CLOSE).when(GONE) == []
