"""A report that is amended after the offer says to everybody how grave the event was, and the clocks follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.followup.protocol.case import Case
from shared.engine.world import Later, Said
from shared.messages import Message, intake
from shared.messages.followup import CaseErased, CheckInDue, ClockMissed, MomentDue
from shared.messages.matching import NoticeDue
from shared.testing import NOW
from tests.decisions import followup_tale as tale
from tests.decisions import matching_words as asking
from tests.decisions.followup_after import LATER_ONLY
from tests.decisions.intake_words import ANNA, BRAM, OFFER_NOW, closed, deadly, report, severe, story

DAY = timedelta(days=1)


def reassessed(*who: str, **but: Any) -> intake.EventReassessed:
    fields: dict[str, Any] = {"event_types": ("medication",), "calamity": "no", "harm": "death", "t0": NOW}
    return intake.EventReassessed(report="r-1", cases=tuple(f"c-{one}" for one in who), **fields | but)


def told(said: list[Said]) -> list[Said]:
    return [one for one in said if isinstance(one, intake.EventReassessed)]


@pytest.mark.parametrize(
    ("before", "amended", "then"),
    [
        ([report(ANNA), OFFER_NOW], deadly(ANNA, revision="2"), [reassessed(ANNA)]),
        (
            [report(ANNA), OFFER_NOW],
            report(ANNA, revision="2", calamity="yes"),
            [reassessed(ANNA, harm="low", calamity="yes")],
        ),
        ([severe(ANNA), OFFER_NOW], deadly(ANNA, revision="2"), [reassessed(ANNA, t0=None)]),
        ([deadly(ANNA)], report(ANNA, revision="2"), [reassessed(ANNA, harm="low", t0=None)]),
        ([report(ANNA), OFFER_NOW], deadly(ANNA, BRAM, revision="2"), [reassessed(ANNA)]),
        ([deadly(ANNA), closed(ANNA)], report(ANNA, revision="2"), [reassessed(ANNA, harm="low", t0=None)]),
        ([report(ANNA), OFFER_NOW], report(ANNA, revision="2"), []),
        ([report(ANNA)], deadly(ANNA, revision="2"), []),
        ([report(ANNA), OFFER_NOW], deadly(ANNA, revision="2", status="withdrawn"), []),
        ([report(ANNA), OFFER_NOW], deadly(BRAM, revision="2"), []),
    ],
    ids=[
        "a death",
        "a calamity",
        "graver, and no new cause: the clocks go on",
        "less grave",
        "who is named now is offered support with what is known now",
        "also after the closing",
        "nothing new",
        "before there is an offer",
        "withdrawn: there is nothing to be grave",
        "whoever was taken off hears nothing",
    ],
)
def test_an_amendment_says_how_grave_the_event_was(before: list[Message], amended: Message, then: list[Said]) -> None:
    assert told(story(*before).when(amended)) == then


# -- followup --------------------------------------------------------------------------------------------------------

GRAVE = intake.EventReassessed(
    report="r-1", event_types=("patient_death",), calamity="yes", harm="death", t0=NOW + DAY, cases=(tale.CASE,)
)
LOW: list[Message] = [tale.offered(harm="low"), tale.matched(tale.ANNA)]


def test_what_is_graver_than_was_known_makes_check_ins_possible() -> None:
    assert tale.names(tale.story(*LOW).when(LATER_ONLY)) == "refused"
    said = tale.story(*LOW, GRAVE).when(LATER_ONLY)
    assert tale.names(said) == "check_ins_agreed moment_due moment_due"


def test_an_amendment_that_gives_cause_lets_the_clocks_run_anew() -> None:
    amended = tale.story(*LOW)
    amended.now = NOW + DAY
    assert amended.when(GRAVE) == [
        tale.later("contact", NOW + DAY, 3 * DAY),
        tale.later("last_check", NOW + DAY, 21 * DAY),
    ]
    missed = [one for one in amended.wait(NOW + 5 * DAY) if isinstance(one, ClockMissed)]
    assert [one.due_at for one in missed if one.clock == "contact"] == [NOW + 4 * DAY]


def test_graver_without_a_new_cause_leaves_the_clocks_alone() -> None:
    amended = tale.story(*LOW, GRAVE.model_copy(update={"t0": None}))
    known = amended.state(Case, tale.CASE)
    assert (known.harm, known.calamity, known.t0) == ("death", "yes", NOW - tale.HOUR)


def test_a_calamity_that_is_settled_after_the_closing_opens_check_ins_and_starts_no_clock() -> None:
    said = tale.story(*LOW, tale.TALK, tale.CLOSE, GRAVE).when(LATER_ONLY)
    assert "check_ins_agreed" in tale.names(said)
    closed_case = tale.story(*LOW, tale.TALK, tale.CLOSE, GRAVE).state(Case, tale.CASE)
    assert closed_case.t0 == NOW - tale.HOUR


def test_whoever_was_still_to_hear_and_is_not_any_more_is_erased_in_time() -> None:
    low = GRAVE.model_copy(update={"harm": "low", "t0": None})
    amended = tale.story(tale.offered(harm="death"), tale.matched(tale.ANNA), tale.TALK, tale.CLOSE, LATER_ONLY)
    assert [one.message for one in amended.when(low) if isinstance(one, Later)] == [
        MomentDue(case=tale.CASE, moment="erasure", since=NOW)
    ]
    said = amended.wait(NOW + 300 * DAY)
    assert [one for one in said if isinstance(one, CheckInDue | CaseErased)] == [CaseErased(case=tale.CASE)]
    assert amended.now == NOW + 300 * DAY


# -- matching --------------------------------------------------------------------------------------------------------

URGENT = intake.EventReassessed(
    report="r-c-1", event_types=("fall",), calamity="no", harm="death", cases=(asking.CASE,)
)
AGAIN = NoticeDue(regarding=asking.CASE, to="supporter", template="ask", person=asking.ANNA, urgent=True)


def test_an_open_ask_becomes_urgent_and_does_not_wait_for_the_morning() -> None:
    asked = asking.story(*asking.POOL, asking.offered())
    assert asked.when(URGENT) == [AGAIN]
    assert asked.when(URGENT) == []
    said = asked.when(asking.decline(asking.ANNA))
    assert [one.urgent for one in said if isinstance(one, NoticeDue)] == [True]


def test_who_is_on_call_comes_first_once_it_is_urgent() -> None:
    first = [*asking.POOL, asking.on_call(asking.BRAM, NOW - tale.HOUR, 12)]
    assert asking.asked_whom(asking.story(*first).when(asking.offered())) == {asking.CASE: asking.ANNA}
    waits = asking.story(*first, asking.offered(), asking.PAUSED, URGENT)
    assert asking.asked_whom(waits.when(asking.RESUMED)) == {asking.CASE: asking.BRAM}


def test_less_grave_is_less_urgent_and_a_case_that_is_over_stays_over() -> None:
    low = URGENT.model_copy(update={"harm": "low"})
    asked = asking.story(*asking.POOL, asking.offered(), URGENT)
    assert asked.when(low) == []
    assert [one.urgent for one in asked.when(asking.decline(asking.ANNA)) if isinstance(one, NoticeDue)] == [False]
    assert asking.story(*asking.POOL, asking.offered(), asking.closed()).when(URGENT) == []
