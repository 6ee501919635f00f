"""On which days a hospital is closed stands in hospital.toml; a terminal says what holds on each, and by whose word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.cli.ops.checks import look_at_days
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal

EVE = 'closed = ["Goede Vrijdag", {day = "Christmas Eve", from = "13:00"}, 2026-12-28]\nopen = ["Koningsdag"]\n'


def settle(hospitals: Path, text: str, id: str = "example", country: str = "NL") -> Path:
    """A hospital with these lines in its file."""
    write_hospital(hospitals, id)
    file = hospitals / id / "hospital.toml"
    file.write_text(text + file.read_text("utf-8").replace('"NL"', f'"{country}"'), encoding="utf-8")
    return file


def test_the_days_of_a_year_are_shown_with_what_holds_and_by_whose_word(terminal: Terminal) -> None:
    settle(terminal.hospitals, EVE)
    shown = [" ".join(line.split()) for line in terminal.ok("hospital show --year 2026 --lang nl").out.splitlines()]
    assert "Dagen in 2026, uit de tabel van naast, die tot en met 2035 loopt" in shown
    assert "vr 3 apr 2026 Goede Vrijdag gesloten het ziekenhuis zelf" in shown
    assert "ma 6 apr 2026 Tweede Paasdag gesloten de tabel" in shown
    assert "ma 27 apr 2026 Koningsdag open het ziekenhuis zelf" in shown
    assert "do 24 dec 2026 Kerstavond gesloten vanaf 13:00 het ziekenhuis zelf" in shown
    assert "ma 28 dec 2026 gesloten het ziekenhuis zelf" in shown
    later = " ".join(terminal.ok("hospital show --year 2036 --lang en").out.split())
    assert "Days in 2036, from the library holidays" in later
    assert "Easter Monday closed the library" in later


def test_as_json_every_day_has_its_date_its_names_and_why(terminal: Terminal) -> None:
    settle(terminal.hospitals, EVE)
    found = terminal.json("hospital show --year 2026")
    assert (found["year"], found["days_from"]["what"], found["days_from"]["until"]) == (2026, "table", 2035)
    days = {day["date"]: day for day in found["days"]}
    assert list(days) == sorted(days)
    assert days["2026-12-24"] == {
        "date": "2026-12-24",
        "name": {"nl": "Kerstavond", "en": "Christmas Eve"},
        "state": "half",
        "closed_from": "13:00",
        "why": "hospital",
    }
    whole = {"name": {"nl": "Tweede Kerstdag", "en": "Second Day of Christmas"}, "state": "closed", "why": "table"}
    assert days["2026-12-26"] == {"date": "2026-12-26", "closed_from": None, **whole}
    assert found["closed"] == ["Goede Vrijdag", {"day": "Christmas Eve", "from": "13:00"}, "2026-12-28"]
    assert terminal.json("hospital show")["year"] == date.today().year  # noqa: DTZ011
    assert terminal("hospital show --year 1066").code == 2


def test_of_another_country_the_library_says_which_days_there_are(terminal: Terminal) -> None:
    settle(terminal.hospitals, 'open = ["Wapenstilstand"]\n', country="BE")
    found = terminal.json("hospital show --year 2026")
    assert found["days_from"].keys() == {"what", "version"}
    by_why = {(day["name"]["nl"], day["state"]): day["why"] for day in found["days"]}
    assert by_why["Nationale feestdag", "closed"] == "library"
    assert by_why["Wapenstilstand", "open"] == "hospital"


def test_a_new_hospital_is_written_so_that_its_maker_sees_how_to_say_it(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    file = terminal.hospitals / "st-lucas" / "hospital.toml"
    text = file.read_text("utf-8")
    [example] = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# closed = ")]
    file.write_text(text.replace("\nclosed = []", f"\n{example}"), encoding="utf-8")
    days = {day["date"]: day["state"] for day in terminal.json("hospital show --year 2026")["days"]}
    assert [days[on] for on in ("2026-04-03", "2026-12-24", "2026-12-28")] == ["closed", "half", "closed"]


def test_what_a_hospital_said_of_its_days_outlives_an_absence(terminal: Terminal) -> None:
    settle(terminal.hospitals, EVE)
    before = terminal.json("hospital show --year 2026")["days"]
    terminal.ok("hospital away 101 --from 2026-07-01 --to 2026-07-14")
    assert terminal.json("hospital show --year 2026")["days"] == before


def test_a_name_that_is_none_is_told_with_those_there_are_and_nothing_falls_over(terminal: Terminal) -> None:
    settle(terminal.hospitals, 'closed = ["Goede Vrijdagg"]\n')
    says = "closed.0: no day of NL has that name; write a date such as 2026-12-24, or one of: Nieuwjaarsdag"
    shown = terminal("hospital show example")
    assert (shown.code, says in shown.talk, "Goede Vrijdag (Good Friday)" in shown.talk) == (2, True, True)
    assert (terminal("hospital").code, says in terminal("hospital").talk) == (1, True)
    [bad] = [found for found in terminal("doctor --json").json["findings"] if found["state"] == "bad"]
    assert (bad["what"], says in bad["says"]) == ("hospital", True)


@pytest.mark.parametrize(
    ("country", "today", "state", "says"),
    [
        ("NL", "2026-11-28", "good", "NL: holidays from naast's own table, to the end of 2035"),
        ("NL", "2034-12-31", "good", "NL: holidays from naast's own table, to the end of 2035"),
        ("NL", "2035-01-01", "look", "NL: the table of holidays ends with 2035; then the library holidays "),
        ("NL", "2036-05-01", "look", "NL: the table of holidays ends with 2035; then the library holidays "),
        ("BE", "2035-01-01", "good", "BE: holidays from the library holidays "),
    ],
)
def test_the_doctor_says_where_holidays_come_from_and_a_year_ahead_that_a_table_ends(
    tmp_path: Path, country: str, today: str, state: str, says: str
) -> None:
    for id in ("example", "other"):
        settle(tmp_path, "", id, country)
    [found] = look_at_days(tmp_path, date.fromisoformat(today))
    assert (found.what, found.state) == ("days", state)
    assert found.says.startswith(says)
    assert ("naast hospital show --year 2036" in found.do) == (state == "look")
