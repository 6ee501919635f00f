"""What followup says beyond the talks: another supporter, more than the protocol holds, not reached, a large event."""

from __future__ import annotations

import pytest

from shared.engine.world import Said
from shared.messages import Message, matching
from shared.messages.followup import (
    CloseCase,
    ConfirmDanger,
    ContactAttempted,
    DangerConfirmed,
    DangerReported,
    DebriefRequested,
    HandedOver,
    HandOver,
    MoreAsked,
    ReportDanger,
    TaskFinished,
    TaskRaised,
)
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    ANOTHER,
    ATTEMPTS,
    BRAM,
    CASE,
    CLEO,
    CLOSE,
    CONFIRM,
    COORDINATOR,
    DANGER,
    DEBRIEF,
    ENDED,
    ERASURE,
    EVALUATION,
    GIVE_UP,
    HAND_BACK,
    HAND_OVER,
    HOUR,
    IN_CONTACT,
    MATCHED,
    MORE,
    NOT_REACHED,
    PAUSE,
    REPLACED,
    SEARCH,
    SUPPORTER,
    TAKE_AWAY,
    TALKED,
    THANKS,
    TRIED,
    by,
    closed,
    involved,
    left,
    matched,
    nobody_found,
    notice,
    offered,
    person,
    refused,
    replacement,
    story,
    task,
)


def plan(confirmed: bool = False, left: int = 0) -> matching.PlanMade:
    return matching.PlanMade(
        report="r-1", cases=(CASE, "c-2"), departments=2, asked=2 - left, left=left, confirmed=confirmed
    )


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
    ("before", "when", "then"), [*ANOTHER_SUPPORTER, *MORE_THAN_THE_PROTOCOL, *NOT_TO_BE_REACHED, *LARGE_EVENT]
)
def test_given_when_then_beyond_the_talks(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then
