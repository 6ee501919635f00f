"""What followup says to each message, from the offer to the end."""

from __future__ import annotations

import pytest

from shared.engine.world import Said
from shared.messages import Message, intake
from shared.messages.followup import (
    CloseCase,
    ContactAttempted,
    ExtensionGranted,
    FirstContactMade,
    HelpRequested,
    SupportDeclined,
    SupportPaused,
    SupportResumed,
)
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    ASK_HELP,
    ATTEMPT,
    ATTEMPTS,
    CASE,
    CLOSE,
    CLOSING,
    CONFIRMED,
    CONTACT,
    CONTACT_MADE,
    COORDINATOR,
    DAY,
    DECLINE,
    ENDED,
    ERASURE,
    EVALUATION,
    EXTEND,
    FOLLOW_UP,
    FOLLOWING_UP,
    IN_CONTACT,
    LAST_CHECK,
    MATCHED,
    NOBODY_FOUND,
    NOT_REACHED,
    OFFER,
    PAUSE,
    PAUSE_LASTS,
    REACHED,
    RESUME,
    SECOND_ATTEMPT,
    TALK,
    TALKED,
    THANKS,
    THIRD_ATTEMPT,
    asked,
    closed,
    done,
    followed_up,
    held,
    later,
    matched,
    nobody_found,
    not_allowed,
    not_sent,
    notice,
    offered,
    refused,
    story,
    suspended,
    task,
    to_do,
    withdrawn,
)

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
        [SupportPaused(case=CASE), notice("supporter", "paused", ANNA), PAUSE_LASTS],
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


@pytest.mark.parametrize(
    ("before", "when", "then"),
    [*FROM_THE_OFFER_TO_THE_MATCH, *CONTACTS_AND_CONVERSATIONS, *THE_END, *OTHER_TASKS],
)
def test_given_when_then(before: list[Message], when: Message, then: list[Said]) -> None:
    assert story(*before).when(when) == then
