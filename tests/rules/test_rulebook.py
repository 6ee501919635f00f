"""The mechanism: dated limits, a hospital's own values, facts and checks, and errors that say what exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from shared.mistake import Mistake
from shared.rulebook import InForce, Rulebook, RulebookError, check_overrides

TEXT = """
[LEND-1]
kind = "check"
nl = "Een lezer heeft hoogstens {limit:boek|boeken}."
en = "A reader has at most {limit:book|books}."
source = "design"
limit = [{ from = 2024-01-01, value = 3 }, { from = 2026-04-01, value = 1 }]
allowed = { books = 0 }
refused = { books = 5 }

[LEND-2]
kind = "check"
nl = "Een lezer is lid."
en = "A reader is a member."
source = "design"
allowed = { member = true }
refused = { member = false }

[LEND-3]
kind = "clock"
nl = "Een boek komt binnen {limit} na het lenen terug."
en = "A book comes back within {limit} after it was lent."
source = "design"
limit = [{ from = 2024-01-01, value = "24 hours" }]

[LEND-4]
kind = "policy"
nl = "Wie er mag lenen."
en = "Who may borrow."
source = "design"
default = "members"
options = { members = { nl = "Alleen leden.", en = "Members only." }, all = { nl = "Iedereen.", en = "Everybody." } }

[LEND-5]
kind = "only"
nl = "Alleen de balie, of de lezer zelf, verlengt."
en = "Only the desk, or the reader in person, renews."
source = "design"
only = ["desk", "own reader"]

[LEND-6]
kind = "check"
nl = "Een boek is heel."
en = "A book is whole."
source = "design"
allowed = { torn = false }
refused = { torn = true }
"""
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)


@dataclass(frozen=True)
class Reader:
    books: int = 0
    member: bool = True


@dataclass(frozen=True)
class Book:
    torn: bool = False


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


def test_broken_rules_come_in_the_order_of_the_rulebook(rules: InForce) -> None:
    reader = Reader(books=1, member=False)
    assert rules.broken(reader) == ("LEND-1", "LEND-2")
    assert rules.broken(reader, ["LEND-2"]) == ("LEND-2",)
    assert rules.broken(reader, []) == ()


def test_facts_are_judged_by_the_rules_about_them_only(rules: InForce) -> None:
    assert (rules.broken(Book()), rules.broken(Book(torn=True))) == ((), ("LEND-6",))
    with pytest.raises(RulebookError, match="a Book is judged by LEND-6"):
        rules.broken(Book(), ["LEND-1"])
    with pytest.raises(RulebookError, match="no rule of lending judges a str"):
        rules.broken("a book")


def test_own_opens_what_is_ones_own(rules: InForce) -> None:
    roles = ("desk", "reader", "own reader", "guest")
    assert [rules.may("LEND-5", role, own=True) for role in roles] == [True, True, False, False]
    assert [rules.may("LEND-5", role, own=False) for role in roles] == [True, False, False, False]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda rules: rules.limit("LEND-2"), "LEND-2 has no limit"),
        (lambda rules: rules.limit("LEND-9"), "lending has no such rule"),
        (lambda rules: rules.number("LEND-3"), "LEND-3 has a duration, not a number"),
        (lambda rules: rules.duration("LEND-1"), "LEND-1 has a number, not a duration"),
        (lambda rules: rules.option("LEND-1"), "LEND-1 has no options"),
        (lambda rules: rules.may("LEND-1", "desk"), "LEND-1 reserves nothing to a role"),
        (lambda rules: rules.sentence("LEND-1", "fr"), "a sentence is written in nl and in en"),
    ],
)
def test_what_a_rule_does_not_have_is_told(rules: InForce, ask: Any, told: str) -> None:
    with pytest.raises(RulebookError, match=told):
        ask(rules)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "clock"', 'kind = "term"\nonly = []\nlimits = 3', "LEND-3.*limits"),
        ('kind = "clock"', 'kind = "check"', "LEND-3.*a check has two examples, others none"),
        ("refused = { torn = true }", "", "LEND-6.*a check has two examples"),
        ('kind = "policy"', 'kind = "term"', "LEND-4.*a policy has options"),
        ('default = "members"', 'default = "friends"', "LEND-4.*the default is one of the options"),
        ('default = "members"', "", "LEND-4.*a policy has a default"),
        ('kind = "clock"', 'kind = "clock"\noverruled_by = ["desk"]', "LEND-3.*only a check is overruled"),
        ('only = ["desk", "own reader"]', "", "LEND-5.*an only-rule names its roles"),
        ('"24 hours"', "24", "LEND-3.*a clock has a duration"),
        ('"24 hours"', '"a day"', "LEND-3.*a duration is written like"),
        ("value = 1 }", "value = -1 }", "LEND-1.*greater than or equal to 0"),
        ("value = 1 }", "value = true }", "LEND-1.*valid integer"),
        ("2026-04-01", "2023-04-01", "LEND-1.*dated lines stand in order"),
        ("value = 1 }", 'value = "1 day" }', "LEND-1.*a limit does not change"),
        ("{limit:book|books}", "3 books", "LEND-1.*a limit is said in both languages"),
        ("value = 1 }]", 'value = 1 }]\nat_least = "1 day"', "LEND-1.*only a duration has a shortest one"),
        ('"24 hours" }]', '"24 hours" }]\nbetween = [1, 2]', "LEND-3.*only a number lies between others"),
        ("A reader is a member.", "", "LEND-2.*at least 1 character"),
        ("[LEND-2]", "[lend-two]", "lend-two.*pattern"),
    ],
)
def test_a_rule_that_is_not_one_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(RulebookError, match=f"(?s){told}"):
        Rulebook("lending", TEXT.replace(old, new))


def test_a_check_belongs_to_one_rule_that_takes_it(lending: Rulebook) -> None:
    def one(reader: Reader) -> bool:
        return reader.member

    for id, told in (
        ("LEND-2", "LEND-2 is of kind check"),
        ("LEND-5", "LEND-5 is of kind only"),
        ("LEND-7", "no such rule"),
    ):
        with pytest.raises(RulebookError, match=told):
            lending.check(id)(one)
    with pytest.raises(RulebookError, match="the facts and the limit"):
        Rulebook("lending", TEXT).check("LEND-1")(one)
