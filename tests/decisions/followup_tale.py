"""The words in which the tests of followup are told: people, messages, and what is said in answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.followup.protocol.domain import PROTOCOL
from shared.engine.world import Later, Said
from shared.messages import Command, Message, Role, intake, matching, training
from shared.messages.followup import (
    AgreeToCheckIns,
    AskDebrief,
    AskMore,
    CaseClosed,
    ChooseAnother,
    Clock,
    ClockDue,
    ClockMissed,
    CloseCase,
    ConfirmDanger,
    ConversationHeld,
    ConversationNotAllowed,
    DeclineSupport,
    FirstContactMade,
    GrantExtension,
    HandBack,
    HandOver,
    Moment,
    MomentDue,
    NoticeDue,
    PauseDue,
    PauseSupport,
    RecordContact,
    RecordConversation,
    Refused,
    ReplacementNeeded,
    ReplaceSupporter,
    ReportDanger,
    ReportMilestone,
    RequestHelp,
    ResumeSupport,
    StopSupport,
    TaskRaised,
    Why,
)
from shared.testing import NOW, Story, a_hospital

CASE, CLEO, ANNA, BRAM = "c-1", "p-cleo", "s-anna", "s-bram"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Four hours of working time after NOW, which is ten o'clock in the hospital.
TASK_DUE = NOW + 4 * HOUR


def offered(t0: datetime = NOW - HOUR, case: str = CASE, colleague: str = CLEO, **codes: Any) -> intake.SupportOffered:
    one = intake.Colleague(case=case, colleague=colleague, profession="nurse", department="icu")
    told: dict[str, Any] = {"event_types": ("aggression",), "calamity": "no", **codes}
    return intake.SupportOffered(report="r-1", t0=t0, colleagues=(one,), **told)


def withdrawn() -> intake.SupportWithdrawn:
    return intake.SupportWithdrawn(report="r-1", cases=(CASE,), reason="amended")


def reassessed(t0: datetime | None = None, harm: str = "death") -> intake.EventReassessed:
    codes: dict[str, Any] = {"event_types": ("aggression",), "calamity": "yes", "harm": harm, "t0": t0}
    return intake.EventReassessed(report="r-1", cases=(CASE,), **codes)


def involved(*who: str) -> intake.SupporterInvolved:
    return intake.SupporterInvolved(report="r-1", cases=(CASE,), supporters=who)


def left(who: str = ANNA) -> intake.StaffLeft:
    return intake.StaffLeft(person=who)


def asked(who: str) -> matching.SupporterAsked:
    return matching.SupporterAsked(case=CASE, supporter=who, ask=1, answer_by=NOW + 4 * HOUR)


def matched(who: str) -> matching.SupporterMatched:
    return matching.SupporterMatched(case=CASE, supporter=who)


def nobody_found(planned: bool = False) -> matching.MatchFailed:
    removed = {"MATCH-1": 2, "MATCH-5": 4, "MATCH-2": 2}
    return matching.MatchFailed(case=CASE, pool=9, removed=removed, planned=planned)


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


def by(command: type[Command], who: dict[str, Any], /, **said_of: Any) -> Any:
    """A command about the case."""
    return command.model_validate({"case": CASE, **who, **said_of})


#: What a command says beside its case.
SAYING: dict[type[Command], dict[str, Any]] = {
    RecordContact: {"reached": True},
    RecordConversation: {"minutes": 40},
    HandOver: {"to": "psychologist"},
    AgreeToCheckIns: {"later": False, "milestones": True},
    ReportMilestone: {"milestone": "report"},
}
SUPPORTER, COLLEAGUE, COORDINATOR = person("supporter", ANNA), person("colleague", CLEO), person("coordinator", "s-coo")

NOT_REACHED = RecordContact(case=CASE, reached=False, **SUPPORTER)
REACHED = RecordContact(case=CASE, reached=True, **SUPPORTER)
TALK = RecordConversation(case=CASE, minutes=40, **SUPPORTER)
FOLLOW_UP = RecordConversation(case=CASE, kind="phone_follow_up", channel="phone", minutes=15, **SUPPORTER)
EXTEND = GrantExtension(case=CASE, **COORDINATOR)
CLOSE = CloseCase(case=CASE, **SUPPORTER)
DECLINE, PAUSE, RESUME = (kind(case=CASE, **COLLEAGUE) for kind in (DeclineSupport, PauseSupport, ResumeSupport))
ASK_HELP = RequestHelp(case=CASE, **SUPPORTER)

STOP, MORE = by(StopSupport, COLLEAGUE), by(AskMore, COLLEAGUE)
HAND_BACK, ANOTHER = by(HandBack, SUPPORTER), by(ChooseAnother, COLLEAGUE)
TAKE_AWAY = by(ReplaceSupporter, COORDINATOR, why="ill")
HAND_OVER = by(HandOver, COORDINATOR, to="psychologist")
DANGER, CONFIRM = by(ReportDanger, SUPPORTER), by(ConfirmDanger, COORDINATOR)
DEBRIEF = by(AskDebrief, SUPPORTER)
AGREE = by(AgreeToCheckIns, COLLEAGUE, later=True, milestones=True)
MILESTONE = by(ReportMilestone, COLLEAGUE, milestone="report")
GIVE_UP = by(CloseCase, SUPPORTER, ending="not_reached")
TRIED: list[Message] = [
    by(RecordContact, SUPPORTER, reached=False, channel=channel) for channel in ("phone", "phone", "message")
]

MATCHED: list[Message] = [offered(), matched(ANNA)]
IN_CONTACT: list[Message] = [*MATCHED, REACHED]
TALKED: list[Message] = [*IN_CONTACT, TALK]


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


#: Eight hours of working time after ten o'clock: the next morning at nine.
ASSIGNMENT = later("assignment", NOW, 23 * HOUR)
UNASSIGNED = later("unassigned", NOW, DAY)
ATTEMPT = later("attempt", NOW, DAY)
SECOND_ATTEMPT = later("second_attempt", NOW, 3 * DAY)
THIRD_ATTEMPT = later("third_attempt", NOW, 7 * DAY)
CONTACT = later("contact", NOW - HOUR, 3 * DAY)
LAST_CHECK = later("last_check", NOW - HOUR, 21 * DAY)
FOLLOWING_UP = later("follow_up", NOW, 14 * DAY)
CLOSING = later("closing", NOW, 35 * DAY)
SEARCH = [ASSIGNMENT, UNASSIGNED]
OFFER = [*SEARCH, CONTACT, LAST_CHECK]
ATTEMPTS = [ATTEMPT, SECOND_ATTEMPT, THIRD_ATTEMPT]
CONTACT_MADE = FirstContactMade(case=CASE, channel="phone")
THANKS, CONFIRMED = notice("colleague", "closed", CLEO), notice("colleague", "declined", CLEO)
REPLACED = notice("colleague", "replaced", CLEO)
ENDED = notice("supporter", "ended", ANNA)
NOBODY_FOUND = notice("coordinator", "find_supporter")


def moment(name: Moment, since: datetime, lasts: timedelta) -> Later:
    return Later(MomentDue(case=CASE, moment=name, since=since), since + lasts)


PAUSE_LASTS = Later(PauseDue(case=CASE, since=NOW), NOW + 28 * DAY)
EVALUATION, ERASURE = moment("evaluation", NOW, 7 * DAY), moment("erasure", NOW, 30 * DAY)


def replacement(why: Why, who: str = ANNA) -> ReplacementNeeded:
    return ReplacementNeeded(case=CASE, supporter=who, why=why)


def missed(clock: Clock, rule: str, due_at: datetime, owner: Role = "coordinator") -> list[Said]:
    template = "closing" if clock == "closing" else "clock" if owner == "supporter" else "clock_missed"
    who = ANNA if owner == "supporter" else ""
    told = notice(owner, template, who, urgent=clock == "unassigned")
    return [ClockMissed(case=CASE, clock=clock, rule=rule, due_at=due_at, owner=owner), told]


def names(said: Iterable[Said]) -> str:
    """What was said, by name only."""
    messages = [one.message if isinstance(one, Later) else one for one in said]
    return " ".join(message.name for message in messages if isinstance(message, Message))
