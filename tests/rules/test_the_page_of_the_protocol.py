"""docs/protocol.md names a rule for everything in the programme that software can keep, and only rules that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.rules.test_the_protocol import BOOKS

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
ROWS = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_number_is_there_once() -> None:
    assert [int(number) for number, _ in ROWS] == [*range(1, 31), 52]


def test_only_three_are_kept_by_nothing() -> None:
    assert [number for number, kept in ROWS if kept == "none"] == ["8", "17", "22"]


def test_every_rule_that_is_named_exists() -> None:
    known = {rule.id for book in BOOKS.values() for rule in book.rules}
    named = {id for _, kept in ROWS if kept != "none" for id in kept.split(", ")}
    assert named <= known
