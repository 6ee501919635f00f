"""What a command led to is told in words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from services.cli.words import texts
from shared.messages import followup, intake, matching, training
from shared.messages.base import Fact
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
    ("replacement_needed", {"case": CASE, "supporter": "s-bram234567", "why": "ill"}, "Another supporter"),
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
UNTOLD |= {"supporter_suspended"}


def test_every_fact_has_words_or_is_known_to_have_none() -> None:
    facts = {
        kind.name
        for module in (intake, matching, followup, training)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Fact) and kind.__module__ == module.__name__
    }
    assert facts - UNTOLD <= set(texts()["said"])
