"""What followup decides: who may do what, what is counted, who has the case, and what waits for a person."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.followup.protocol.case import Case, Task, Waiting
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.rules import RULES
from shared.engine.world import Said
from shared.messages import Message, Role, intake, matching, training
from shared.messages.followup import (
    CloseCase,
    ConfirmDanger,
    ContactAttempted,
    DangerConfirmed,
    DangerReported,
    DebriefRequested,
    DeclineSupport,
    ExtensionGranted,
    FinishTask,
    FirstContactMade,
    HandedOver,
    HandOver,
    HelpRequested,
    MoreAsked,
    RecordContact,
    Refused,
    ReportDanger,
    SupportDeclined,
    SupportPaused,
    SupportResumed,
    TaskFinished,
    TaskRaised,
)
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    ANOTHER,
    ASK_HELP,
    ATTEMPT,
    ATTEMPTS,
    BRAM,
    CASE,
    CLEO,
    CLOSE,
    CLOSING,
    COLLEAGUE,
    CONFIRM,
    CONFIRMED,
    CONTACT,
    CONTACT_MADE,
    COORDINATOR,
    DANGER,
    DAY,
    DEBRIEF,
    DECLINE,
    ENDED,
    ERASURE,
    EVALUATION,
    EXTEND,
    FOLLOW_UP,
    FOLLOWING_UP,
    GIVE_UP,
    HAND_BACK,
    HAND_OVER,
    HOUR,
    IN_CONTACT,
    LAST_CHECK,
    MATCHED,
    MORE,
    NOBODY_FOUND,
    NOT_REACHED,
    OFFER,
    PAUSE,
    REACHED,
    REPLACED,
    RESUME,
    SAYING,
    SEARCH,
    SECOND_ATTEMPT,
    SUPPORTER,
    TAKE_AWAY,
    TALK,
    TALKED,
    TASK_DUE,
    THANKS,
    THIRD_ATTEMPT,
    TRIED,
    asked,
    by,
    closed,
    done,
    followed_up,
    held,
    involved,
    later,
    left,
    matched,
    nobody_found,
    not_allowed,
    not_sent,
    notice,
    offered,
    person,
    refused,
    replacement,
    story,
    suspended,
    task,
    to_do,
    withdrawn,
)


def plan(confirmed: bool = False, left: int = 0) -> matching.PlanMade:
    return matching.PlanMade(
        report="r-1", cases=(CASE, "c-2"), departments=2, asked=2 - left, left=left, confirmed=confirmed
    )


# -- given, when, then ------------------------------------------------------------------------------------------------

FROM_THE_OFFER_TO_THE_MATCH = [
    pytest.param([], offered(), OFFER, id="an offer starts four clocks"),
    pytest.param([offered()], offered(), OFFER, id="a repeated offer says nothing that harms"),
    pytest.param(MATCHED, offered(), [CONTACT, LAST_CHECK], id="an offer after the match needs no supporter any more"),
    pytest.param(
        [matched(ANNA)], offered(), [CONTACT, LAST_CHECK], id="an offer that comes after its match waits for contact"
    ),
    pytest.param([offered(), DECLINE], offered(), [], id="an offer of a closed case starts nothing"),
    pytest.param([offered()], matched(ANNA), ATTEMPTS, id="a match starts the clocks of three attempts"),
    pytest.param([], matched(ANNA), ATTEMPTS, id="a match before its offer starts the same clocks"),
    pytest.param(MATCHED, matched(ANNA), ATTEMPTS, id="a repeated match says nothing that harms"),
    pytest.param(IN_CONTACT, matched(ANNA), [], id="a match after the contact starts nothing"),
    pytest.param([*MATCHED, PAUSE], matched(ANNA), [], id="a match in a pause starts nothing"),
    pytest.param(
        [offered(), withdrawn()],
        matched(ANNA),
        [closed("withdrawn"), ENDED, THANKS],
        id="a match on a withdrawn case gives the place back and takes leave",
    ),
    pytest.param(
        [offered(), DECLINE],
        matched(ANNA),
        [closed("declined"), ENDED],
        id="a match on a declined case gives the place back and leaves the colleague alone",
    ),
    pytest.param([offered()], asked(ANNA), [], id="an ask changes nothing"),
    pytest.param(
        [offered()],
        nobody_found(),
        [task("find_supporter", "MATCH-5", "MATCH-1", "MATCH-2"), NOBODY_FOUND],
        id="where nobody can be asked the coordinator looks, told by what removed most",
    ),
    pytest.param(
        [],
        nobody_found(),
        [task("find_supporter", "MATCH-5", "MATCH-1", "MATCH-2"), NOBODY_FOUND],
        id="also before the offer is heard",
    ),
    pytest.param(
        [offered(), nobody_found()],
        nobody_found(),
        [task("find_supporter", "MATCH-5", "MATCH-1", "MATCH-2")],
        id="a repeated failure replaces the task and is not told again",
    ),
    pytest.param(MATCHED, nobody_found(), [], id="a late failure finds a supporter"),
    pytest.param([offered(), DECLINE], nobody_found(), [], id="a closed case needs nobody"),
]

CONTACTS_AND_CONVERSATIONS = [
    pytest.param(
        MATCHED,
        NOT_REACHED,
        [ContactAttempted(case=CASE, channel="phone", attempt=1)],
        id="an attempt is counted",
    ),
    pytest.param(
        [*MATCHED, NOT_REACHED],
        NOT_REACHED,
        [ContactAttempted(case=CASE, channel="phone", attempt=2)],
        id="a second attempt is counted as well",
    ),
    pytest.param(MATCHED, REACHED, [CONTACT_MADE, CLOSING], id="the first contact starts the clock of the closing"),
    pytest.param(IN_CONTACT, REACHED, [], id="a repeated contact is known"),
    pytest.param([*MATCHED, PAUSE], REACHED, [CONTACT_MADE], id="a contact in a pause starts no clock"),
    pytest.param([matched(ANNA)], REACHED, [CONTACT_MADE, CLOSING], id="a contact before the offer is heard counts"),
    pytest.param(
        MATCHED,
        TALK,
        [FirstContactMade(case=CASE, channel="in_person"), CLOSING, held(1), FOLLOWING_UP],
        id="the first talk is the first contact as well",
    ),
    pytest.param([*IN_CONTACT, TALK, TALK], TALK, [held(3)], id="a third conversation is held"),
    pytest.param([*IN_CONTACT, TALK, TALK, TALK], TALK, [not_allowed(3, 3)], id="a fourth is not allowed"),
    pytest.param(
        [*IN_CONTACT, TALK, TALK, TALK, TALK], TALK, [not_allowed(3, 3)], id="one that was not allowed is not counted"
    ),
    pytest.param([*IN_CONTACT, TALK, TALK, TALK, EXTEND], TALK, [held(4)], id="an extension allows a fourth"),
    pytest.param(
        [*IN_CONTACT, TALK, TALK, TALK, EXTEND, TALK], TALK, [not_allowed(4, 4)], id="an extension allows one more only"
    ),
    pytest.param(IN_CONTACT, FOLLOW_UP, [followed_up(1, counts=False)], id="one phone follow-up stands beside"),
    pytest.param([*IN_CONTACT, FOLLOW_UP], FOLLOW_UP, [followed_up(2, counts=True)], id="a second one counts"),
    pytest.param(
        [*IN_CONTACT, TALK, TALK, TALK], FOLLOW_UP, [followed_up(1, counts=False)], id="it stands beside three too"
    ),
    pytest.param(
        [*IN_CONTACT, FOLLOW_UP, FOLLOW_UP, TALK, TALK],
        FOLLOW_UP,
        [not_allowed(3, 3)],
        id="a follow-up that would count is refused at the limit",
    ),
    pytest.param(
        [*IN_CONTACT, FOLLOW_UP, FOLLOW_UP, TALK, TALK],
        TALK,
        [not_allowed(3, 3)],
        id="follow-ups that count leave less room for conversations",
    ),
    pytest.param(IN_CONTACT, EXTEND, [ExtensionGranted(case=CASE, conversations_allowed=4)], id="an extension is one"),
    pytest.param(
        [*IN_CONTACT, EXTEND],
        EXTEND,
        [ExtensionGranted(case=CASE, conversations_allowed=5)],
        id="each extension adds one",
    ),
    pytest.param(
        IN_CONTACT,
        ASK_HELP,
        [
            HelpRequested(case=CASE, by_role="supporter"),
            task("help"),
            notice("coordinator", "help", urgent=True),
        ],
        id="more help goes to the coordinator",
    ),
    pytest.param([*IN_CONTACT, ASK_HELP], ASK_HELP, [], id="help that was asked for is not asked for twice"),
]

RESUMED = notice("supporter", "resumed", ANNA)
#: In the order in which they run out; the second attempt stands before the contact.
ATTEMPTS_AND_CONTACT = [ATTEMPT, SECOND_ATTEMPT, later("contact", NOW, 3 * DAY), THIRD_ATTEMPT]
THE_END = [
    pytest.param(
        TALKED,
        CLOSE,
        [closed("completed"), THANKS, EVALUATION, ERASURE],
        id="the supporter closes; the colleague is thanked",
    ),
    pytest.param(
        IN_CONTACT,
        CloseCase(case=CASE, ending="handed_over", **COORDINATOR),
        [closed("handed_over"), ENDED, THANKS, EVALUATION, ERASURE],
        id="when the coordinator closes, the supporter is told",
    ),
    pytest.param(
        [offered()],
        CloseCase(case=CASE, ending="withdrawn", **COORDINATOR),
        [closed("withdrawn", ""), ERASURE],
        id="nobody is told of the end of what they never heard of",
    ),
    pytest.param(
        MATCHED,
        DECLINE,
        [SupportDeclined(case=CASE), closed("declined"), ENDED, CONFIRMED, ERASURE],
        id="a colleague declines: it ends, the supporter is told, and she gets a confirmation",
    ),
    pytest.param(
        [offered()],
        DECLINE,
        [SupportDeclined(case=CASE), closed("declined", ""), CONFIRMED, ERASURE],
        id="she may decline before anybody is found",
    ),
    pytest.param([*MATCHED, DECLINE], DECLINE, [refused("decline_support", "FOLLOW-14")], id="she declines once"),
    pytest.param(
        MATCHED,
        PAUSE,
        [SupportPaused(case=CASE), notice("supporter", "paused", ANNA)],
        id="a colleague pauses, and the supporter is told",
    ),
    pytest.param([*MATCHED, PAUSE], PAUSE, [], id="a second pause changes nothing"),
    pytest.param(MATCHED, RESUME, [], id="what was not paused is not resumed"),
    pytest.param(
        [*MATCHED, PAUSE],
        RESUME,
        [SupportResumed(case=CASE), RESUMED, *ATTEMPTS_AND_CONTACT, later("last_check", NOW, 21 * DAY)],
        id="the clocks that still wait start anew when she comes back",
    ),
    pytest.param(
        [*IN_CONTACT, PAUSE],
        RESUME,
        [SupportResumed(case=CASE), RESUMED, later("last_check", NOW, 21 * DAY), CLOSING],
        id="after contact two wait",
    ),
    pytest.param([offered()], withdrawn(), [closed("withdrawn", ""), ERASURE], id="a withdrawn offer ends in silence"),
    pytest.param(
        MATCHED, withdrawn(), [closed("withdrawn"), ENDED, THANKS, ERASURE], id="a withdrawn match takes leave"
    ),
    pytest.param([], withdrawn(), [closed("withdrawn", ""), ERASURE], id="a withdrawal before its offer ends the case"),
    pytest.param([offered(), withdrawn()], withdrawn(), [], id="a repeated withdrawal finds the case closed"),
    pytest.param(
        IN_CONTACT, withdrawn(), [task("withdrawn", "amended")], id="after contact the coordinator decides instead"
    ),
]

OTHER_TASKS = [
    pytest.param([offered()], not_sent(), [task("notice_failed", "matched", "no_address")], id="a notice that failed"),
    pytest.param(
        [not_sent()],
        not_sent(template="closed"),
        [task("notice_failed", "matched", "no_address", "closed")],
        id="a second notice that failed adds to the task",
    ),
    pytest.param(
        [offered(), DECLINE],
        not_sent(),
        [task("notice_failed", "matched", "no_address")],
        id="a notice that failed also matters after the end",
    ),
    pytest.param(
        [],
        not_sent(regarding=ANNA),
        [task("notice_failed", "matched", "no_address", regarding=ANNA)],
        id="a notice about no case that failed",
    ),
    pytest.param([], suspended(), [task("intervisie", "TRAIN-3", regarding=ANNA)], id="a suspended supporter"),
    pytest.param([intake.StaffLeft(person=ANNA)], suspended(), [], id="one who left needs no intervisie"),
    pytest.param([], to_do(), [], id="a task of intake"),
    pytest.param([to_do()], done(), [], id="its end"),
    pytest.param([], done(), [], id="an end before its beginning"),
]

ANOTHER_SUPPORTER = [
    pytest.param(
        MATCHED,
        HAND_BACK,
        [replacement("handed_back"), REPLACED, *SEARCH],
        id="a supporter hands back: the colleague hears it, and the search starts anew",
    ),
    pytest.param(
        MATCHED, ANOTHER, [replacement("chosen"), ENDED, REPLACED, *SEARCH], id="the colleague chooses another"
    ),
    pytest.param([offered()], ANOTHER, [], id="before anybody is found there is nobody to replace"),
    pytest.param(
        MATCHED, TAKE_AWAY, [replacement("ill"), ENDED, REPLACED, *SEARCH], id="the coordinator replaces a supporter"
    ),
    pytest.param([*MATCHED, PAUSE], HAND_BACK, [replacement("handed_back"), REPLACED], id="in a pause no clock starts"),
    pytest.param(MATCHED, left(), [replacement("left"), REPLACED, *SEARCH], id="a supporter who leaves is replaced"),
    pytest.param([*MATCHED, left()], left(), [], id="she leaves once"),
    pytest.param([*TALKED, CLOSE], left(), [], id="of a closed case nobody is replaced"),
    pytest.param(
        [offered(), left()],
        matched(ANNA),
        [replacement("left"), REPLACED, *SEARCH],
        id="a match with somebody who left already is answered at once",
    ),
    pytest.param(
        MATCHED,
        involved(ANNA, BRAM),
        [replacement("involved"), ENDED, REPLACED, *SEARCH],
        id="a supporter who turns out to be involved is replaced",
    ),
    pytest.param(MATCHED, involved(BRAM), [], id="that somebody else is involved changes nothing"),
    pytest.param(
        [offered(), involved(ANNA)],
        matched(ANNA),
        [replacement("involved"), ENDED, REPLACED, *SEARCH],
        id="a match with somebody involved is answered at once",
    ),
    pytest.param(
        MATCHED,
        matched(BRAM),
        [replacement("coordinator"), ENDED, *ATTEMPTS],
        id="a match beside another one gives the place of the first back",
    ),
    pytest.param([*MATCHED, HAND_BACK], matched(BRAM), ATTEMPTS, id="the next supporter has attempts of her own"),
]

MORE_THAN_THE_PROTOCOL = [
    pytest.param(
        IN_CONTACT,
        MORE,
        [MoreAsked(case=CASE), task("extension"), notice("coordinator", "extension")],
        id="the colleague asks for one more talk",
    ),
    pytest.param([*IN_CONTACT, MORE], MORE, [], id="she asks once"),
    pytest.param(
        IN_CONTACT,
        HAND_OVER,
        [
            HandedOver(case=CASE, to="psychologist", by_role="coordinator"),
            closed("handed_over"),
            ENDED,
            THANKS,
            EVALUATION,
            ERASURE,
        ],
        id="the coordinator hands over",
    ),
    pytest.param(
        IN_CONTACT,
        by(HandOver, SUPPORTER, to="psychologist"),
        [refused("hand_over", "FOLLOW-32")],
        id="a supporter does not",
    ),
    pytest.param(
        IN_CONTACT,
        by(CloseCase, SUPPORTER, ending="handed_over"),
        [refused("close_case", "FOLLOW-32")],
        id="nor by closing",
    ),
    pytest.param(
        MATCHED,
        DANGER,
        [
            DangerReported(case=CASE, by_role="supporter"),
            TaskRaised(regarding=CASE, task="danger", due_at=NOW + HOUR),
            notice("coordinator", "danger", urgent=True),
        ],
        id="danger reaches the coordinator, day or night",
    ),
    pytest.param([*MATCHED, DANGER], DANGER, [], id="danger that is reported waits for the second person"),
    pytest.param([*MATCHED, DANGER], CONFIRM, [DangerConfirmed(case=CASE)], id="a second person confirms danger"),
    pytest.param([*MATCHED, DANGER, CONFIRM], CONFIRM, [], id="danger is confirmed once"),
    pytest.param(MATCHED, CONFIRM, [], id="what nobody reported is not confirmed"),
    pytest.param(
        [*MATCHED, by(ReportDanger, COORDINATOR)],
        CONFIRM,
        [refused("confirm_danger", "FOLLOW-36")],
        id="nobody confirms her own report",
    ),
    pytest.param(
        [*MATCHED, by(ReportDanger, COORDINATOR)],
        by(ConfirmDanger, person("coordinator", "s-deputy")),
        [DangerConfirmed(case=CASE)],
        id="the deputy confirms what the coordinator reported",
    ),
    pytest.param(
        [*MATCHED, DANGER],
        by(ConfirmDanger, person("coordinator", "")),
        [refused("confirm_danger", "FOLLOW-36")],
        id="somebody without a ref is no second person",
    ),
    pytest.param(
        [*MATCHED, by(ReportDanger, person("coordinator", ""))],
        CONFIRM,
        [refused("confirm_danger", "FOLLOW-36")],
        id="nor a first one",
    ),
    pytest.param(
        [*MATCHED, by(ReportDanger, person("coordinator", "")), DANGER],
        CONFIRM,
        [DangerConfirmed(case=CASE)],
        id="until somebody who is known says so too",
    ),
    pytest.param(
        [*MATCHED, by(ReportDanger, person("coordinator", "")), by(ReportDanger, COORDINATOR)],
        CONFIRM,
        [refused("confirm_danger", "FOLLOW-36")],
        id="who then is the first person",
    ),
    pytest.param(
        IN_CONTACT,
        DEBRIEF,
        [DebriefRequested(case=CASE), task("debrief"), notice("coordinator", "debrief")],
        id="a supporter asks for a debrief of her own",
    ),
    pytest.param([*IN_CONTACT, DEBRIEF], DEBRIEF, [], id="she asks once until it is arranged"),
    pytest.param(
        [*TALKED, CLOSE],
        DEBRIEF,
        [DebriefRequested(case=CASE), task("debrief"), notice("coordinator", "debrief")],
        id="also after the case",
    ),
]

NOT_TO_BE_REACHED = [
    pytest.param([*MATCHED, *TRIED[:2]], GIVE_UP, [refused("close_case", "FOLLOW-25")], id="two attempts are too few"),
    pytest.param(
        [*MATCHED, *TRIED[:2], NOT_REACHED], GIVE_UP, [refused("close_case", "FOLLOW-26")], id="one way is too few"
    ),
    pytest.param(
        [*MATCHED, *TRIED[:2]],
        TRIED[2],
        [ContactAttempted(case=CASE, channel="message", attempt=3), task("not_reached")],
        id="after three attempts in two ways the coordinator decides",
    ),
    pytest.param(
        [*MATCHED, *TRIED],
        NOT_REACHED,
        [ContactAttempted(case=CASE, channel="phone", attempt=4)],
        id="she is told once",
    ),
    pytest.param(
        [*MATCHED, *TRIED],
        GIVE_UP,
        [closed("not_reached"), notice("colleague", "not_reached", CLEO), ERASURE],
        id="then it may be closed, and the colleague hears how to come back",
    ),
]

LARGE_EVENT = [
    pytest.param([], plan(), [task("large_event", "to_confirm", regarding="r-1")], id="a plan waits for a word"),
    pytest.param(
        [plan()], plan(confirmed=True), [TaskFinished(regarding="r-1", task="large_event")], id="the word ends the task"
    ),
    pytest.param(
        [plan()],
        plan(confirmed=True, left=2),
        [task("large_event", "nobody_left", regarding="r-1")],
        id="but not if somebody has nobody",
    ),
    pytest.param(
        [], plan(confirmed=True), [task("large_event", regarding="r-1")], id="a plan that went out is looked at"
    ),
    pytest.param([offered()], nobody_found(planned=True), [], id="the plan's task covers a failure that is planned"),
]


@pytest.mark.parametrize(
    ("before", "when", "then"),
    [
        *FROM_THE_OFFER_TO_THE_MATCH,
        *CONTACTS_AND_CONVERSATIONS,
        *THE_END,
        *OTHER_TASKS,
        *ANOTHER_SUPPORTER,
        *MORE_THAN_THE_PROTOCOL,
        *NOT_TO_BE_REACHED,
        *LARGE_EVENT,
    ],
)
def test_given_when_then(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then


# -- only by ----------------------------------------------------------------------------------------------------------

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


# -- the one list -----------------------------------------------------------------------------------------------------


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
