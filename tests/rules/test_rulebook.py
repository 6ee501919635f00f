"""Rules are sentences with dated numbers, which a hospital may have of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.mistake import Mistake
from shared.rulebook import InForce, Rulebook, RulebookError, check_overrides
from tests.rules.lending import APRIL, MARCH, TEXT, Book, Reader


@pytest.fixture
def lending() -> Rulebook:
    book = Rulebook("lending", TEXT)

    @book.check("LEND-2")
    def is_member(reader: Reader) -> bool:
        return reader.member

    @book.check("LEND-1")
    def has_room(reader: Reader, limit: int) -> bool:
        return reader.books < limit

    @book.check("LEND-6")
    def is_whole(copy: Book) -> bool:
        return not copy.torn

    return book


@pytest.fixture
def rules(lending: Rulebook) -> InForce:
    return lending.on(APRIL)


def test_a_decision_of_last_march_is_explained_with_the_number_of_last_march(lending: Rulebook) -> None:
    then, now = lending.on(MARCH), lending.on(APRIL)
    assert (then.broken(Reader(books=2)), now.broken(Reader(books=2))) == ((), ("LEND-1",))
    assert (then.limit("LEND-1"), now.limit("LEND-1")) == (3, 1)
    assert then.sentence("LEND-1", "en") == "A reader has at most 3 books."
    assert now.sentence("LEND-1", "en") == "A reader has at most 1 book."


def test_before_the_first_dated_limit_the_rulebook_says_so(lending: Rulebook) -> None:
    with pytest.raises(RulebookError, match="LEND-1 holds from 2024-01-01, not yet on 2023-12-31"):
        lending.on(date(2023, 12, 31))


def test_the_first_day_of_a_limit_is_in_force(lending: Rulebook) -> None:
    assert lending.on(date(2024, 1, 1)).number("LEND-1") == 3


def test_a_hospital_has_its_own_number_duration_and_option(lending: Rulebook) -> None:
    own = lending.on(APRIL, {"LEND-1": 2, "LEND-3": "3 days", "LEND-4": "all"})
    assert (own.number("LEND-1"), own.duration("LEND-3"), own.option("LEND-4")) == (2, timedelta(days=3), "all")
    assert [own.sentence(id, "nl") for id in ("LEND-1", "LEND-3", "LEND-4")] == [
        "Een lezer heeft hoogstens 2 boeken.",
        "Een boek komt binnen 3 dagen na het lenen terug.",
        "Iedereen.",
    ]
    assert (own.broken(Reader(books=1)), own.broken(Reader(books=2))) == ((), ("LEND-1",))


def test_a_hospital_without_values_of_its_own_has_those_of_the_protocol(rules: InForce) -> None:
    assert (rules.limit("LEND-1"), rules.limit("LEND-3"), rules.option("LEND-4")) == (1, timedelta(hours=24), "members")
    assert (rules.sentence("LEND-3", "nl"), rules.sentence("LEND-4", "en")) == (
        "Een boek komt binnen 24 uur na het lenen terug.",
        "Members only.",
    )


def test_the_values_of_another_rulebook_are_left_alone(lending: Rulebook) -> None:
    assert lending.on(APRIL, {"BUY-1": 7}) is lending.on(APRIL)


def test_the_same_rules_are_made_once(lending: Rulebook) -> None:
    assert lending.on(date(2025, 1, 1)) is lending.on(MARCH)
    assert lending.on(MARCH) is not lending.on(APRIL)
    assert lending.on(MARCH, {"LEND-1": 2}) is not lending.on(MARCH)


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"LEND-9": 1}, "lending has no such rule; it has LEND-1, LEND-2, LEND-3, LEND-4, LEND-5, LEND-6"),
        ({"LEND-4": "nobody"}, "LEND-4 takes one of the options members, all"),
        ({"LEND-4": 1}, "LEND-4 takes one of the options members, all"),
        ({"LEND-1": "2"}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-1": -1}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-1": 1_000_000}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-1": True}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-1": 2.0}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-1": "2 days"}, "LEND-1 takes a whole number from 0 to 999999"),
        ({"LEND-3": 4}, 'LEND-3 takes a duration such as "30 minutes", "4 hours" or "14 days"'),
        ({"LEND-3": "soon"}, 'LEND-3 takes a duration such as "30 minutes", "4 hours" or "14 days"'),
        ({"LEND-2": 1}, "LEND-2 takes no value of a hospital: it has no number and no options"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_does(lending: Rulebook, overrides: Any, told: str) -> None:
    with pytest.raises(RulebookError) as wrong:
        lending.on(APRIL, overrides)
    assert str(wrong.value) == told


@pytest.mark.parametrize(
    ("overrides", "nl", "en"),
    [
        (
            {"LEDN-1": 2},
            "is geen regel; is LEND-1 bedoeld? `naast rules` toont ze alle",
            "is no rule; is LEND-1 meant? `naast rules` shows them all",
        ),
        ({"BUY-77": 2}, "is geen regel; `naast rules` toont ze alle", "is no rule; `naast rules` shows them all"),
        ({"LEND-4": "nobody"}, "neemt een van de keuzes members, all", "takes one of the options members, all"),
        ({"LEND-1": -1}, "neemt een heel getal van 0 tot en met 999999", "takes a whole number from 0 to 999999"),
        (
            {"LEND-3": 4},
            'neemt een duur zoals "30 minutes", "4 hours" of "14 days"',
            'takes a duration such as "30 minutes", "4 hours" or "14 days"',
        ),
        (
            {"LEND-5": "desk"},
            "neemt geen waarde van een ziekenhuis: er hoort geen getal en geen keuze bij",
            "takes no value of a hospital: it has no number and no options",
        ),
    ],
)
def test_what_fits_no_rule_is_a_mistake_with_a_field_and_a_remedy(
    lending: Rulebook, overrides: Any, nl: str, en: str
) -> None:
    [id] = overrides
    good: dict[str, Any] = {"LEND-1": 2, "LEND-3": "3 days", "LEND-4": "all"}
    assert check_overrides([lending], good) == ()
    assert check_overrides([lending], good | overrides) == (Mistake(f"rules.{id}", nl, en),)


BOUNDED = TEXT.replace("value = 1 }]", "value = 1 }]\nbetween = [1, 5]").replace(
    '"24 hours" }]', '"24 hours" }]\nat_least = "2 hours"'
)


@pytest.mark.parametrize(
    ("id", "fits", "does_not", "en"),
    [
        ("LEND-1", (1, 5), (0, 6), "takes a whole number from 1 to 5"),
        (
            "LEND-3",
            ("2 hours", "1 day"),
            ("119 minutes", "0 days"),
            'takes a duration such as "30 minutes", "4 hours" or "14 days", at least 2 hours',
        ),
    ],
)
def test_a_rule_may_bound_what_a_hospital_chooses(
    id: str, fits: tuple[Any, ...], does_not: tuple[Any, ...], en: str
) -> None:
    book = Rulebook("lending", BOUNDED)
    assert [check_overrides([book], {id: value}) for value in fits] == [(), ()]
    assert [check_overrides([book], {id: value})[0].en for value in does_not] == [en, en]
