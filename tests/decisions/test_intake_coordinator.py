"""The coordinator's word on a report, and that every message is answered in every state."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.intake.protocol.offers import TRIAGE
from services.intake.protocol.states import Report
from shared.engine.world import Later
from shared.messages import Message, Role, followup
from shared.messages.intake import (
    Refused,
    SetDepartment,
    SupportOffered,
    SupportWithdrawn,
    TaskDone,
    TaskRaised,
    VetoPassed,
)
from shared.testing import NOW
from tests.decisions.intake_words import (
    ANNA,
    BRAM,
    COORDINATOR,
    DIRK,
    DISMISS,
    DONE,
    HOUR,
    LONG_AGO,
    OFFER_NOW,
    closed,
    deadly,
    matched,
    name_involved,
    offered,
    on_list,
    report,
    severe,
    story,
    waits,
)

SET_DEPARTMENT = SetDepartment(report="r-1", department="icu", **COORDINATOR)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([report(ANNA)], OFFER_NOW, [offered(ANNA), DONE], id="one click offers what waited"),
        pytest.param([severe(ANNA)], OFFER_NOW, [offered(ANNA, harm="severe")], id="one click ends the window"),
        pytest.param(
            [report(ANNA, **LONG_AGO)],
            OFFER_NOW,
            [offered(ANNA, t0=NOW), DONE],
            id="what is too old can be offered by hand; its clocks start now",
        ),
        pytest.param(
            [deadly(ANNA)],
            OFFER_NOW,
            [Refused(regarding="r-1", command="offer_now", rule="INTAKE-5")],
            id="everybody has an offer already",
        ),
        pytest.param(
            [deadly(ANNA, support_wish="declined")],
            OFFER_NOW,
            [Refused(regarding="r-1", command="offer_now", rule="INTAKE-10")],
            id="who declined is not offered anything by hand either",
        ),
        pytest.param(
            [report(DIRK)], OFFER_NOW, [waits("staff_unknown")], id="nobody is known: the answer is what it waits for"
        ),
        pytest.param(
            [report(DIRK), on_list(DIRK)], OFFER_NOW, [offered(DIRK), DONE], id="who was unknown is on the list by now"
        ),
        pytest.param(
            [report(ANNA), on_list(ANNA, active=False)],
            OFFER_NOW,
            [waits("staff_unknown")],
            id="who was known has left by now",
        ),
        pytest.param(
            [report()],
            name_involved(ANNA),
            [offered(ANNA, t0=NOW), DONE],
            id="the coordinator names who was involved; her clocks start now",
        ),
        pytest.param(
            [report(DIRK)],
            name_involved(ANNA),
            [offered(ANNA, t0=NOW), DONE],
            id="and so says who the unknown one was",
        ),
        pytest.param(
            [report()], name_involved(DIRK), [waits("staff_unknown")], id="the coordinator names somebody unknown"
        ),
        pytest.param(
            [deadly(ANNA)],
            name_involved(ANNA),
            [Refused(regarding="r-1", command="name_involved", rule="INTAKE-5")],
            id="she has an offer already",
        ),
        pytest.param(
            [deadly(ANNA)],
            name_involved(ANNA, BRAM),
            [offered(BRAM, harm="death", t0=NOW)],
            id="one has an offer already, the other gets one",
        ),
        pytest.param(
            [report(ANNA)],
            name_involved(BRAM),
            [offered(BRAM, t0=NOW), waits("awaits_coordinator")],
            id="one is named, the other still waits",
        ),
        pytest.param(
            [deadly(ANNA, department=None)], SET_DEPARTMENT, [DONE], id="the department was all that was missing"
        ),
        pytest.param(
            [report(ANNA, department=None)],
            SET_DEPARTMENT,
            [waits("awaits_coordinator")],
            id="the department was not all: the rest still waits, until the same moment",
        ),
        pytest.param([deadly(ANNA)], SET_DEPARTMENT, [], id="the department was known"),
        pytest.param([report(ANNA)], DISMISS, [DONE], id="put aside"),
        pytest.param([severe(ANNA)], DISMISS, [], id="put aside in the window: nothing goes out"),
        pytest.param(
            [deadly(ANNA)],
            DISMISS,
            [SupportWithdrawn(report="r-1", cases=("c-anna",), reason="dismissed")],
            id="put aside after the offer: it is taken back",
        ),
        pytest.param(
            [deadly(ANNA), matched(ANNA)], DISMISS, [], id="put aside after a supporter was found: she keeps her"
        ),
        pytest.param([report(ANNA), DISMISS], OFFER_NOW, [offered(ANNA)], id="put aside, and taken up again"),
        pytest.param([], OFFER_NOW, [], id="there is no such report"),
    ],
)  # fmt: skip
def test_the_coordinator_says(given: list[Message], when: Message, then: list[Any]) -> None:
    assert story(*given).when(when) == then


def test_a_report_that_was_put_aside_in_its_window_sends_nothing() -> None:
    assert story(severe(ANNA), DISMISS).wait(NOW + 3 * HOUR) == []


def test_an_amendment_does_not_take_off_whom_the_coordinator_named() -> None:
    tale = story(report(), name_involved(ANNA))
    assert tale.when(report(revision="2")) == []
    assert [person.standing for person in tale.state(Report, "r-1").people] == ["offered"]


def test_an_amendment_that_still_names_no_department_does_not_undo_the_coordinators_word() -> None:
    tale = story(deadly(ANNA, department=None), SET_DEPARTMENT)
    assert tale.when(deadly(ANNA, department=None, revision="2")) == []


@pytest.mark.parametrize("role", [role for role in get_args(Role) if role != "coordinator"])
@pytest.mark.parametrize("word", [OFFER_NOW, DISMISS, SET_DEPARTMENT, name_involved(ANNA)], ids=lambda word: word.name)
def test_only_the_coordinator_has_a_say_on_a_report(word: Any, role: str) -> None:
    tale = story(report(ANNA))
    before = tale.state(Report, "r-1")
    refused = tale.when(word.model_copy(update={"by_role": role, "by": "s-anna"}))
    assert refused == [Refused(regarding="r-1", command=word.name, rule="INTAKE-7")]
    assert tale.state(Report, "r-1") == before


STATES: dict[str, list[Message]] = {
    "unknown": [],
    "waiting": [report(ANNA)],
    "window": [severe(ANNA)],
    "offered": [deadly(ANNA)],
    "matched": [deadly(ANNA), matched(ANNA)],
    "closed": [deadly(ANNA), closed(ANNA)],
    "aside": [report(ANNA), DISMISS],
    "withdrawn": [severe(ANNA), severe(ANNA, status="withdrawn")],
    "erased": [deadly(ANNA), closed(ANNA), followup.CaseErased(case="c-anna")],
}

NEXT: dict[str, Message] = {
    "death": deadly(ANNA, revision="2"),
    "without": deadly(revision="2"),
    "withdrawal": report(ANNA, revision="2", status="withdrawn"),
    "veto": VetoPassed(report="r-1", round=1),
    "offer": OFFER_NOW,
    "name": name_involved(ANNA),
    "aside": DISMISS,
    "by hand": followup.TaskFinished(regarding="r-1", task=TRIAGE),
    "match": matched(ANNA),
    "close": closed(ANNA),
    "erase": followup.CaseErased(case="c-anna"),
}

#                unknown   waiting    window    offered  matched  closed   aside     withdrawn  erased
ANSWERS = {
    "death":      "offer    offer+done offer     -        -        -        offer     offer      wait",
    "without":    "wait     wait       wait      back+wait wait    -        wait      wait       wait",
    "withdrawal": "-        done       -         wait     wait     -        -         -          -",
    "veto":       "-        -          offer     -        -        -        -         -          -",
    "offer":      "-        offer+done offer     refused  refused  refused  offer     -          -",
    "name":       "-        offer+done offer     refused  refused  refused  offer     offer      offer",
    "aside":      "-        done       -         back     -        -        -         -          -",
    "by hand":    "-        -          -         -        -        -        -         -          -",
    "match":      "-        -          -         -        -        -        -         -          -",
    "close":      "-        -          -         -        -        -        -         -          -",
    "erase":      "-        -          -         -        -        -        -         -          -",
}  # fmt: skip

WORDS = {SupportOffered: "offer", TaskRaised: "wait", TaskDone: "done", SupportWithdrawn: "back", Refused: "refused"}


@pytest.mark.parametrize("message", NEXT)
@pytest.mark.parametrize("state", STATES)
def test_every_message_is_answered_in_every_state(state: str, message: str) -> None:
    said = story(*STATES[state]).when(NEXT[message])
    expected = ANSWERS[message].split()[list(STATES).index(state)]
    assert ("+".join(WORDS[type(one)] for one in said if not isinstance(one, Later)) or "-") == expected
