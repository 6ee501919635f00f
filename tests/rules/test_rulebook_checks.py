"""Checks keep the rules: which are broken, about what, and what is no rule at all."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rulebook import InForce, Rulebook, RulebookError
from tests.rules.lending import APRIL, TEXT, Book, Reader


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
