"""Which days have a name in a country: those of the table, worked out again, and those of the library, pinned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import holidays
import pytest

from shared.hospital.country_days import folded, known_names, named_days, table_of

TABLE = table_of("NL")
assert TABLE is not None
YEARS = TABLE.years


# -- the table, worked out again ---------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """Easter Sunday between 1900 and 2099, after Gauss."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    if (d, e) == (29, 6) or ((d, e) == (28, 6) and a > 10):
        d -= 7
    return date(year, 3, 22) + timedelta(d + e)


def worked_out(year: int) -> Iterator[tuple[date, str, str]]:
    """The named days of a Dutch year, and what holds on each in a hospital that says nothing else."""
    feast, king, five = easter(year), date(year, 4, 27), year % 5 == 0
    yield date(year, 1, 1), "Nieuwjaarsdag", "closed"
    yield feast - timedelta(2), "Goede Vrijdag", "open"
    yield feast, "Eerste Paasdag", "closed"
    yield feast + timedelta(1), "Tweede Paasdag", "closed"
    yield king - timedelta(king.weekday() == 6), "Koningsdag", "closed"
    yield date(year, 5, 5), "Bevrijdingsdag", "closed" if five else "open"
    yield feast + timedelta(39), "Hemelvaartsdag", "closed"
    yield feast + timedelta(49), "Eerste Pinksterdag", "closed"
    yield feast + timedelta(50), "Tweede Pinksterdag", "closed"
    yield date(year, 12, 24), "Kerstavond", "open"
    yield date(year, 12, 25), "Eerste Kerstdag", "closed"
    yield date(year, 12, 26), "Tweede Kerstdag", "closed"
    yield date(year, 12, 31), "Oudejaarsavond", "open"


def test_the_table_reaches_from_2020_to_2035_and_says_where_it_has_its_days_from() -> None:
    assert TABLE is not None
    assert range(2020, 2036) == YEARS
    assert "Algemene termijnenwet, artikel 3" in TABLE.source
    assert {day.on.year for day in TABLE.days} == set(YEARS)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_the_table_is_the_one_that_is_worked_out(year: int) -> None:
    found = [(day.on, day.nl, day.state) for day in named_days("NL", year)]
    assert found == sorted(worked_out(year))
    assert {day.why for day in named_days("NL", year)} == {"table"}


@pytest.mark.parametrize("year", YEARS)
def test_the_library_knows_the_same_days_and_closes_good_friday_as_well(year: int) -> None:
    theirs = {(on, folded(name)) for on, name in holidays.country_holidays("NL", years=year, language="nl").items()}
    ours = {(on, folded(name)) for on, name, state in worked_out(year) if state == "closed"}
    assert theirs - ours == {(easter(year) - timedelta(2), "goede vrijdag")}
    assert ours <= theirs


def test_what_a_day_is_called_in_the_table_it_is_called_in_the_library_that_goes_on_after_it() -> None:
    after = {folded(name) for day in named_days("NL", 2040) for name in (day.nl, day.en)}
    assert set(known_names("NL")) == after  # a year of a lustrum: it has them all


# -- the library, pinned -----------------------------------------------------------------------------------------------

#: What the library says of places that stand in examples and tests. Where an update changes it, hospitals there close
#: on other days: it is for a person to look at, to tell in the changelog, and only then to write down here.
FROZEN = {
    ("BE", 2025): """01-01 Nieuwjaar, 04-20 Pasen, 04-21 Paasmaandag, 05-01 Dag van de Arbeid,
        05-29 O. L. H. Hemelvaart, 06-08 Pinksteren, 06-09 Pinkstermaandag, 07-21 Nationale feestdag,
        08-15 O. L. V. Hemelvaart, 11-01 Allerheiligen, 11-11 Wapenstilstand, 12-25 Kerstmis""",
    ("BE", 2026): """01-01 Nieuwjaar, 04-05 Pasen, 04-06 Paasmaandag, 05-01 Dag van de Arbeid,
        05-14 O. L. H. Hemelvaart, 05-24 Pinksteren, 05-25 Pinkstermaandag, 07-21 Nationale feestdag,
        08-15 O. L. V. Hemelvaart, 11-01 Allerheiligen, 11-11 Wapenstilstand, 12-25 Kerstmis""",
    ("BE", 2027): """01-01 Nieuwjaar, 03-28 Pasen, 03-29 Paasmaandag, 05-01 Dag van de Arbeid,
        05-06 O. L. H. Hemelvaart, 05-16 Pinksteren, 05-17 Pinkstermaandag, 07-21 Nationale feestdag,
        08-15 O. L. V. Hemelvaart, 11-01 Allerheiligen, 11-11 Wapenstilstand, 12-25 Kerstmis""",
    ("DE-BY", 2026): """01-01 Neujahr, 01-06 Heilige Drei Könige, 04-03 Karfreitag, 04-06 Ostermontag,
        05-01 Erster Mai, 05-14 Christi Himmelfahrt, 05-25 Pfingstmontag, 06-04 Fronleichnam,
        10-03 Tag der Deutschen Einheit, 11-01 Allerheiligen, 12-25 Erster Weihnachtstag,
        12-26 Zweiter Weihnachtstag""",
    ("NL", 2036): """01-01 Nieuwjaarsdag, 04-11 Goede vrijdag, 04-13 Eerste paasdag, 04-14 Tweede paasdag,
        04-26 Koningsdag, 05-22 Hemelvaartsdag, 06-01 Eerste pinksterdag, 06-02 Tweede pinksterdag,
        12-25 Eerste kerstdag, 12-26 Tweede kerstdag""",
}


@pytest.mark.parametrize(("country", "year"), FROZEN)
def test_no_update_of_the_library_moves_a_day_unseen(country: str, year: int) -> None:
    found = [f"{day.on:%m-%d} {day.nl}" for day in named_days(country, year) if day.why == "library"]
    assert found == [day.strip() for day in FROZEN[country, year].split(",")]


def test_names_of_days_do_not_depend_on_the_language_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    named_days.cache_clear()
    monkeypatch.setenv("LANGUAGE", "th")
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    assert named_days("DE-BY", 2026)[0][1:3] == ("Neujahr", "New Year's Day")
    named_days.cache_clear()
