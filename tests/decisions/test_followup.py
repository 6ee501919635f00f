"""What followup decides: who may do what, what is counted, which clocks are missed, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.case import Case, Task, Waiting
from services.followup.clocks import running
from services.followup.domain import COMMANDS, PROTOCOL
from services.followup.rules import RULES
from shared.messages import Message, Role, intake, matching, training
from shared.messages.followup import (
    CaseClosed,
    Clock,
    ClockDue,
    ClockMissed,
    CloseCase,
    ContactAttempted,
    ConversationHeld,
    ConversationNotAllowed,
    DeclineSupport,
    ExtensionGranted,
    FinishTask,
    FirstContactMade,
    GrantExtension,
    HelpRequested,
    NoticeDue,
    PauseSupport,
    RecordContact,
    RecordConversation,
    Refused,
    RequestHelp,
    ResumeSupport,
    SupportDeclined,
    SupportPaused,
    SupportResumed,
    TaskFinished,
    TaskRaised,
)
from shared.testing import NOW, Story, a_hospital
from shared.world import Later, Said

CASE, CLEO, ANNA, BRAM = "c-1", "p-cleo", "s-anna", "s-bram"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Four hours of working time after NOW, which is ten o'clock in the hospital.
TASK_DUE = NOW + 4 * HOUR


def offered(t0: datetime = NOW - HOUR, case: str = CASE, colleague: str = CLEO) -> intake.SupportOffered:
    one = intake.Colleague(case=case, colleague=colleague, profession="nurse", department="icu")
    return intake.SupportOffered(report="r-1", t0=t0, event_types=("aggression",), calamity="no", colleagues=(one,))


def withdrawn() -> intake.SupportWithdrawn:
    return intake.SupportWithdrawn(report="r-1", cases=(CASE,), reason="amended")


def asked(who: str) -> matching.SupporterAsked:
    return matching.SupporterAsked(case=CASE, supporter=who, ask=1, answer_by=NOW + 4 * HOUR)


def matched(who: str) -> matching.SupporterMatched:
    return matching.SupporterMatched(case=CASE, supporter=who)


def nobody_found() -> matching.MatchFailed:
    return matching.MatchFailed(case=CASE, pool=9, removed={"MATCH-1": 2, "MATCH-5": 4, "MATCH-2": 2})


def not_sent(regarding: str = CASE, template: str = "matched") -> intake.NoticeFailed:
    return intake.NoticeFailed(regarding=regarding, template=template, to="colleague", reason="no_address")


def to_do(task: str = "triage", regarding: str = CASE) -> intake.TaskRaised:
    return intake.TaskRaised(regarding=regarding, task=task, reasons=("staff_unknown",), due_at=TASK_DUE)


def done(task: str = "triage", regarding: str = CASE) -> intake.TaskDone:
    return intake.TaskDone(regarding=regarding, task=task)


def suspended(who: str = ANNA) -> training.SupporterSuspended:
    return training.SupporterSuspended(supporter=who, rule="TRAIN-3")


def person(role: str, by: str) -> dict[str, Any]:
    return {"by_role": role, "by": by}


SUPPORTER, COLLEAGUE, COORDINATOR = person("supporter", ANNA), person("colleague", CLEO), person("coordinator", "s-coo")

NOT_REACHED = RecordContact(case=CASE, reached=False, **SUPPORTER)
REACHED = RecordContact(case=CASE, reached=True, **SUPPORTER)
TALK = RecordConversation(case=CASE, minutes=40, **SUPPORTER)
FOLLOW_UP = RecordConversation(case=CASE, kind="phone_follow_up", channel="phone", minutes=15, **SUPPORTER)
EXTEND = GrantExtension(case=CASE, **COORDINATOR)
CLOSE = CloseCase(case=CASE, **SUPPORTER)
DECLINE, PAUSE, RESUME = (kind(case=CASE, **COLLEAGUE) for kind in (DeclineSupport, PauseSupport, ResumeSupport))
ASK_HELP = RequestHelp(case=CASE, **SUPPORTER)

MATCHED: list[Message] = [offered(), matched(ANNA)]
IN_CONTACT: list[Message] = [*MATCHED, REACHED]


def story(*before: Message, **settings: Any) -> Story:
    return Story(PROTOCOL, a_hospital(**settings)).given(*before)


def later(clock: Clock, since: datetime, lasts: timedelta) -> Later:
    return Later(ClockDue(case=CASE, clock=clock, since=since), since + lasts)


def held(number: int, counts: bool = True) -> ConversationHeld:
    return ConversationHeld(
        case=CASE, kind="conversation", number=number, counts=counts, channel="in_person", minutes=40
    )


def followed_up(number: int, counts: bool) -> ConversationHeld:
    return ConversationHeld(
        case=CASE, kind="phone_follow_up", number=number, counts=counts, channel="phone", minutes=15
    )


def not_allowed(count: int, limit: int) -> ConversationNotAllowed:
    return ConversationNotAllowed(case=CASE, rule="FOLLOW-1", held=count, limit=limit)


def closed(ending: Any, supporter: str = ANNA) -> CaseClosed:
    return CaseClosed(case=CASE, ending=ending, supporter=supporter)


def notice(to: Role, template: str, who: str = "", urgent: bool = False) -> NoticeDue:
    return NoticeDue(regarding=CASE, to=to, template=template, person=who, urgent=urgent)


def task(kind: str, *reasons: str, regarding: str = CASE) -> TaskRaised:
    return TaskRaised(regarding=regarding, task=kind, reasons=reasons, due_at=TASK_DUE)


def refused(command: str, rule: str) -> Refused:
    return Refused(regarding=CASE, command=command, rule=rule)


ASSIGNMENT = later("assignment", NOW, DAY)
ATTEMPT = later("attempt", NOW, DAY)
CONTACT = later("contact", NOW - HOUR, 3 * DAY)
CLOSING = later("closing", NOW, 35 * DAY)
CONTACT_MADE = FirstContactMade(case=CASE, channel="phone")
THANKS, CONFIRMED = notice("colleague", "closed", CLEO), notice("colleague", "declined", CLEO)
ENDED = notice("supporter", "ended", ANNA)
NOBODY_FOUND = notice("coordinator", "find_supporter")

# -- given, when, then ------------------------------------------------------------------------------------------------

FROM_THE_OFFER_TO_THE_MATCH = [
    pytest.param([], offered(), [ASSIGNMENT, CONTACT], id="an offer starts two clocks"),
    pytest.param([offered()], offered(), [ASSIGNMENT, CONTACT], id="a repeated offer says nothing that harms"),
    pytest.param(MATCHED, offered(), [CONTACT], id="an offer after the match needs no supporter any more"),
    pytest.param([matched(ANNA)], offered(), [CONTACT], id="an offer that comes after its match waits for contact"),
    pytest.param([offered(), DECLINE], offered(), [], id="an offer of a closed case starts nothing"),
    pytest.param([offered()], matched(ANNA), [ATTEMPT], id="a match starts the clock of the first attempt"),
    pytest.param([], matched(ANNA), [ATTEMPT], id="a match before its offer starts the same clock"),
    pytest.param(MATCHED, matched(ANNA), [ATTEMPT], id="a repeated match says nothing that harms"),
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
        [FirstContactMade(case=CASE, channel="in_person"), CLOSING, held(1)],
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

THE_END = [
    pytest.param(IN_CONTACT, CLOSE, [closed("completed"), THANKS], id="the supporter closes; the colleague is thanked"),
    pytest.param(
        IN_CONTACT,
        CloseCase(case=CASE, ending="handed_over", **COORDINATOR),
        [closed("handed_over"), ENDED, THANKS],
        id="when the coordinator closes, the supporter is told",
    ),
    pytest.param(
        [offered()],
        CloseCase(case=CASE, ending="not_reached", **COORDINATOR),
        [closed("not_reached", "")],
        id="nobody is told of the end of what they never heard of",
    ),
    pytest.param(
        MATCHED,
        DECLINE,
        [SupportDeclined(case=CASE), closed("declined"), ENDED, CONFIRMED],
        id="a colleague declines: it ends, the supporter is told, and she gets a confirmation",
    ),
    pytest.param(
        [offered()],
        DECLINE,
        [SupportDeclined(case=CASE), closed("declined", ""), CONFIRMED],
        id="she may decline before anybody is found",
    ),
    pytest.param([*MATCHED, DECLINE], DECLINE, [refused("decline_support", "FOLLOW-14")], id="she declines once"),
    pytest.param(MATCHED, PAUSE, [SupportPaused(case=CASE)], id="a colleague pauses"),
    pytest.param([*MATCHED, PAUSE], PAUSE, [], id="a second pause changes nothing"),
    pytest.param(MATCHED, RESUME, [], id="what was not paused is not resumed"),
    pytest.param(
        [*MATCHED, PAUSE],
        RESUME,
        [SupportResumed(case=CASE), ATTEMPT, later("contact", NOW, 3 * DAY)],
        id="the clocks that still wait start anew when she comes back",
    ),
    pytest.param([*IN_CONTACT, PAUSE], RESUME, [SupportResumed(case=CASE), CLOSING], id="after contact only one waits"),
    pytest.param([offered()], withdrawn(), [closed("withdrawn", "")], id="a withdrawn offer ends in silence"),
    pytest.param(MATCHED, withdrawn(), [closed("withdrawn"), ENDED, THANKS], id="a withdrawn match takes leave"),
    pytest.param([], withdrawn(), [closed("withdrawn", "")], id="a withdrawal before its offer ends the case"),
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


@pytest.mark.parametrize(
    ("before", "when", "then"), [*FROM_THE_OFFER_TO_THE_MATCH, *CONTACTS_AND_CONVERSATIONS, *THE_END, *OTHER_TASKS]
)
def test_given_when_then(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then


# -- every message in every state -------------------------------------------------------------------------------------

STATES: dict[str, list[Message]] = {
    "unknown": [],
    "offered": [offered()],
    "matched": MATCHED,
    "in_contact": IN_CONTACT,
    "paused": [*MATCHED, PAUSE],
    "closed": [*MATCHED, REACHED, CLOSE],
}
BY_COORDINATOR = {kind: {"case": CASE, **COORDINATOR} for kind in COMMANDS}
BY_COORDINATOR[RecordContact] |= {"reached": True}
BY_COORDINATOR[RecordConversation] |= {"minutes": 40}
EVERY_MESSAGE: dict[str, Message] = {
    "offered": offered(),
    "withdrawn": withdrawn(),
    "asked": asked(ANNA),
    "matched": matched(ANNA),
    "nobody_found": nobody_found(),
    "not_sent": not_sent(),
    "to_do": to_do(),
    "done": done(),
    "attempt_due": ClockDue(case=CASE, clock="attempt", since=NOW - 2 * DAY),
    **{kind.name: kind.model_validate(fields) for kind, fields in BY_COORDINATOR.items()},
}
#: Message: what is said when the case is unknown, offered, matched, in contact, paused, closed.
ANSWERS = {
    "offered": ("clock_due clock_due", "clock_due clock_due", "clock_due", "", "", ""),
    "withdrawn": ("case_closed", "case_closed", "ends", "task_raised", "ends", ""),
    "asked": ("", "", "", "", "", ""),
    "matched": ("clock_due", "clock_due", "clock_due", "", "", "case_closed notice_due"),
    "nobody_found": ("task_raised notice_due", "task_raised notice_due", "", "", "", ""),
    "not_sent": ("task_raised",) * 6,
    "to_do": ("",) * 6,
    "done": ("",) * 6,
    "attempt_due": ("",) * 6,
    "record_contact": ("refused", "made", "made", "", "first_contact_made", "refused"),
    "record_conversation": ("refused", "talks", "talks", "conversation_held", "talks_paused", "refused"),
    "grant_extension": ("refused", *["extension_granted"] * 4, "refused"),
    "close_case": ("refused", "case_closed", "ends", "ends", "ends", "refused"),
    "decline_support": ("refused", "declines_alone", "declines", "declines", "declines", "refused"),
    "pause_support": ("refused", "support_paused", "support_paused", "support_paused", "", "refused"),
    "resume_support": ("refused", "", "", "", "resumes", "refused"),
    "request_help": ("refused", *["help_requested task_raised notice_due"] * 4, "refused"),
}
IN_FULL = {
    "ends": "case_closed notice_due notice_due",
    "made": "first_contact_made clock_due",
    "talks": "first_contact_made clock_due conversation_held",
    "talks_paused": "first_contact_made conversation_held",
    "declines": "support_declined case_closed notice_due notice_due",
    "declines_alone": "support_declined case_closed notice_due",
    "resumes": "support_resumed clock_due clock_due",
}


@pytest.mark.parametrize("message", EVERY_MESSAGE)
def test_every_message_is_answered_in_every_state(message: str) -> None:
    answers = [names(story(*before).when(EVERY_MESSAGE[message])) for before in STATES.values()]
    assert dict(zip(STATES, answers, strict=True)) == {
        state: IN_FULL.get(answer, answer) for state, answer in zip(STATES, ANSWERS[message], strict=True)
    }


def names(said: Iterable[Said]) -> str:
    messages = [one.message if isinstance(one, Later) else one for one in said]
    return " ".join(message.name for message in messages if isinstance(message, Message))


@pytest.mark.parametrize("state", STATES)
def test_the_states_of_the_table_are_what_they_are_called(state: str) -> None:
    assert story(*STATES[state]).state(Case, CASE).status == state


# -- only by ----------------------------------------------------------------------------------------------------------

PEOPLE: dict[str, list[str]] = {role: ["s-other"] for role in get_args(Role)} | {
    "supporter": [ANNA, BRAM, ""],
    "colleague": [CLEO, "p-other", ""],
}
OWN = {"supporter": ANNA, "colleague": CLEO}


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.name)
def test_only_whom_the_rule_names_may_do_it(kind: Any, role: str) -> None:
    rule = RULES.rule(COMMANDS[kind][0])
    for by in PEOPLE[role]:
        command = kind.model_validate(BY_COORDINATOR[kind] | person(role, by))
        allowed = role in rule.only or (f"own {role}" in rule.only and by == OWN[role])
        refusals = [one for one in story(*MATCHED).when(command) if isinstance(one, Refused)]
        assert refusals == ([] if allowed else [refused(kind.name, rule.id)])


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize(("owner", "person_of_it"), [("coordinator", ""), ("supporter", ANNA), ("trainer", "")])
def test_only_the_owner_or_the_coordinator_finishes_a_task(owner: Role, person_of_it: str, role: str) -> None:
    raised = intake.TaskRaised(regarding=CASE, task="triage", owner=owner, due_at=TASK_DUE)
    for by in PEOPLE[role]:
        answers = story(*MATCHED, raised).when(FinishTask(regarding=CASE, task="triage", by_role=role, by=by))
        if role == "coordinator" or (role == owner and person_of_it in ("", by)):
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


# -- clocks -----------------------------------------------------------------------------------------------------------


def missed(clock: Clock, rule: str, due_at: datetime, owner: Role = "coordinator") -> list[Said]:
    template = "closing" if clock == "closing" else "clock_missed"
    who = ANNA if owner == "supporter" else ""
    return [ClockMissed(case=CASE, clock=clock, rule=rule, due_at=due_at, owner=owner), notice(owner, template, who)]


NO_SUPPORTER = missed("assignment", "FOLLOW-9", NOW + DAY)
NO_CONTACT = missed("contact", "FOLLOW-4", NOW - HOUR + 3 * DAY)
NO_ATTEMPT = missed("attempt", "FOLLOW-3", NOW + DAY)
STILL_OPEN = missed("closing", "FOLLOW-6", NOW + 35 * DAY, "supporter")


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param([offered()], [*NO_SUPPORTER, *NO_CONTACT], id="nobody found: two clocks, each told once"),
        pytest.param(MATCHED, [*NO_ATTEMPT, *NO_CONTACT], id="nobody called: two clocks, each told once"),
        pytest.param([*MATCHED, NOT_REACHED], NO_CONTACT, id="an attempt keeps the first, not the second"),
        pytest.param(IN_CONTACT, STILL_OPEN, id="a case that stays open is put to its supporter"),
        pytest.param(
            [offered(), RecordContact(case=CASE, reached=True, **COORDINATOR)],
            [*NO_SUPPORTER, *missed("closing", "FOLLOW-6", NOW + 35 * DAY)],
            id="without a supporter it is put to the coordinator",
        ),
        pytest.param([*IN_CONTACT, CLOSE], [], id="a closed case has no clocks"),
        pytest.param([*MATCHED, PAUSE], [], id="a pause stops every clock"),
    ],
)
def test_what_is_told_when_nobody_does_anything_for_a_year(before: list[Message], then: list[Said]) -> None:
    assert story(*before).wait(NOW + 365 * DAY) == then


def test_a_clock_whose_moment_has_passed_when_it_starts_is_missed_at_once() -> None:
    t0 = NOW - 10 * DAY
    assert story().when(offered(t0)) == [*missed("contact", "FOLLOW-4", t0 + 3 * DAY), ASSIGNMENT]
    assert story(offered(t0)).when(offered(t0)) == [ASSIGNMENT]


def test_an_event_older_than_the_protocol_has_the_clocks_of_the_offer() -> None:
    t0 = NOW - 3650 * DAY
    assert story().when(offered(t0)) == [*missed("contact", "FOLLOW-4", t0 + 3 * DAY), ASSIGNMENT]


def test_what_comes_too_late_ends_the_task_of_the_missed_clock() -> None:
    late = story(*MATCHED)
    late.wait(NOW + 5 * DAY)
    open_tasks = late.state(Case, CASE).tasks
    assert open_tasks == {
        "attempt": Task(kind="attempt", raised_at=NOW + DAY, due_at=NOW + DAY, reasons=("FOLLOW-3",)),
        "contact": Task(
            kind="contact", raised_at=NOW - HOUR + 3 * DAY, due_at=NOW - HOUR + 3 * DAY, reasons=("FOLLOW-4",)
        ),
    }
    assert list(late.given(NOT_REACHED).state(Case, CASE).tasks) == ["contact"]
    assert late.given(REACHED).state(Case, CASE).tasks == {}


def test_a_match_that_comes_too_late_ends_the_tasks_of_the_search() -> None:
    late = story(offered(), nobody_found())
    late.wait(NOW + 2 * DAY)
    assert list(late.state(Case, CASE).tasks) == ["find_supporter", "assignment"]
    assert list(late.given(asked(ANNA)).state(Case, CASE).tasks) == ["assignment"]
    assert late.given(matched(ANNA)).state(Case, CASE).tasks == {}


def test_after_a_pause_a_clock_is_measured_anew_and_may_be_missed_anew() -> None:
    tale = story(*MATCHED)
    assert tale.wait(NOW + 2 * DAY) == NO_ATTEMPT
    assert tale.given(PAUSE).state(Case, CASE).tasks == {}
    assert tale.wait(NOW + 9 * DAY) == []
    tale.given(RESUME)
    assert tale.wait(NOW + 30 * DAY) == [
        *missed("attempt", "FOLLOW-3", NOW + 10 * DAY),
        *missed("contact", "FOLLOW-4", NOW + 12 * DAY),
    ]


def test_a_timer_from_before_a_pause_finds_nothing_to_do() -> None:
    tale = story(*MATCHED, PAUSE)
    tale.now = NOW + HOUR
    tale.given(RESUME)
    assert tale.when(ClockDue(case=CASE, clock="attempt", since=NOW)) == []


def test_a_hospital_that_gives_more_time_in_between_is_told_at_the_new_moment() -> None:
    tale = story(*MATCHED)
    tale.hospital = a_hospital(rules={"FOLLOW-3": "36 hours"})
    assert tale.wait(NOW + DAY) == [later("attempt", NOW, 36 * HOUR)]
    assert tale.wait(NOW + 2 * DAY) == missed("attempt", "FOLLOW-3", NOW + 36 * HOUR)


def test_a_hospital_has_its_own_numbers() -> None:
    own = {"FOLLOW-1": 1, "FOLLOW-5": 0, "FOLLOW-3": "2 hours"}
    assert story(offered(), rules=own).when(matched(ANNA)) == [later("attempt", NOW, 2 * HOUR)]
    assert story(*IN_CONTACT, rules=own).when(FOLLOW_UP) == [followed_up(1, counts=True)]
    assert story(*IN_CONTACT, FOLLOW_UP, rules=own).when(TALK) == [not_allowed(1, 1)]


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
    assert story(suspended(), back).state(Waiting, ANNA).tasks == {}
    assert story(suspended(), left).state(Waiting, ANNA).tasks == {}


def test_closing_ends_the_tasks_of_the_case_but_not_what_still_needs_somebody() -> None:
    tale = story(*IN_CONTACT, withdrawn(), ASK_HELP, not_sent(), to_do(), CLOSE)
    assert list(tale.state(Case, CASE).tasks) == ["help", "notice_failed", "triage"]


# -- in any order -----------------------------------------------------------------------------------------------------

INTAKE: list[Message] = [offered(), to_do(), not_sent(), done()]
TALES: list[list[list[Message]]] = [
    [INTAKE, [asked(BRAM), nobody_found(), asked(ANNA), matched(ANNA)]],
    [[*INTAKE, withdrawn()], [nobody_found(), asked(ANNA), matched(ANNA)]],
    [[*INTAKE, withdrawn()], [nobody_found()]],
]


@st.composite
def interleaved(draw: st.DrawFn) -> tuple[list[Message], list[Message]]:
    """The facts of several publishers: one after the other, and in any order that keeps the order of each."""
    publishers = draw(st.sampled_from(TALES))
    turns = draw(st.permutations([n for n, facts in enumerate(publishers) for _ in facts]))
    left = [list(facts) for facts in publishers]
    return [fact for facts in publishers for fact in facts], [left[n].pop(0) for n in turns]


@given(interleaved())
def test_the_order_between_publishers_does_not_matter(both: tuple[list[Message], list[Message]]) -> None:
    one, other = (story(*facts).state(Case, CASE) for facts in both)
    assert one.but(tasks=dict(sorted(one.tasks.items()))) == other.but(tasks=dict(sorted(other.tasks.items())))


@given(st.permutations([suspended(), intake.StaffLeft(person=ANNA)]))
def test_whoever_left_needs_nothing_in_any_order(facts: list[Message]) -> None:
    assert story(*facts).state(Waiting, ANNA) == Waiting(hospital="example", id=ANNA, left=True)


DEEDS = (TALK, FOLLOW_UP, EXTEND, NOT_REACHED, REACHED, PAUSE, RESUME, ASK_HELP)


@given(st.lists(st.sampled_from(DEEDS), max_size=25))
def test_no_case_has_more_conversations_than_its_limit_and_extensions(deeds: list[Message]) -> None:
    tale = story(*MATCHED)
    said = [one for deed in deeds for one in tale.when(deed)]
    case = tale.state(Case, CASE)
    counted = sum(isinstance(one, ConversationHeld) and one.counts for one in said)
    extensions = sum(isinstance(one, ExtensionGranted) for one in said)
    assert (case.counted, case.extensions) == (counted, extensions)
    assert counted <= 3 + extensions


@given(
    st.lists(st.tuples(st.sampled_from((*DEEDS, offered(), matched(ANNA), CLOSE)), st.integers(0, 200)), max_size=15)
)
def test_each_missed_clock_is_told_exactly_once(deeds: list[tuple[Message, int]]) -> None:
    tale = story()
    said: list[Said] = []
    for deed, hours in deeds:
        said += tale.when(deed)
        said += tale.wait(tale.now + hours * HOUR)
        assert all(clock.due_at > tale.now for clock in running(tale.state(Case, CASE), tale.hospital))
    told = [(one.clock, one.due_at) for one in said if isinstance(one, ClockMissed)]
    assert len(told) == len(set(told))
