"""Every message that followup hears or is told, in every state of a case: it changes something, or it is answered."""

from __future__ import annotations

from typing import Any

import pytest

from services.followup.protocol.case import Case
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.rules import RULES
from shared.messages import Command, Message, matching
from shared.messages.followup import ClockDue, MomentDue
from shared.testing import NOW, Story
from tests.decisions.followup_tale import (
    ANNA,
    BRAM,
    CASE,
    CLOSE,
    COLLEAGUE,
    COORDINATOR,
    DAY,
    IN_CONTACT,
    MATCHED,
    PAUSE,
    SAYING,
    SUPPORTER,
    TALKED,
    asked,
    by,
    done,
    involved,
    left,
    matched,
    names,
    nobody_found,
    not_sent,
    offered,
    reassessed,
    story,
    suspended,
    to_do,
    withdrawn,
)

STATES: dict[str, list[Message]] = {
    "unknown": [],
    "offered": [offered()],
    "matched": MATCHED,
    "in_contact": IN_CONTACT,
    "paused": [*MATCHED, PAUSE],
    "closed": [*TALKED, CLOSE],
    "erased": [*TALKED, CLOSE],
}


def in_state(name: str) -> Story:
    tale = story(*STATES[name])
    if name == "erased":
        tale.wait(NOW + 31 * DAY)
    return tale


def whoever_may(kind: type[Command]) -> dict[str, Any]:
    """The coordinator where she may, else the supporter or the colleague whose case it is."""
    only = RULES.rule(COMMANDS[kind].rule).only
    own = SUPPORTER if "own supporter" in only else COLLEAGUE
    return COORDINATOR if "coordinator" in only else own


EVERY_MESSAGE: dict[str, Message] = {
    "offered": offered(),
    "withdrawn": withdrawn(),
    "reassessed": reassessed(NOW),
    "involved": involved(ANNA),
    "left": left(),
    "asked": asked(ANNA),
    "matched": matched(ANNA),
    "matched_again": matched(BRAM),
    "nobody_found": nobody_found(),
    "plan_made": matching.PlanMade(report="r-1", cases=(CASE,), departments=1, asked=1, left=0),
    "suspended": suspended(),
    "not_sent": not_sent(),
    "to_do": to_do(),
    "done": done(),
    "attempt_due": ClockDue(case=CASE, clock="attempt", since=NOW - 2 * DAY),
    "erasure_due": MomentDue(case=CASE, moment="erasure", since=NOW - 2 * DAY),
    **{kind.name: by(kind, whoever_may(kind), **SAYING.get(kind, {})) for kind in COMMANDS},
}
#: Message: what is said when the case is unknown, offered, matched, in contact, paused, closed, erased.
ANSWERS: dict[str, tuple[str, ...]] = {
    "offered": ("four_clocks", "four_clocks", "two_clocks", "clock_due", "", "", ""),
    "withdrawn": ("ends_unheard", "ends_unheard", "ends", "task_raised", "ends", "", ""),
    "reassessed": ("", "two_clocks", "two_clocks", "clock_due", "", "", ""),
    "involved": ("", "", "replaced", "replaced", "replaced_paused", "", ""),
    "left": ("", "", "replaced_untold", "replaced_untold", "released", "", ""),
    "asked": ("",) * 7,
    "matched": ("three_clocks", "three_clocks", "three_clocks", "", "", "gives_back", "gives_back"),
    "matched_again": (
        "three_clocks",
        "three_clocks",
        "released_and_starts",
        "released_and_starts",
        "released",
        "gives_back",
        "gives_back",
    ),
    "nobody_found": ("put_on_the_list", "put_on_the_list", "", "", "", "", ""),
    "plan_made": ("task_raised",) * 7,
    "suspended": ("task_raised",) * 7,
    "not_sent": ("task_raised", "task_raised", "task_raised", "task_raised", "task_raised", "task_raised", ""),
    "to_do": ("",) * 7,
    "done": ("",) * 7,
    "attempt_due": ("",) * 7,
    "erasure_due": ("",) * 7,
    "record_contact": ("refused", "made", "made", "", "first_contact_made", "refused", "refused"),
    "record_conversation": ("refused", "talks", "talks", "talks_on", "talks_paused", "refused", "refused"),
    "grant_extension": (
        "refused",
        "extension_granted",
        "extension_granted",
        "extension_granted",
        "extension_granted",
        "refused",
        "refused",
    ),
    "ask_more": ("refused", "asks_more", "asks_more", "asks_more", "asks_more", "refused", "refused"),
    "close_case": ("refused", "ends_unheard", "ends", "ends_evaluated", "ends", "refused", "refused"),
    "hand_over": (
        "refused",
        "hands_over_alone",
        "hands_over",
        "hands_over_evaluated",
        "hands_over",
        "refused",
        "refused",
    ),
    "decline_support": ("refused", "declines_alone", "declines", "declines", "declines", "refused", "refused"),
    "stop_support": ("refused", "declines_alone", "declines", "declines", "declines", "stops_later", "refused"),
    "pause_support": ("refused", "pauses_alone", "pauses", "pauses", "", "refused", "refused"),
    "resume_support": ("refused", "", "", "", "resumes", "refused", "refused"),
    "hand_back": ("refused", "refused", "replaced_untold", "replaced_untold", "released", "refused", "refused"),
    "choose_another": ("refused", "", "replaced", "replaced", "replaced_paused", "refused", "refused"),
    "replace_supporter": ("refused", "", "replaced", "replaced", "replaced_paused", "refused", "refused"),
    "request_help": ("refused", "helps", "helps", "helps", "helps", "refused", "refused"),
    "ask_debrief": ("refused", "refused", "debriefs", "debriefs", "debriefs", "debriefs", "refused"),
    "report_danger": ("refused", "danger", "danger", "danger", "danger", "danger", "refused"),
    "confirm_danger": ("refused", "", "", "", "", "", "refused"),
    "agree_to_check_ins": (
        "refused",
        "check_ins_agreed",
        "check_ins_agreed",
        "check_ins_agreed",
        "check_ins_agreed",
        "agrees_late",
        "refused",
    ),
    "report_milestone": ("refused",) * 7,
}
IN_FULL = {
    "four_clocks": "clock_due clock_due clock_due clock_due",
    "three_clocks": "clock_due clock_due clock_due",
    "two_clocks": "clock_due clock_due",
    "ends_unheard": "case_closed moment_due",
    "ends": "case_closed notice_due notice_due moment_due",
    "ends_evaluated": "case_closed notice_due notice_due moment_due moment_due",
    "gives_back": "case_closed notice_due",
    "replaced": "replacement_needed notice_due notice_due clock_due clock_due",
    "replaced_paused": "replacement_needed notice_due notice_due",
    "replaced_untold": "replacement_needed notice_due clock_due clock_due",
    "released": "replacement_needed notice_due",
    "released_and_starts": "replacement_needed notice_due clock_due clock_due clock_due",
    "put_on_the_list": "task_raised notice_due",
    "made": "first_contact_made clock_due",
    "talks": "first_contact_made clock_due conversation_held clock_due",
    "talks_on": "conversation_held clock_due",
    "talks_paused": "first_contact_made conversation_held",
    "asks_more": "more_asked task_raised notice_due",
    "hands_over": "handed_over case_closed notice_due notice_due moment_due",
    "hands_over_alone": "handed_over case_closed moment_due",
    "hands_over_evaluated": "handed_over case_closed notice_due notice_due moment_due moment_due",
    "declines": "support_declined case_closed notice_due notice_due moment_due",
    "declines_alone": "support_declined case_closed notice_due moment_due",
    "stops_later": "support_declined notice_due moment_due",
    "pauses": "support_paused notice_due pause_due",
    "pauses_alone": "support_paused pause_due",
    "resumes": "support_resumed notice_due clock_due clock_due clock_due clock_due clock_due",
    "helps": "help_requested task_raised notice_due",
    "debriefs": "debrief_requested task_raised notice_due",
    "danger": "danger_reported task_raised notice_due",
    "agrees_late": "check_ins_agreed moment_due",
}


@pytest.mark.parametrize("message", EVERY_MESSAGE)
def test_every_message_is_answered_in_every_state(message: str) -> None:
    answers = [names(in_state(state).when(EVERY_MESSAGE[message])) for state in STATES]
    assert dict(zip(STATES, answers, strict=True)) == {
        state: IN_FULL.get(answer, answer) for state, answer in zip(STATES, ANSWERS[message], strict=True)
    }


@pytest.mark.parametrize("state", STATES)
def test_the_states_of_the_table_are_what_they_are_called(state: str) -> None:
    case = in_state(state).state(Case, CASE)
    assert (case.status, case.erased) == (("closed", True) if state == "erased" else (state, False))


@pytest.mark.parametrize("message", EVERY_MESSAGE)
def test_nothing_wakes_what_was_erased(message: str) -> None:
    tale = in_state("erased")
    tale.when(EVERY_MESSAGE[message])
    assert tale.state(Case, CASE) == Case(hospital="example", id=CASE, erased=True)
