"""What is typed at a terminal reaches the services as it was meant, or it goes nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.listening import BRAM, CASE, REPORT, Services, case
from tests.journeys.terminal import Terminal

TYPED: list[tuple[str, str, Any]] = [
    (f"case contact {CASE}", case("contact"), {"reached": True, "channel": "phone"}),
    (
        f"case contact {CASE} --not-reached --at 2026-11-20T14:30",
        case("contact"),
        {"reached": False, "channel": "phone", "at": "2026-11-20T14:30:00+01:00"},
    ),
    (
        f"case conversation {CASE} --minutes 45 --at '2026-07-01 09:15'",
        case("conversation"),
        {"kind": "conversation", "channel": "in_person", "minutes": 45, "at": "2026-07-01T09:15:00+02:00"},
    ),
    (
        f"case conversation {CASE} --minutes 10 --follow-up",
        case("conversation"),
        {"kind": "phone_follow_up", "channel": "phone", "minutes": 10},
    ),
    (
        f"case conversation {CASE} --minutes 60 --group --people 8",
        case("conversation"),
        {"kind": "group", "channel": "in_person", "minutes": 60, "people": 8},
    ),
    (
        f"case wishes {CASE}",
        case("preferences"),
        {"unit": "any", "independent": False, "same_site": False, "own_line": False},
    ),
    (
        f"case wishes {CASE} --unit other --independent --same-site --own-line",
        case("preferences"),
        {"unit": "other", "independent": True, "same_site": True, "own_line": True},
    ),
    (f"case another {CASE}", case("another"), None),
    (f"case more {CASE}", case("more"), None),
    (f"case stop {CASE}", case("stop"), None),
    (f"case check-ins {CASE} --later", case("check-ins"), {"later": True, "milestones": False}),
    (f"case check-ins {CASE} --no-later --milestones", case("check-ins"), {"later": False, "milestones": True}),
    (f"case milestone {CASE} interview", case("milestone"), {"milestone": "interview"}),
    (f"case hand-back {CASE}", case("hand-back"), None),
    (f"case debrief {CASE}", case("debrief"), None),
    (f"case danger {CASE}", case("danger"), None),
    (f"case confirm-danger {CASE}", case("danger/confirm"), None),
    (f"case replace {CASE}", case("replace"), {"why": "coordinator"}),
    (f"case replace {CASE} --why ill", case("replace"), {"why": "ill"}),
    (f"case hand-over {CASE} --to psychologist", case("hand-over"), {"to": "psychologist"}),
    (f"case pick {CASE} 105 --reason language", case("pick"), {"supporter": BRAM["person"], "reason": "language"}),
    (
        f"case pick {CASE} s-carla45678 --reason urgency",
        case("pick"),
        {"supporter": "s-carla45678", "reason": "urgency"},
    ),
    ("case open --door self", "referrals", {"door": "self"}),
    (
        "case open 104 --door manager --event aggression --event fall",
        "referrals",
        {"door": "manager", "staff_id": "104", "event_types": ["aggression", "fall"]},
    ),
    (
        "group call --department icu --profession nurse --caller 103",
        "groups",
        {"department": "icu", "caller": "103", "profession": "nurse"},
    ),
    (
        "availability week 105 --monday 08:00-17:00 --saturday 10:00-12:00 --no-holidays",
        "availability/s-bram234567/week",
        {"week": {"monday": "08:00-17:00", "saturday": "10:00-12:00"}, "holidays": False},
    ),
    ("availability week me", "availability/s-eva2345678/week", {"week": {}, "holidays": True}),
    (
        "availability leave 105 2026-07-01 2026-07-14",
        "availability/s-bram234567/leave",
        {"first": "2026-07-01", "last": "2026-07-14"},
    ),
    (
        "availability leave me 2026-07-01",
        "availability/s-eva2345678/leave",
        {"first": "2026-07-01", "last": "2026-07-01"},
    ),
    ("availability leave 105 2026-07-01 --cancel", "availability/s-bram234567/leave/cancel", {"first": "2026-07-01"}),
    ("availability pause me", "availability/s-eva2345678/pause", None),
    ("availability return me", "availability/s-eva2345678/return", None),
    (
        "on-call add 105 --from 2026-07-03T17:00 --to 2026-07-06T08:00",
        "on-call/s-bram234567",
        {"begin": "2026-07-03T17:00:00+02:00", "end": "2026-07-06T08:00:00+02:00"},
    ),
    (
        "on-call cancel 105 --from 2026-07-03T17:00",
        "on-call/s-bram234567/cancel",
        {"begin": "2026-07-03T17:00:00+02:00"},
    ),
    (f"plan confirm {REPORT}", f"plans/{REPORT}/confirm", None),
]


@pytest.mark.parametrize(("line", "path", "body"), TYPED, ids=[line for line, _, _ in TYPED])
def test_what_is_typed_is_what_the_services_are_told(
    terminal: Terminal, services: Services, line: str, path: str, body: Any
) -> None:
    assert terminal.ok(f"{line} --lang en").talk == "Nothing changed.\n"
    assert services.told == [(path, body)]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (f"case conversation {CASE} --minutes 60 --group", "--group --people 8"),
        (f"case conversation {CASE} --minutes 60 --people 8", "--group --people 8"),
        (f"case conversation {CASE} --minutes 60 --people 8 --group --follow-up", "--follow-up or --group"),
        (f"case contact {CASE} --at yesterday", "--at"),
        (f"case contact {CASE} --at 2026-03-29T02:30", "The clocks skip 02:30 on 2026-03-29"),
        (f"case hand-over {CASE} --to neighbour", "psychologist"),
        (f"case pick {CASE} 105 --reason none", "nobody_else"),
        (f"case pick {CASE} 999 --reason language", "no such staff number"),
        ("case open --door manager", "naast case open 10442 --door manager"),
        ("case open 104 --door manager --event rain", "the events are: resuscitation"),
        ("availability week me --monday 8-17", "--monday 08:00-17:00"),
        ("availability leave me 2026-07-14 2026-07-01", "Give the first day, then the last."),
        ("availability leave me 2026-07-01 2026-07-14 --cancel", "Leave out 2026-07-14."),
        ("on-call add me --from 2026-07-06T08:00 --to 2026-07-03T17:00", "a later --to"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_to_do_and_goes_nowhere(
    terminal: Terminal, services: Services, line: str, hint: str
) -> None:
    answer = terminal(f"{line} --lang en")
    assert (answer.code, hint in " ".join(answer.talk.split())) == (2, True), answer.talk
    assert services.told == []


def test_a_key_of_nobody_has_no_hours_of_its_own(terminal: Terminal, services: Services) -> None:
    services.me["person"] = ""
    answer = terminal("availability pause me")
    assert (answer.code, "belongs to nobody" in answer.talk, services.told) == (2, True, [])


def test_whoever_asks_for_another_is_told_that_it_was_taken_and_no_more(terminal: Terminal, services: Services) -> None:
    services.said = {"taken": True}
    assert terminal.ok("case open 104 --door manager --lang en").talk == "Thank you; it was taken in.\n"
    assert terminal.json("case open 104 --door manager") == {"taken": True}
