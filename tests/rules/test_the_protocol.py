"""The protocol, sentence by sentence: run with `pytest -v tests/rules` it prints what a coordinator signs."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, get_args, get_type_hints

import pytest

from services.followup.protocol.rules import RULES as FOLLOWUP
from services.intake.protocol.rules import RULES as INTAKE
from services.matching.protocol.rules import RULES as MATCHING
from services.training.protocol.rules import RULES as TRAINING
from shared.messages import Role
from shared.rule import Duration, Rule
from shared.rulebook import Rulebook

BOOKS = {"INTAKE": INTAKE, "MATCH": MATCHING, "FOLLOW": FOLLOWUP, "TRAIN": TRAINING}
TODAY = date(2026, 11, 22)
EVERYTHING = [(book, rule) for book in BOOKS.values() for rule in book.rules]


def sentence(value: object) -> str | None:
    if isinstance(value, Rulebook):
        return value.name
    return f"{value.id} {book_of(value).on(TODAY).sentence(value.id, 'en')}" if isinstance(value, Rule) else None


def book_of(rule: Rule) -> Rulebook:
    return BOOKS[rule.id.partition("-")[0]]


def every(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rule", [rule for _, rule in EVERYTHING if rule.kind in kinds], ids=sentence)


def facts(rule: Rule, example: dict[str, Any]) -> object:
    """The facts of an example, in which a duration is written as in a limit."""
    kind = book_of(rule).checks[rule.id].facts
    lasting = {name for name, hint in get_type_hints(kind).items() if hint is timedelta}
    return kind(**{name: Duration.read(value).span if name in lasting else value for name, value in example.items()})


@every("check", "only", "policy", "clock", "term")
def test_is_written_in_both_languages_with_its_source(rule: Rule) -> None:
    whole = re.compile(r"[A-Z][^{}]*(\{limit(:[^{}|]+\|[^{}|]+)?\}[^{}]*)?\.")
    for text in (rule, *rule.options.values()):
        assert text.nl != text.en
        assert whole.fullmatch(text.nl)
        assert whole.fullmatch(text.en)
    assert re.match(r"(00[0-4], '[^']+'|design)", rule.source)


@every("check")
def test_holds(rule: Rule) -> None:
    rules = book_of(rule).on(TODAY)
    for allowed in rule.allowed:
        assert rules.broken(facts(rule, allowed)) == ()
    for refused in rule.refused:
        assert rules.broken(facts(rule, refused)) == (rule.id,)


@pytest.mark.parametrize("rule", [rule for _, rule in EVERYTHING if rule.limit], ids=sentence)
def test_says_its_limit_and_no_other_number(rule: Rule) -> None:
    for text in (rule.nl, rule.en):
        assert text.count("{limit") == 1
        assert not re.search(r"\d", text)


@every("clock")
def test_says_when_its_clock_starts(rule: Rule) -> None:
    assert re.search(r"\b(after|before|begins when)\b", rule.en)
    assert re.search(r"\b(na|nadat|voordat|begint als)\b", rule.nl)


@pytest.mark.parametrize(("prefix", "book"), BOOKS.items(), ids=BOOKS)
def test_every_rule_with_examples_has_a_check_and_every_id_is_in_order(prefix: str, book: Rulebook) -> None:
    assert list(book.checks) == [rule.id for rule in book.rules if rule.kind == "check"]
    assert [rule.id for rule in book.rules] == [f"{prefix}-{number}" for number in range(1, len(book.rules) + 1)]


#: rule -> who may; "own" only in what is that person's own.
RESERVED = {
    "INTAKE-7": {"coordinator"},
    "INTAKE-8": {"own supporter", "own colleague", "own coordinator"},
    "INTAKE-12": {"staff", "supporter", "coordinator"},
    "INTAKE-17": {"coordinator"},
    "MATCH-9": {"own supporter"},
    "MATCH-12": {"coordinator"},
    "MATCH-21": {"coordinator"},
    "MATCH-22": {"own colleague", "coordinator"},
    "MATCH-23": {"own supporter", "coordinator"},
    "MATCH-24": {"coordinator"},
    "MATCH-25": {"coordinator"},
    "FOLLOW-2": {"coordinator"},
    "FOLLOW-7": {"own supporter", "coordinator"},
    "FOLLOW-8": {"own colleague", "coordinator"},
    "FOLLOW-10": {"own supporter", "own colleague", "coordinator"},
    "FOLLOW-11": {"own supporter", "coordinator"},
    "FOLLOW-15": {"own supporter", "own trainer", "coordinator"},
    "FOLLOW-29": {"own supporter"},
    "FOLLOW-30": {"own colleague", "coordinator"},
    "FOLLOW-31": {"coordinator"},
    "FOLLOW-33": {"own supporter", "coordinator"},
    "FOLLOW-34": {"own supporter", "coordinator"},
    "FOLLOW-35": {"coordinator"},
    "FOLLOW-38": {"own supporter"},
    "FOLLOW-39": {"own colleague"},
    "FOLLOW-40": {"own colleague", "coordinator"},
    "FOLLOW-41": {"own colleague"},
    "FOLLOW-42": {"own colleague", "coordinator"},
    "TRAIN-7": {"trainer", "coordinator"},
}


def test_these_rules_reserve_something_to_roles() -> None:
    assert {rule.id: set(rule.only) for _, rule in EVERYTHING if rule.only} == RESERVED


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("rule", [rule for _, rule in EVERYTHING if rule.only], ids=sentence)
def test_is_open_to_its_roles_and_to_no_other(rule: Rule, role: str) -> None:
    rules = book_of(rule).on(TODAY)
    assert rules.may(rule.id, role, own=False) == (role in RESERVED[rule.id])
    assert rules.may(rule.id, role, own=True) == bool({role, f"own {role}"} & RESERVED[rule.id])


def test_the_numbers_of_the_programme_are_those_of_its_document() -> None:
    sourced = {rule.id: rule.limit_on(TODAY) for _, rule in EVERYTHING if rule.limit and rule.source.startswith("002")}
    assert sourced == {"FOLLOW-1": 3, "FOLLOW-5": 1, "TRAIN-3": Duration(365, "days"), "TRAIN-5": 10, "TRAIN-6": 15}
