"""Facts with all that they may hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from shared.messages import Event, Fact
from shared.messages.refs import Kind, Ref
from shared.testing import NOW

#: What a ref of each kind may be.
REFS: dict[Kind, str] = {"case": "c-1", "report": "r-1", "staff": "s-1", "colleague": "p-1", "profession": "nurse"}
#: What any other text may hold, so that every branch is come by: codes that decide.
CODES = ("icu", "triage", "large_event", "confirm_plan", "pause_supporter")


def samples(kind: type[Fact]) -> Iterator[Event]:
    """Many of these facts, with every code in every text and a ref of every kind that a field may hold."""
    chance = random.Random(kind.type)
    for _ in range(30):
        fact = kind.model_validate(_filled(kind, chance))
        yield Event("e-1", "example", NOW, fact, 1)


def _filled(kind: type[BaseModel], chance: random.Random) -> dict[str, Any]:
    return {name: _value(field.annotation, chance, *field.metadata) for name, field in kind.model_fields.items()}


def _value(annotation: Any, chance: random.Random, *marks: Any) -> Any:
    simple: dict[Any, Any] = {
        int: 1,
        float: 0.5,
        bool: True,
        date: date(2026, 3, 11),
        datetime: NOW,
        AwareDatetime: NOW,
    }
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(inner[0], chance, *inner[1:])
    if annotation is str:
        kinds = [kind for mark in marks if isinstance(mark, Ref) for kind in mark.kinds]
        return REFS[chance.choice(kinds)] if kinds else chance.choice(CODES)
    if annotation in simple:
        return simple[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _filled(annotation, chance)
    if origin is tuple:
        return (_value(inner[0], chance),)
    if origin is dict:
        return {"MATCH-1": 1}
    if inner and not any(isinstance(one, type) or get_origin(one) for one in inner):  # a Literal
        return chance.choice(inner)
    return _value(chance.choice([one for one in inner if one is not type(None)]), chance)
