"""Who may do what in a case, and what stands on the one list of tasks."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.followup.protocol.case import Case, Task, Waiting
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.rules import RULES
from shared.messages import Message, Role, intake, training
from shared.messages.followup import (
    DeclineSupport,
    FinishTask,
    HandedOver,
    HandOver,
    RecordContact,
    Refused,
    TaskFinished,
)
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    ASK_HELP,
    BRAM,
    CASE,
    CLEO,
    CLOSE,
    COLLEAGUE,
    CONFIRM,
    CONTACT_MADE,
    COORDINATOR,
    DANGER,
    DAY,
    DEBRIEF,
    ERASURE,
    EVALUATION,
    EXTEND,
    HAND_BACK,
    HAND_OVER,
    HOUR,
    IN_CONTACT,
    MATCHED,
    MORE,
    SAYING,
    SUPPORTER,
    TALK,
    TALKED,
    TASK_DUE,
    THANKS,
    by,
    closed,
    done,
    later,
    matched,
    not_sent,
    notice,
    offered,
    person,
    refused,
    story,
    suspended,
    to_do,
    withdrawn,
)

PEOPLE: dict[str, list[str]] = {role: ["s-other"] for role in get_args(Role)} | {
    "supporter": [ANNA, BRAM, ""],
    "colleague": [CLEO, "p-other", ""],
}

OWN = {"supporter": ANNA, "colleague": CLEO}


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.name)
def test_only_whom_the_rule_names_may_do_it(kind: Any, role: str) -> None:
    rule = RULES.rule(COMMANDS[kind].rule)
    for who in PEOPLE[role]:
        command = by(kind, person(role, who), **SAYING.get(kind, {}))
        allowed = role in rule.only or (f"own {role}" in rule.only and who == OWN[role])
        said = story(*MATCHED).when(command)
        assert (refused(kind.name, rule.id) in said) == (not allowed)
        assert allowed or said == [refused(kind.name, rule.id)]


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize(("owner", "person_of_it"), [("coordinator", ""), ("supporter", ANNA), ("trainer", "")])
def test_only_the_owner_or_the_coordinator_finishes_a_task(owner: Role, person_of_it: str, role: str) -> None:
    raised = intake.TaskRaised(regarding=CASE, task="triage", owner=owner, due_at=TASK_DUE)
    for who in PEOPLE[role]:
        answers = story(*MATCHED, raised).when(FinishTask(regarding=CASE, task="triage", by_role=role, by=who))
        if role == "coordinator" or (role == owner and person_of_it in ("", who)):
            assert answers == [TaskFinished(regarding=CASE, task="triage")]
        else:
            assert answers == [refused("finish_task", "FOLLOW-15")]


def test_before_anybody_is_matched_nobody_is_the_supporter_or_the_colleague() -> None:
    nobody = [
        RecordContact(case=CASE, reached=True, **person("supporter", "")),
        DeclineSupport(case="c-9", **COLLEAGUE),
    ]
    answers = [story(offered()).when(command) for command in nobody]
    assert answers == [
        [refused("record_contact", "FOLLOW-7")],
        [Refused(regarding="c-9", command="decline_support", rule="FOLLOW-8")],
    ]


def test_a_hospital_may_let_its_supporters_hand_over() -> None:
    tale = story(*IN_CONTACT, ASK_HELP, rules={"FOLLOW-32": "supporter_may_refer"})
    assert tale.when(by(HandOver, SUPPORTER, to="general_practitioner")) == [
        HandedOver(case=CASE, to="general_practitioner", by_role="supporter"),
        closed("handed_over"),
        THANKS,
        EVALUATION,
        ERASURE,
        notice("coordinator", "handed_over"),
    ]
    assert tale.state(Case, CASE).tasks == {}


def test_whoever_has_a_case_no_more_may_do_nothing_in_it() -> None:
    tale = story(*MATCHED, HAND_BACK, matched(BRAM))
    assert tale.when(TALK) == [refused("record_conversation", "FOLLOW-7")]
    assert tale.state(Waiting, ANNA).cases == ()
    assert tale.state(Waiting, BRAM).cases == (CASE,)


def test_the_next_supporter_is_to_call_also_when_the_colleague_was_spoken_to() -> None:
    tale = story(*IN_CONTACT)
    tale.now = NOW + HOUR
    tale.given(HAND_BACK)
    tale.now = NOW + 2 * HOUR
    lasting = {"attempt": DAY, "second_attempt": 3 * DAY, "third_attempt": 7 * DAY}
    assert tale.when(matched(BRAM)) == [later(clock, tale.now, lasts) for clock, lasts in lasting.items()]  # type: ignore[arg-type]
    assert tale.when(by(RecordContact, person("supporter", BRAM), reached=True)) == [CONTACT_MADE]
    assert tale.state(Case, CASE).first_contact_at == NOW
    assert tale.wait(NOW + 9 * DAY) == []


def test_a_suspended_supporter_keeps_her_case() -> None:
    tale = story(*MATCHED, suspended())
    assert tale.state(Case, CASE).supporter == ANNA


def test_a_task_raised_again_keeps_its_beginning_and_replaces_its_reasons() -> None:
    tale = story(to_do())
    tale.now = NOW + HOUR
    again = intake.TaskRaised(regarding=CASE, task="triage", reasons=("too_old",), due_at=TASK_DUE)
    tale.given(again)
    assert tale.state(Case, CASE).tasks == {
        "triage": Task(kind="triage", raised_at=NOW, due_at=TASK_DUE, reasons=("too_old",))
    }


@pytest.mark.parametrize(
    ("told", "left"),
    [
        pytest.param([to_do(regarding="r-1")], ["triage"], id="a task about a report"),
        pytest.param([to_do(regarding="r-1"), done(regarding="r-1")], [], id="done"),
        pytest.param(
            [to_do(regarding="r-1"), FinishTask(regarding="r-1", task="triage", **COORDINATOR)], [], id="done by hand"
        ),
        pytest.param([FinishTask(regarding="r-1", task="triage", **COORDINATOR)], [], id="no such task"),
    ],
)
def test_the_list_holds_what_waits(told: list[Message], left: list[str]) -> None:
    assert list(story(*told).state(Waiting, "r-1").tasks) == left


def test_a_supporter_who_attends_or_leaves_is_off_the_list() -> None:
    back, left = training.SupporterReinstated(supporter=ANNA), intake.StaffLeft(person=ANNA)
    assert list(story(suspended()).state(Waiting, ANNA).tasks) == ["intervisie"]
    assert story(suspended(), back).state(Waiting, ANNA).tasks == {}
    assert story(suspended(), left).state(Waiting, ANNA).tasks == {}


def test_closing_ends_the_tasks_of_the_case_but_not_what_still_needs_somebody() -> None:
    tale = story(*TALKED, withdrawn(), ASK_HELP, not_sent(), to_do(), MORE, DANGER, DEBRIEF, CLOSE)
    assert list(tale.state(Case, CASE).tasks) == ["help", "notice_failed", "triage", "danger", "debrief"]


@pytest.mark.parametrize(
    ("before", "word", "kind"),
    [
        pytest.param(MORE, EXTEND, "extension", id="an extension answers the question for more"),
        pytest.param(DANGER, CONFIRM, "danger", id="a second person answers danger"),
        pytest.param(ASK_HELP, HAND_OVER, "help", id="handing over is the help"),
    ],
)
def test_the_command_of_a_task_ends_it(before: Message, word: Message, kind: str) -> None:
    tale = story(*IN_CONTACT, before)
    assert kind in tale.state(Case, CASE).tasks
    assert kind not in tale.given(word).state(Case, CASE).tasks
