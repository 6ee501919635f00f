"""What a text in a message stands for is said by its type, and whoever is forgotten is found by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from shared.messages import CATALOGUE, Message, intake, kind_of, training
from shared.messages.refs import Kind, Ref, places

#: Texts that stand for nobody and nothing: codes, numbers of the hospital's own and hours.
CODES = {
    "by_role",
    "calamity",
    "command",
    "department",
    "event_types",
    "harm",
    "key",
    "kind",
    "languages",
    "nearly",
    "number",
    "overruled",
    "reason",
    "reasons",
    "removed",
    "revision",
    "role",
    "rule",
    "site",
    "support_wish",
    "system",
    "task",
    "template",
    "week",
}


def plain_texts(model: type[BaseModel]) -> Iterator[str]:
    """The names of the fields, those of parts too, that hold texts of which no type says what they stand for."""
    for name, field in model.model_fields.items():
        if not any(isinstance(mark, Ref) for mark in field.metadata):
            yield from (inner or name for inner in _plain(field.annotation))


def _plain(annotation: Any) -> Iterator[str]:
    if annotation is str:
        yield ""
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from plain_texts(annotation)
    elif not any(isinstance(one, Ref) for one in get_args(annotation)):
        for inner in get_args(annotation):
            yield from _plain(inner)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.type)
def test_every_text_of_a_message_is_a_code_or_says_what_it_stands_for(kind: type[Message]) -> None:
    assert set(plain_texts(kind)) <= CODES


def test_every_code_is_one() -> None:
    assert {name for kind in CATALOGUE.values() for name in plain_texts(kind)} == CODES


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.type)
def test_what_a_message_is_about_is_a_ref(kind: type[Message]) -> None:
    assert (kind.about,) in {place.path for place in kind.refs}


def test_refs_are_found_in_parts_as_well() -> None:
    found = {place.path: place.kinds for place in places(intake.SupportOffered)}
    assert found[("report",)] == ("report",)
    assert found["colleagues", "case"] == ("case",)
    assert found["colleagues", "not_by"] == ("staff",)


@pytest.mark.parametrize(
    ("ref", "kind"),
    [("c-1", "case"), ("r-1", "report"), ("s-1", "staff"), ("p-1", "colleague"), ("t-42", None), ("nurse", None)],
)
def test_a_ref_of_no_known_kind_is_neither(ref: str, kind: Kind | None) -> None:
    assert kind_of(ref) == kind


def test_an_empty_ref_names_nobody() -> None:
    notice = training.NoticeDue(regarding="s-1", to="coordinator", template="coverage")
    assert [ref for place in notice.refs for ref in place.read(notice)] == ["s-1"]
