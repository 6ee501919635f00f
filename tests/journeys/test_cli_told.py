"""What a command led to is told in words, in both languages."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.cli.terms import reasons, term
from services.cli.words import Words, texts
from services.followup.protocol.timeline import WORDS
from shared.messages import followup, intake, matching, training
from shared.messages.base import Fact
from shared.messages.parts import Role
from tests.journeys.listening import CASE, REPORT, Services
from tests.journeys.terminal import Terminal

#: Facts that follow on what people do, each as it comes in an answer.
FACTS: list[tuple[str, dict[str, Any], str]] = [
    ("handed_over", {"case": CASE, "to": "general_practitioner", "by_role": "coordinator"}, "the general practitioner"),
    ("danger_reported", {"case": CASE, "by_role": "supporter"}, "the second person"),
    ("danger_reported", {"case": CASE, "by_role": "supporter"}, "the alarm number"),
    ("danger_confirmed", {"case": CASE}, f"naast case card {CASE}"),
    ("debrief_requested", {"case": CASE}, "debrief"),
    ("more_asked", {"case": CASE}, "one more conversation"),
    (
        "check_ins_agreed",
        {"case": CASE, "later": True, "milestones": False},
        "later: yes; when the event comes back: no",
    ),
    ("milestone_reached", {"case": CASE, "milestone": "complaint"}, "a complaint"),
    (
        "replacement_needed",
        {"case": CASE, "supporter": "s-bram234567", "why": "ill"},
        "looked for: the supporter is ill",
    ),
    ("case_closed", {"case": CASE, "ending": "not_reached", "supporter": ""}, "the colleague was not reached"),
    ("case_erased", {"case": CASE}, "erased"),
    ("preferences_chosen", {"case": CASE, "unit": "other", "own_line": False}, "of another unit"),
    ("availability_changed", {"supporter": "s-bram234567"}, "when the supporter is there"),
    ("supporter_paused", {"supporter": "s-bram234567"}, "not asked for now"),
    ("supporter_returned", {"supporter": "s-bram234567"}, "asked again"),
    ("plan_made", {"report": REPORT, "cases": [CASE], "asked": 1, "left": 2}, "1 ask, and 2 cases with nobody"),
    ("support_offered", {"report": REPORT, "colleagues": [{"case": CASE}]}, CASE),
    ("supporter_asked", {"case": CASE, "answer_by": "2026-07-03T15:00:00Z"}, "Fri 3 Jul 2026 17:00"),
    ("match_failed", {"case": CASE, "pool": 3, "removed": {"MATCH-1": 2}}, "MATCH-1 2"),
]


@pytest.mark.parametrize(("type", "data", "words"), FACTS)
def test_what_follows_is_told_in_words(
    terminal: Terminal, services: Services, type: str, data: dict[str, Any], words: str
) -> None:
    services.said = {"said": [{"type": type, "data": data}], "refused": None}
    assert words in terminal.ok(f"case stop {CASE} --lang en").talk
    assert "{" not in terminal.ok(f"case stop {CASE} --lang nl").talk


#: What nobody at a terminal is told: machinery, and what others hear of.
UNTOLD = {"notice_due", "notice_sent", "notice_failed", "task_raised", "refused", "clock_missed", "check_in_due"}
UNTOLD |= {"evaluation_due", "ask_expired", "ask_withdrawn", "supporter_matched", "supporter_involved"}
UNTOLD |= {"staff_recorded", "staff_left", "headcount_measured", "coverage_measured", "intervisie_due"}
UNTOLD |= {"supporter_suspended", "event_reassessed"}


def test_every_fact_has_words_or_is_known_to_have_none() -> None:
    facts = {
        kind.name
        for module in (intake, matching, followup, training)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Fact) and kind.__module__.startswith(f"{module.__name__}.")
    }
    assert facts == UNTOLD | set(texts()["said"])


#: Codes that the messages know, and the section of the words in which they stand.
CODES: list[tuple[str, Any]] = [
    ("role", Role),
    ("door", intake.Door),
    ("clock", followup.Clock),
    ("ending", followup.Ending),
    ("why", followup.Why),
    ("professional", followup.Professional),
    ("milestone", followup.Milestone),
    ("ask_kind", matching.AskKind),
    ("pick_reason", matching.PickReason),
    ("unit", matching.Unit),
]


@pytest.mark.parametrize(("section", "kind"), CODES, ids=[section for section, _ in CODES])
def test_every_code_of_the_messages_has_words(section: str, kind: Any) -> None:
    known = set(WORDS.get(section, {})) | set(texts().get(section, {}))
    assert set() < set(get_args(kind)) <= known


def test_what_followup_has_words_for_is_not_said_otherwise_at_the_terminal() -> None:
    both = set(texts()) & set(WORDS)
    assert both
    assert {section: twice for section in both if (twice := set(texts()[section]) & set(WORDS[section]))} == {}


@pytest.mark.parametrize(
    ("codes", "nl"),
    [
        (("to_confirm",), "het plan wacht op uw woord"),
        (("nobody_left",), "niet voor iedereen is er iemand"),
        (("erased_before",), "er was eerder een casus van, die gewist is"),
        (("ask", "no_address"), "de vraag om te steunen, geen mailadres"),
        (("matched", "smtp_unreachable"), "er is een supporter, de mailserver was niet te bereiken"),
        (("FOLLOW-17",), "FOLLOW-17"),
    ],
)
def test_why_a_task_waits_is_told_in_words(codes: tuple[str, ...], nl: str) -> None:
    assert reasons(Words("nl"), codes) == nl


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    assert term(Words("en"), "task", "something_new") == "something new"
