"""One rule as it stands in `rules.toml`: its sentence in two languages, its source, limit or options, and examples.

A rule is of one kind. `check`: a function tells whether facts obey it; an allowed and a refused example prove it.
`only`: says who may do something; "own supporter" is a supporter in what is hers alone. `policy`: a hospital picks one
of the options. `clock`: a duration whose start the sentence tells. `term`: a principle that the code as a whole keeps.
`overruled_by`: the roles that may set a check aside for once, on record. `at_least`, `between`: the shortest duration
and the numbers that a hospital may choose for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

Kind = Literal["check", "only", "policy", "clock", "term"]
Lang = Literal["nl", "en"]
#: What a hospital may write for a rule in its settings; whether it fits, the rule says.
Wanted = int | float | str

_UNITS: dict[str, dict[str, tuple[str, str]]] = {
    "minutes": {"nl": ("minuut", "minuten"), "en": ("minute", "minutes")},
    "hours": {"nl": ("uur", "uur"), "en": ("hour", "hours")},
    "days": {"nl": ("dag", "dagen"), "en": ("day", "days")},
}
_DURATION = re.compile(r"(\d{1,5}) (minute|hour|day)s?")
#: More than anybody counts, and few enough to calculate with.
_MOST = 999_999
_TAKES: dict[str, dict[str, str]] = {
    "options": {"nl": "een van de keuzes {options}", "en": "one of the options {options}"},
    "nothing": {
        "nl": "geen waarde van een ziekenhuis: er hoort geen getal en geen keuze bij",
        "en": "no value of a hospital: it has no number and no options",
    },
    "duration": {
        "nl": 'een duur zoals "30 minutes", "4 hours" of "14 days"',
        "en": 'a duration such as "30 minutes", "4 hours" or "14 days"',
    },
    "least": {"nl": ", ten minste {least}", "en": ", at least {least}"},
    "number": {"nl": "een heel getal van {least} tot en met {most}", "en": "a whole number from {least} to {most}"},
}


class RulebookError(ValueError):
    """A rule, a limit or an option that does not exist or does not fit; the text says what does."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration as it is written, so that "24 hours" does not become "1 day" in a sentence."""

    count: int
    unit: str

    @classmethod
    def read(cls, text: str) -> Duration:
        """From a text such as "4 hours". Raises RulebookError."""
        found = _DURATION.fullmatch(text)
        if found is None:
            raise RulebookError('a duration is written like "30 minutes", "4 hours" or "14 days"')
        return cls(int(found[1]), found[2] + "s")

    @property
    def span(self) -> timedelta:
        return timedelta(**{self.unit: self.count})

    def words(self, lang: Lang) -> str:
        one, many = _UNITS[self.unit][lang]
        return f"{self.count} {one if self.count == 1 else many}"


@dataclass(frozen=True, slots=True)
class Words:
    """A limit inside a sentence: `{limit}` is the number or duration, `{limit:talk|talks}` the number with its noun."""

    value: int | Duration
    lang: Lang

    def __format__(self, nouns: str) -> str:
        if isinstance(self.value, Duration):
            return self.value.words(self.lang)
        one, _, many = nouns.partition("|")
        return f"{self.value} {one if self.value == 1 else many}".rstrip()


def _value(written: object) -> object:
    return Duration.read(written) if isinstance(written, str) else written


def _several(written: object) -> object:
    return written if isinstance(written, list) else [written]


Value = Annotated[Duration | Annotated[StrictInt, Field(ge=0)], BeforeValidator(_value)]
Examples = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_several)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(_Read):
    """A number or duration and the first day on which it holds."""

    start: date = Field(alias="from")
    value: Value


class Sentence(_Read):
    """What one option of a policy says."""

    nl: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, lang: Lang) -> str:
        if lang not in ("nl", "en"):
            raise RulebookError("a sentence is written in nl and in en")
        return self.nl if lang == "nl" else self.en


class Rule(Sentence):
    """One rule. Of a policy the rule's own sentence says what is chosen, and each option says what then holds."""

    id: str = Field(pattern=r"^[A-Z]+-[1-9]\d*$")
    kind: Kind
    source: str = Field(min_length=1)
    limit: tuple[Dated, ...] = ()
    at_least: Annotated[Duration, BeforeValidator(_value)] | None = None
    between: tuple[int, int] | None = None
    options: dict[str, Sentence] = {}
    default: str | None = None
    only: tuple[str, ...] = ()
    overruled_by: tuple[str, ...] = ()
    allowed: Examples = ()
    refused: Examples = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Rule:
        starts, kinds = [line.start for line in self.limit], {type(line.value) for line in self.limit}
        for wrong, reason in (
            (
                not (self.kind == "check") == bool(self.allowed) == bool(self.refused),
                "a check has two examples, others none",
            ),
            (self.kind == "only" and not self.only, "an only-rule names its roles"),
            (bool(self.overruled_by) and self.kind != "check", "only a check is overruled"),
            ((self.kind == "policy") != bool(self.options), "a policy has options, others none"),
            ((self.default is not None) != bool(self.options), "a policy has a default, others none"),
            (bool(self.options) and self.default not in self.options, "the default is one of the options"),
            (bool(self.limit) and self.kind in ("only", "policy"), "only checks, clocks and terms have a limit"),
            (self.kind == "clock" and kinds != {Duration}, "a clock has a duration"),
            (starts != sorted(set(starts)), "dated lines stand in order"),
            (len(kinds) > 1, "a limit does not change from a number to a duration"),
            (self.at_least is not None and kinds != {Duration}, "only a duration has a shortest one"),
            (self.between is not None and kinds != {int}, "only a number lies between others"),
            (
                any(bool(self.limit) != ("{limit" in text) for text in (self.nl, self.en)),
                "a limit is said in both languages",
            ),
        ):
            if wrong:
                raise ValueError(reason)
        return self

    def limit_on(self, day: date) -> int | Duration:
        """The limit that held on this day. Raises RulebookError for a day before the first line."""
        held = [line.value for line in self.limit if line.start <= day]
        if not held:
            raise RulebookError(f"{self.id} holds from {self.limit[0].start}, not yet on {day}")
        return held[-1]

    def accept(self, wanted: Wanted) -> int | Duration | str:
        """A hospital's own value for this rule: a number, a duration or an option. Raises RulebookError."""
        if isinstance(wanted, str) and wanted in self.options:
            return wanted
        own = self._duration(wanted) if self._lasts else self._number(wanted)
        if own is None or not self.limit:
            raise RulebookError(f"{self.id} takes {self.takes('en')}")
        return own

    def takes(self, lang: Lang) -> str:
        """What a hospital may write for this rule, in words."""
        if self.options:
            return _TAKES["options"][lang].format(options=", ".join(self.options))
        if not self.limit:
            return _TAKES["nothing"][lang]
        if not self._lasts:
            return _TAKES["number"][lang].format(least=self._numbers[0], most=self._numbers[-1])
        least = _TAKES["least"][lang].format(least=self.at_least.words(lang)) if self.at_least else ""
        return _TAKES["duration"][lang] + least

    @property
    def _lasts(self) -> bool:
        return bool(self.limit) and isinstance(self.limit[0].value, Duration)

    @property
    def _numbers(self) -> range:
        """The numbers from which a hospital chooses."""
        least, most = self.between or (0, _MOST)
        return range(least, most + 1)

    def _number(self, wanted: Wanted) -> int | None:
        return wanted if type(wanted) is int and wanted in self._numbers else None

    def _duration(self, wanted: Wanted) -> Duration | None:
        if not isinstance(wanted, str) or not _DURATION.fullmatch(wanted):
            return None
        own = Duration.read(wanted)
        return own if self.at_least is None or own.span >= self.at_least.span else None
