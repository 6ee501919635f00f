"""A coordinator who is away stands in hospital.toml, and is taken out of it again when she is back."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from services.cli.hospital.absence import returned
from tests.journeys.staff import DIRK, EVA, MIA, write_hospital
from tests.journeys.terminal import Terminal

TODAY = date(2026, 7, 8)


def absence(who: str, begin: str, end: str) -> dict[str, str]:
    return {"who": who, "from": begin, "to": end}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (absence("1", "2026-07-01", "2026-07-14"), absence("1", "2026-07-01", "2026-07-07")),
        (absence("1", "2026-07-01", "2026-07-08"), absence("1", "2026-07-01", "2026-07-07")),
        (absence("1", "2026-07-01", "2026-07-07"), absence("1", "2026-07-01", "2026-07-07")),
        (absence("1", "2026-07-08", "2026-07-08"), None),
        (absence("1", "2026-08-01", "2026-08-02"), None),
        (absence("2", "2026-07-01", "2026-07-14"), absence("2", "2026-07-01", "2026-07-14")),
    ],
)
def test_whoever_is_back_is_away_no_longer(before: dict[str, str], after: dict[str, str] | None) -> None:
    assert returned([before], "1", TODAY) == ([after] if after else [])


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (f"{EVA.staff_id} --from 2026-07-01", "--to 2026-07-14"),
        (f"{EVA.staff_id} --from 2026-07-14 --to 2026-07-01", "a later one as --to"),
        (f"{EVA.staff_id} --back --from 2026-07-01", "--back alone"),
        (f"{MIA.staff_id} --from 2026-07-01 --to 2026-07-14", "naast hospital show"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(terminal: Terminal, given: str, hint: str) -> None:
    write_hospital(terminal.hospitals, "example")
    file = terminal.hospitals / "example" / "hospital.toml"
    before = file.read_text()
    answer = terminal(f"hospital away {given}")
    assert (answer.code, hint in answer.talk, file.read_text()) == (2, True, before)


def test_an_absence_is_written_and_taken_back(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    today = date.today()  # noqa: DTZ011
    begin, end = (today - timedelta(days=3)).isoformat(), (today + timedelta(days=3)).isoformat()
    terminal.ok(f"hospital away {EVA.staff_id} --from {begin} --to {end}")
    terminal.ok(f"hospital away {DIRK.staff_id} --from {end} --to {end}")

    def written() -> list[dict[str, Any]]:
        table = tomllib.loads((terminal.hospitals / "example" / "hospital.toml").read_text())
        return [{name: str(value) for name, value in one.items()} for one in table.get("away", ())]

    assert written() == [absence(EVA.staff_id, begin, end), absence(DIRK.staff_id, end, end)]
    back = terminal.json(f"hospital away {EVA.staff_id} --back")["away"]
    assert [one["who"] for one in back] == [EVA.staff_id, DIRK.staff_id]
    assert back == written()
    assert terminal.json(f"hospital away {DIRK.staff_id} --back")["away"] == back[:1]


def test_a_hospital_shows_who_is_away_and_which_doors_are_agreed_to(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    today = date.today()  # noqa: DTZ011
    over, coming = (today - timedelta(days=9)).isoformat(), (today + timedelta(days=3)).isoformat()
    terminal.ok(f"hospital away {EVA.staff_id} --from {over} --to {over}")
    terminal.ok(f"hospital away {DIRK.staff_id} --from {coming} --to {coming}")
    shown = terminal.ok("hospital show --lang en").out
    assert (f"{DIRK.staff_id}: " in shown, f"{EVA.staff_id}: " in shown) == (True, False)
    assert "by a manager's request: icu" in shown
