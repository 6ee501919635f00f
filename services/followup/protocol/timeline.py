"""The timeline of a case in plain sentences, one per message that concerns it. Pure; the words stand in sentences.toml.

A line keeps only the codes that its sentence says. Supporters are shown by ref; whoever shows a line looks up the name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.hospital import Hospital
from shared.messages import CATALOGUE, Event, Fact, intake, kind_of, matching
from shared.rule import Lang

Reader = Literal["colleague", "supporter", "coordinator"]

#: What a command that a rule does not allow is told by.
REFUSALS = frozenset(kind.name for kind in CATALOGUE.values() if kind.refuses)
#: Who reads a sentence that is written for the first of them.
_READERS: tuple[Reader, ...] = ("colleague", "supporter", "coordinator")


@dataclass(frozen=True, slots=True)
class Told:
    """What was heard or said about a case: when, by whom, which message, and the codes that its sentence needs."""

    at: datetime
    publisher: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence and its moment, in the hospital's time."""

    at: datetime
    text: str


class _Sentence(BaseModel):
    """What a message says. `words`: the table of words for a field whose name is used for other codes elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_reader: Reader = Field(alias="for")
    nl: str
    en: str
    words: dict[str, str] = {}

    @cached_property
    def fields(self) -> set[str]:
        return {name for text in (self.nl, self.en) for _, name, _, _ in Formatter().parse(text) if name}

    def is_for(self, reader: Reader) -> bool:
        return _READERS.index(self.first_reader) <= _READERS.index(reader)


def cases_of(event: Event) -> tuple[str, ...]:
    """The cases in whose timelines a message stands; a fact about a report may stand in several, and what has no
    sentence in none. That a notice is due is not told: it is told once, when it was sent or failed.
    """
    if (event.publisher, event.data.name) not in SENTENCES:
        return ()
    match event.data:
        case intake.SupportOffered(colleagues=colleagues):
            return tuple(dict.fromkeys(colleague.case for colleague in colleagues))
        case (
            intake.SupportWithdrawn(cases=cases)
            | intake.EventReassessed(cases=cases)
            | intake.SupporterInvolved(cases=cases)
            | matching.PlanMade(cases=cases)
        ):
            return tuple(dict.fromkeys(cases))
        case Fact() if kind_of(event.subject) == "case":
            return (event.subject,)
    return ()


def told(event: Event) -> Told:
    """What the timeline keeps of a message; what was told later stands where it happened."""
    message = event.data
    at = getattr(message, "at", None) or event.time
    fields = SENTENCES[message.publisher, message.name].fields
    return Told(at, message.publisher, message.name, message.model_dump(mode="json", include=fields))


def tell(events: Iterable[Told], hospital: Hospital, lang: Lang, reader: Reader = "coordinator") -> list[Line]:
    """The sentences for a reader, in the order of the events; a message without a sentence is passed over. Of a refusal
    that came again and again the last one is told.
    """
    return list(_lines(_once(list(events)), hospital, lang, reader))


def _once(events: Sequence[Told]) -> Iterator[Told]:
    last = {_same(event): n for n, event in enumerate(events) if event.type in REFUSALS}
    return (event for n, event in enumerate(events) if last.get(_same(event), n) == n)


def _same(event: Told) -> tuple[str, str, str]:
    return event.publisher, event.type, str(sorted(event.data.items()))


def _lines(events: Iterable[Told], hospital: Hospital, lang: Lang, reader: Reader) -> Iterator[Line]:
    for event in events:
        sentence = SENTENCES.get((event.publisher, event.type))
        if sentence is not None and sentence.is_for(reader):
            codes = {field: sentence.words.get(field, field) for field in sentence.fields}
            shown = {field: _shown(code, event.data.get(field), hospital, lang) for field, code in codes.items()}
            text = (sentence.nl if lang == "nl" else sentence.en).format(**shown)
            yield Line(event.at.astimezone(hospital.tz), text)


def _shown(field: str, value: Any, hospital: Hospital, lang: Lang) -> str:
    """A code in words, a moment in local time, a count per rule as a list."""
    if isinstance(value, dict):
        return ", ".join(f"{code} {count}" for code, count in sorted(value.items())) or "-"
    if value is None:
        return "-"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if field.endswith(("_at", "_by")):
        return f"{datetime.fromisoformat(text).astimezone(hospital.tz):%Y-%m-%d %H:%M}"
    words = WORDS.get(_SAME_WORDS.get(field, field), {}).get(text)
    return words[lang] if words else text.replace("_", " ")


def _read() -> tuple[dict[tuple[str, str], _Sentence], dict[str, dict[str, dict[str, str]]]]:
    text = files("services.followup.protocol").joinpath("sentences.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    words = tables.pop("words")
    return {
        (publisher, name): _Sentence.model_validate(sentence)
        for publisher, sentences in tables.items()
        for name, sentence in sentences.items()
    }, words


SENTENCES, WORDS = _read()
#: Fields that hold the codes of another field.
_SAME_WORDS = {"owner": "to", "by_role": "to", "later": "yes_no", "milestones": "yes_no"}
