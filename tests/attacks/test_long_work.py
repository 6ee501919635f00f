"""What takes long grows no faster than what was sent, and lets others go first on its way."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path

import pytest

from services.intake.doors.feeds import canonical, strict_json
from services.intake.doors.staff_csv import in_circles
from shared.db import Database
from shared.http.depth import DEEPEST, is_deeper
from shared.testing import NOW
from tests.attacks.floods import a_line, reports
from tests.journeys.town import Town


class Counted(dict[str, str]):
    """Counts how often somebody's manager is looked up."""

    looked = 0

    def get(self, *wanted: str) -> str:  # type: ignore[override]
        self.looked += 1
        return super().get(*wanted) or ""


@pytest.mark.parametrize("count", [100, 10_000])
def test_in_a_line_of_managers_each_is_looked_up_once(count: int) -> None:
    line = Counted({str(n): str(n + 1) for n in range(count)})
    assert in_circles(line) == set()
    assert line.looked <= count + 1


def test_whoever_is_her_own_manager_is_found_and_whoever_is_below_is_not() -> None:
    managers = {"1": "2", "2": "3", "3": "1", "4": "3", "5": "5", "6": "", "7": "6"}
    assert in_circles(managers) == {"1", "2", "3", "5"}


def test_lines_that_are_not_json_are_refused_after_as_many_as_a_file_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = list[bytes]()
    parse = strict_json.parse

    def counted(raw: bytes, limit: int = strict_json.MAX_ITEM) -> object:
        tried.append(raw[:8])
        return parse(raw, limit)

    monkeypatch.setattr(strict_json, "parse", counted)
    [refused] = canonical.read_any(b"x y\n" * 2_000_000, "", "st-anna", NOW)
    assert isinstance(refused, canonical.Reject)
    assert refused.reason == "not_json"
    assert len(tried) <= strict_json.MAX_ITEMS + 1
    [refused] = canonical.read_any(b"x y\n" * 2_000_000, "application/x-ndjson", "st-anna", NOW)
    assert isinstance(refused, canonical.Reject)
    assert (refused.reason, len(tried)) == ("too_many", len(tried))


@pytest.mark.parametrize(
    ("raw", "deep"),
    [
        (b"[" * DEEPEST + b"]" * DEEPEST, False),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), True),
        (b"[" * 60_000, True),
        (b'{"a":' * 40 + b"1" + b"}" * 40, True),
        (json.dumps("[" * 100).encode(), False),
        (b'"\\"' + b"[" * 100 + b'"', False),
        (b'["]",' * 40 + b"1" + b"]" * 40, True),
        (b"[]" * 10_000, False),
        (b"]" * 100, False),
    ],
)
def test_how_deep_a_text_is_nested_is_known_before_it_is_parsed(raw: bytes, deep: bool) -> None:
    assert is_deeper(raw) is deep


async def test_what_is_nested_too_deeply_is_refused_at_the_gate(town: Town) -> None:
    key = await town.key("supporter", "s-1")
    answer = await town.ask("POST", "supporters/s-1/nomination", key, b"[" * 30_000 + b"]" * 30_000)
    assert (answer.status_code, answer.json()["detail"]["error"]) == (400, "too_deep")


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The order of transactions and of somebody else's steps."""
    steps: list[str] = []
    monkeypatch.setattr("shared.sqlite._DirectConnection", _noting(steps))
    return steps


def _noting(steps: list[str]) -> type:
    from shared.sqlite import _DirectConnection

    class Noting(_DirectConnection):
        def __init__(self, connection: object) -> None:
            super().__init__(connection)  # type: ignore[arg-type]
            steps.append("transaction")

    return Noting


async def test_between_two_transactions_somebody_else_has_a_turn(tmp_path: Path, turns: list[str]) -> None:
    database, over = Database(f"sqlite:///{tmp_path / 'one.sqlite'}", "one"), asyncio.Event()

    async def somebody_else() -> None:
        while not over.is_set():
            turns.append("somebody else")
            await asyncio.sleep(0)

    async def work() -> None:
        for _ in range(20):
            async with database.begin():
                pass
        over.set()

    await asyncio.gather(somebody_else(), work())
    await database.close()
    assert ("transaction", "transaction") not in pairwise(turns)
    assert turns.count("transaction") == 20


@pytest.mark.parametrize(
    ("role", "path", "body"), [("feed", "incidents", reports("example", 200)), ("coordinator", "staff", a_line(200))]
)
async def test_of_a_large_body_few_parts_are_in_one_transaction(
    town: Town, role: str, path: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = list[int]()
    monkeypatch.setattr(town.house.common.metrics, "commit", _sizes(sizes, town.house.common.metrics.commit))
    answer = await town.ask("POST", path, await town.key(role), body)  # type: ignore[arg-type]
    assert answer.is_success
    assert sum(sizes) >= 200
    assert max(sizes) <= town.house.services["intake"].engine.at_once <= 10


def _sizes(sizes: list[int], commit: object) -> object:
    def noted(service: str, size: int) -> object:
        sizes.append(size)
        return commit(service, size)  # type: ignore[operator]

    return noted
