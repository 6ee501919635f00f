"""What a hospital chooses for itself fits the rules of all services, or is told with the field and what to do."""

from __future__ import annotations

import pytest

from services.house.books import all_books, mistakes
from shared.rule import Duration, Rule
from shared.testing import a_hospital

RULES = {rule.id: rule for book in all_books() for rule in book.rules}


@pytest.mark.parametrize(
    ("id", "value", "en"),
    [
        ("MATCH-55", 2, "is no rule; is MATCH-5 meant? `naast rules` shows them all"),
        ("match-5", 2, "is no rule; is MATCH-5 meant? `naast rules` shows them all"),
        ("INTKE-6", "4 hours", "is no rule; is INTAKE-6 meant? `naast rules` shows them all"),
        ("MATCH-5", "two", "takes a whole number from 0 to 999999"),
        ("MATCH-5", 2.5, "takes a whole number from 0 to 999999"),
        ("MATCH-5", -1, "takes a whole number from 0 to 999999"),
        ("TRAIN-5", 101, "takes a whole number from 0 to 100"),
        ("FOLLOW-3", 24, 'takes a duration such as "30 minutes", "4 hours" or "14 days"'),
        (
            "MATCH-10",
            "0 minutes",
            'takes a duration such as "30 minutes", "4 hours" or "14 days", at least 15 minutes',
        ),
        ("INTAKE-4", "never", "takes one of the options trigger, always"),
        ("FOLLOW-2", "supporter", "takes no value of a hospital: it has no number and no options"),
        ("MATCH-2", 0, "takes no value of a hospital: it has no number and no options"),
    ],
)
def test_a_value_that_fits_no_rule_is_told(id: str, value: int | float | str, en: str) -> None:
    [mistake] = mistakes(a_hospital(rules={id: value, "FOLLOW-1": 3}))
    assert (mistake.field, mistake.en) == (f"rules.{id}", en)
    assert mistake.nl != mistake.en


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(a_hospital(rules={"MATCH-55": 2, "FOLLOW-1": "three", "FOLLOW-3": "1 day"}))
    assert [mistake.field for mistake in found] == ["rules.MATCH-55", "rules.FOLLOW-1"]


def test_the_value_that_the_protocol_gives_each_rule_fits_it() -> None:
    own = {id: _written(rule) for id, rule in RULES.items() if rule.limit or rule.options}
    assert mistakes(a_hospital(rules=own)) == ()


def _written(rule: Rule) -> int | str:
    value = rule.limit[-1].value if rule.limit else rule.default or ""
    return f"{value.count} {value.unit}" if isinstance(value, Duration) else value
