"""`naast rules` reads as a protocol that a coordinator could sign."""

from __future__ import annotations

import re

import pytest

from services.cli.hospital.sources import source_in
from services.cli.words import Words, texts
from services.house.books import all_books
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_it_holds_every_rule_with_its_sentence_and_its_source(terminal: Terminal, lang: str) -> None:
    shown = terminal.ok(f"rules --lang {lang}").out
    text = " ".join(shown.split())
    for rule in terminal.json(f"rules --lang {lang}")["rules"]:
        assert f" {rule['id']} " in text
        assert rule[lang] in text
    assert text.count("Bron:" if lang == "nl" else "Source:") == sum(len(book.rules) for book in all_books())
    assert "{" not in text


def test_it_fits_a_page_and_ends_with_a_line_to_sign(terminal: Terminal) -> None:
    shown = terminal.ok("rules --lang nl").out
    assert max(len(line) for line in shown.splitlines()) <= 100
    headings = re.findall(r"^\d\. .*$", shown, re.MULTILINE)
    assert headings == [
        "1. Van melding tot aanbod",
        "2. Een supporter vragen",
        "3. De steun zelf",
        "4. Supporter worden en blijven",
    ]
    assert re.search(r"^Coördinator +_+ +datum _+$", shown, re.MULTILINE)


def test_a_hospitals_own_number_is_in_the_sentence_and_marked(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    file = terminal.hospitals / "example" / "hospital.toml"
    file.write_text(file.read_text() + '\n[rules]\n"MATCH-5" = 2\n')
    rule = next(rule for rule in terminal.json("rules")["rules"] if rule["id"] == "MATCH-5")
    assert (rule["limit"], rule["own_choice"], "at most 2 cases" in rule["en"]) == (2, True, True)
    assert "Eigen keuze van dit ziekenhuis." in terminal.ok("rules --lang nl").out


def test_a_day_before_the_protocol_and_a_rule_that_is_none_are_told(terminal: Terminal) -> None:
    early = terminal("rules --on 2019-01-01")
    assert (early.code, "not yet on 2019-01-01" in early.talk) == (2, True)
    assert terminal("rules --on yesterday").code == 2


def test_as_json_every_rule_says_all_that_is_known_of_it(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example")
    rules = {rule["id"]: rule for rule in terminal.json("rules")["rules"]}
    assert set(rules) == {rule.id for book in all_books() for rule in book.rules}
    whole = {"id", "service", "kind", "nl", "en", "source", "limit", "options", "option", "own_choice"}
    assert {frozenset(rule) for rule in rules.values()} == {
        frozenset(whole | {"only", "overruled_by", "allowed", "refused"})
    }
    for rule in rules.values():
        assert (rule["option"] in rule["options"]) == (rule["kind"] == "policy")
        assert bool(rule["only"]) >= (rule["kind"] == "only")
        assert (rule["limit"] is not None) >= (rule["kind"] == "clock")


@pytest.mark.parametrize(
    ("source", "nl"),
    [
        ("design", "eigen keuze van dit programma"),
        ("002, 'Wie geeft Peer Support'", "002, 'Wie geeft Peer Support'"),
        (
            "003, 'Een titel' (as soon as possible); the duration: design",
            "003, 'Een titel' (zo snel mogelijk); de duur: eigen keuze van dit programma",
        ),
        (
            "design; that support is evaluated: 002, 'Een titel'",
            "eigen keuze van dit programma; dat de steun wordt geëvalueerd: 002, 'Een titel'",
        ),
        ("design; something new", "eigen keuze van dit programma; something new"),
    ],
)
def test_a_source_is_told_in_the_language_of_the_reader(source: str, nl: str) -> None:
    assert source_in(Words("nl"), source) == nl


class Noting(Words):
    """Words that note which remarks are asked for."""

    def __init__(self) -> None:
        super().__init__("en")
        self.noted: set[str] = set()

    def has(self, key: str) -> bool:
        self.noted.add(key.partition(".")[2])
        return super().has(key)


def test_every_remark_on_a_source_has_words_and_no_words_are_left_over() -> None:
    words = Noting()
    for rule in (rule for book in all_books() for rule in book.rules):
        source_in(words, rule.source)
    assert words.noted == set(texts()["remark"])
