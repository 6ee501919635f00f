"""A message that was set aside is listed without its content, taken again, or dropped."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli import client
from services.house.embedded import open_house
from shared.messages import Event
from shared.messages.matching import SupporterMatched
from shared.settings import Settings
from shared.testing import heard
from tests.journeys.terminal import Terminal


async def _set_aside(*events: Event) -> None:
    async with open_house(Settings()) as house:
        await house.services["followup"].engine.set_aside(events, "test")


def matched(id: str, hospital: str, case: str) -> Event:
    return heard(SupporterMatched(case=case, supporter="s-bram"), hospital=hospital, id=id, at=datetime.now(UTC))


def test_a_dead_letter_is_listed_by_its_codes_and_taken_again(terminal: Terminal) -> None:
    key = terminal.json("hospital new st-lucas --yes")["key"]
    asyncio.run(_set_aside(matched("one", "st-lucas", "c-anna"), matched("two", "elsewhere", "c-finn")))
    [letter] = terminal.json("dead-letters list")["dead_letters"]
    shown = {name: letter[name] for name in ("service", "id", "type", "subject", "reason")}
    assert shown == {
        "service": "followup",
        "id": "one",
        "type": "naast.matching.supporter_matched.v1",
        "subject": "c-anna",
        "reason": "test",
    }
    shown_in_words = terminal.ok("dead-letters show one").out
    assert ("c-anna" in shown_in_words, "s-bram" in shown_in_words) == (True, False)
    assert terminal.json("dead-letters show one")["sequence"] == 1
    assert (letter["source"], letter["trace"], letter["kept"]) == ("matching", "the-report", True)
    assert terminal.json("cases")["cases"] == []
    assert terminal.json("dead-letters replay one")["replayed"][0]["taken"]
    assert [case["case"] for case in terminal.json("cases")["cases"]] == ["c-anna"]
    assert terminal.json("dead-letters list")["dead_letters"] == []
    gone = terminal(f"dead-letters replay one --key {key}")
    assert (gone.code, "no such message" in gone.talk) == (1, True)


def test_whoever_looks_at_what_was_set_aside_is_in_the_log_of_the_hospital_that_it_is_about(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    asyncio.run(_set_aside(matched("one", "st-lucas", "c-anna"), matched("two", "elsewhere", "c-finn")))
    ops = terminal.json("keys create --role ops --everywhere")["key"]
    terminal.ok("dead-letters show one")
    terminal.ok(f"dead-letters list --service followup --key {ops}")
    looks = terminal.json("access-log c-anna")["access_log"]
    assert {(one["by_role"], one["what"]) for one in looks} == {
        ("ops", "dead_letters"),
        ("coordinator", "dead_letters"),
        ("coordinator", "dead_letter"),
        ("coordinator", "access_log"),
    }
    assert terminal.json("access-log c-finn")["access_log"] == []


def test_what_belongs_to_another_hospital_is_seen_by_who_operates_the_deployment_alone(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    asyncio.run(_set_aside(matched("two", "elsewhere", "c-finn")))
    assert terminal.json("dead-letters list")["dead_letters"] == []
    assert terminal("dead-letters drop two").code == 1
    feed = terminal.json("keys create --role feed")["key"]
    assert terminal(f"dead-letters list --key {feed}").code == 1
    ops = terminal.json("keys create --role ops --everywhere")["key"]
    assert [one["id"] for one in terminal.json(f"dead-letters list --key {ops}")["dead_letters"]] == ["two"]
    terminal.ok(f"dead-letters drop two --key {ops}")
    assert terminal.json(f"dead-letters list --key {ops}")["dead_letters"] == []


def test_what_a_feed_was_refused_is_listed_with_its_reason_and_let_go_of(terminal: Terminal, tmp_path: Path) -> None:
    terminal.ok("hospital new st-lucas --yes")
    file = tmp_path / "events.ndjson"
    file.write_text("no report\n")
    assert terminal(f"feed {file}").code == 1
    [refused] = terminal.json("dead-letters list")["dead_letters"]
    shown = {name: refused[name] for name in ("service", "source", "hospital", "subject", "reason", "kept")}
    assert shown == {
        "service": "intake",
        "source": "http",
        "hospital": "st-lucas",
        "subject": "1",
        "reason": "not_json",
        "kept": False,
    }
    assert refused["trace"] == hashlib.sha256(b"no report").hexdigest()
    assert terminal.json("dead-letters replay --all")["replayed"] == []
    again = terminal(f"dead-letters replay {refused['id']} --lang en")
    assert (again.code, "let its source send it again" in again.talk) == (1, True)
    assert terminal.json(f"dead-letters show {refused['id']}")["reason"] == "not_json"
    terminal.ok(f"dead-letters drop {refused['id']}")
    assert terminal.json("dead-letters list")["dead_letters"] == []


def test_nobody_of_another_hospital_lets_go_of_what_a_feed_was_refused(terminal: Terminal, tmp_path: Path) -> None:
    hers, stranger = (terminal.json(f"hospital new {id} --yes")["key"] for id in ("st-lucas", "elsewhere"))
    file = tmp_path / "events.ndjson"
    file.write_text("no report\n")
    assert terminal(f"feed {file} --hospital st-lucas --key {hers}").code == 1
    [refused] = terminal.json(f"dead-letters list --key {hers}")["dead_letters"]
    assert terminal.json(f"dead-letters list --key {stranger}")["dead_letters"] == []
    assert terminal(f"dead-letters drop {refused['id']} --key {stranger}").code == 1
    assert terminal.json(f"dead-letters list --key {hers}")["dead_letters"] == [refused]


def test_nothing_of_a_long_list_is_cut(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_MOST", 2)
    terminal.ok("hospital new st-lucas --yes")
    asyncio.run(_set_aside(*(matched(f"id-{n}", "st-lucas", f"c-{n}") for n in range(3))))
    file = tmp_path / "events.ndjson"
    file.write_text("no report\nnor this\nnor that\n")
    assert terminal(f"feed {file}").code == 1
    found = terminal.json("dead-letters list")["dead_letters"]
    assert {one["subject"] for one in found} == {"c-0", "c-1", "c-2", "1", "2", "3"}
    oldest = next(one for one in found if one["subject"] == "1")
    assert terminal.json(f"dead-letters show {oldest['id']}")["trace"] == oldest["trace"]
