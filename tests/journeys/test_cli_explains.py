"""Why a case stands as it does, the numbers and who is there when, as they are read at a terminal."""

from __future__ import annotations

from typing import Any

from tests.journeys.listening import CASE, REPORT, Services, case
from tests.journeys.terminal import Terminal

MATCH: dict[str, Any] = {
    "case": CASE,
    "searches": [
        {
            "at": "2026-07-03T15:00:00Z",
            "outcome": "nobody",
            "pool": 2,
            "removed": [{"rule": "MATCH-1", "count": 2, "sentence": {"nl": "Niet zelf.", "en": "Not herself."}}],
            "helps": [{"nl": "Leid op.", "en": "Qualify one."}],
        },
        {
            "at": "2026-07-03T16:00:00Z",
            "outcome": "asked",
            "supporter": None,
            "kind": "by_hand",
            "reason": "language",
            "open_cases": 1,
            "eligible": 1,
            "pool": 3,
            "answer": "ended",
            "first_by": {"rule": "MATCH-21", "sentence": {"nl": "Gekozen.", "en": "Picked."}},
            "overruled": [{"rule": "MATCH-5", "sentence": {"nl": "Genoeg.", "en": "Enough."}}],
            "removed": [],
        },
    ],
}
CLOCKS = {
    "case": CASE,
    "state": "matched",
    "clocks": [
        {
            "clock": "contact",
            "rule": "FOLLOW-4",
            "sentence": {"nl": "Op tijd.", "en": "In time."},
            "limit_hours": 72.0,
            "working_time": False,
            "since": "2026-07-03T15:00:00+02:00",
            "due_at": "2026-07-06T15:00:00+02:00",
            "state": "missed",
        }
    ],
    "conversations": {
        "rule": "FOLLOW-1",
        "sentence": {"nl": "Hoogstens.", "en": "At most."},
        "held": 1,
        "allowed": 3,
        "left": 2,
    },
}


WHOLE = {
    "case": CASE,
    "door": "self",
    "event_types": ["aggression"],
    "harm": "severe",
    "calamity": "no",
    "t0": "2026-07-03T15:00:00+02:00",
    "offered_at": "2026-07-03T15:10:00+02:00",
    "timeline": [],
}
OFFER = {name: value for name, value in WHOLE.items() if name not in ("case", "timeline")}


def test_why_a_case_stands_as_it_does_is_told_without_who_let_an_ask_pass(
    terminal: Terminal, services: Services
) -> None:
    services.answers |= {f"cases/{CASE}": WHOLE, case("explain"): CLOCKS, case("match"): MATCH}
    shown = terminal.ok(f"explain {CASE} --lang en").out
    for words in (
        f"{CASE}: supporter found",
        "by the colleague's own request",
        "Fri 3 Jul 2026 15:10",
        "How: picked by the coordinator.",
        "MATCH-1 removed 2 supporters: Not herself.",
        "What helps: Qualify one.",
        "Asked: somebody, who had 1 open case",
        "Reason to pick: language.",
        "Set aside by the coordinator, MATCH-5: Enough.",
        "Answer: it did not lead to a match.",
        "the first contact: missed",
        "since Fri 3 Jul 2026 15:00, due by Mon 6 Jul 2026 15:00 (72 hours)",
        "In time. (FOLLOW-4)",
        "1 conversation held of at most 3; 2 more possible.",
    ):
        assert words in shown
    assert terminal.json(f"explain {CASE}") == CLOCKS | {"offer": OFFER, "match": MATCH}


def test_a_supporter_reads_the_clocks_of_her_case_and_not_who_was_asked(terminal: Terminal, services: Services) -> None:
    services.answers |= {f"cases/{CASE}": WHOLE, case("explain"): CLOCKS, case("match"): MATCH}
    assert "Who was asked" in terminal.ok(f"explain {CASE} --lang en").out
    services.me["role"] = "supporter"
    assert "Who was asked" not in terminal.ok(f"explain {CASE} --lang en").out
    assert terminal.json(f"explain {CASE}") == CLOCKS | {"offer": OFFER}


def test_how_busy_somebody_was_is_told_only_of_whoever_may_be_named(terminal: Terminal, services: Services) -> None:
    asked = MATCH["searches"][1] | {"recent": 2, "misses": 1, "overruled": [], "kind": "normal"}
    services.answers |= {case("match"): {"searches": [asked]}}
    assert "Lately" not in terminal.ok(f"case match {CASE} --lang en").out
    services.answers |= {case("match"): {"searches": [asked | {"supporter": "s-bram234567", "answer": None}]}}
    shown = terminal.ok(f"case match {CASE} --lang en").out
    assert ("Lately: 2 cases." in shown, "Not met: 1 wish of the colleague." in shown) == (True, True)


FAIRNESS = {
    "days": 90,
    "professions": [
        {"profession": "nurse", "supporters": 6, "cases": 9, "fewest": 1, "most": 2, "spread": 1},
        {"profession": "doctor", "supporters": 1, "cases": None, "fewest": None, "most": None, "spread": None},
    ],
}
SHORT = {"cases": {"matched": 2}, "tasks": {"open": 3, "overdue": 1}}
FULL = {
    "cases": {"matched": 2},
    "tasks": {"open": 3, "overdue": 1, "by_kind": {"help": {"open": 3, "overdue": 1}}},
    "oldest_hours": {"without_supporter": 4.5, "without_first_contact": None},
    "first_contact": {"limit_hours": 72.0, "cases": 4, "median_hours": 20.0, "share_in_time": 0.75},
    "clocks_missed": {"contact": 1},
    "extensions": 1,
    "handed_over": 0,
    "not_reached": 0,
    "erased": 7,
}


def test_the_coordinators_numbers_stand_on_a_page(terminal: Terminal, services: Services) -> None:
    services.answers |= {"overview": FULL, "fairness": FAIRNESS}
    shown = terminal.ok("overview --lang en").out
    for words in (
        "3 open, 1 overdue",
        "75% of 4 cases within 72 hours",
        "too few supporters to show",
        "4.5",
        "nurse",
        "How it goes",
    ):
        assert words in shown
    assert "None" not in shown
    assert len(shown.splitlines()) <= 40
    assert terminal.json("overview") == FULL | {"fairness": FAIRNESS}


def test_whoever_runs_the_house_reads_the_counts_alone(terminal: Terminal, services: Services) -> None:
    services.me["role"] = "ops"
    services.answers |= {"overview": SHORT, "fairness": FAIRNESS}
    shown = terminal.ok("overview --lang en").out
    assert ("3 open, 1 overdue" in shown, "How it goes" in shown) == (True, False)


AVAILABLE = {
    "supporter": "s-bram234567",
    "week": {"monday": "08:00-17:00"},
    "holidays": False,
    "leave": [{"first": "2026-07-01", "last": "2026-07-14"}],
    "on_call": [{"begin": "2026-07-03T15:00:00Z", "end": "2026-07-06T06:00:00Z"}],
    "on_call_now": False,
    "paused": True,
    "there_from": "2026-07-03T15:00:00Z",
}


def test_when_supporters_are_there_and_what_is_planned_is_listed(terminal: Terminal, services: Services) -> None:
    turn = {"supporter": "s-bram234567", "begin": "2026-07-03T15:00:00Z", "end": "2026-07-06T06:00:00Z"}
    plan = {"report": REPORT, "made_at": None, "cases": [CASE], "departments": 2, "asked": 1, "left": 0}
    services.answers |= {
        "availability": {"availability": [AVAILABLE]},
        "on-call": {"on_call": [turn]},
        "plans": {"plans": [plan | {"confirmed": False, "without_anybody": 0, "helps": []}]},
    }
    shown = terminal.ok("availability show --lang en").out
    assert "Mon 08:00-17:00, not on public holidays" in " ".join(shown.split())
    assert "paused" in shown
    assert "Fri 3 Jul 2026 17:00" in terminal.ok("on-call list --lang en").out
    assert f"→ naast plan confirm {REPORT}" in terminal.ok("plan list --lang en").out
    for line, path in (("availability show", "availability"), ("on-call list", "on-call"), ("plan list", "plans")):
        assert terminal.json(line) == services.answers[path]
