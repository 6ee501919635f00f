"""Refs: texts that stand for a case, a report or a person. Each is a plain text on the wire; the type of its field says
for what it stands, and from that follows which cases a message names.

Where a field may hold a ref of several kinds, its first letter tells of which, and it is read nowhere but here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import isclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

#: What a ref may stand for. staff: somebody by the staff list; colleague: whose case it is, by a name for that case
#: alone; profession: its code.
Kind = Literal["case", "report", "staff", "colleague", "profession"]


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a text as a ref of one of these kinds."""

    kinds: tuple[Kind, ...]


CaseRef = Annotated[str, Ref(("case",))]
ReportRef = Annotated[str, Ref(("report",))]
StaffRef = Annotated[str, Ref(("staff",))]
ColleagueRef = Annotated[str, Ref(("colleague",))]
Profession = Annotated[str, Ref(("profession",))]
PersonRef = Annotated[str, Ref(("staff", "colleague"))]
#: What a notice, a task or a refusal is about.
TopicRef = Annotated[str, Ref(("case", "report", "staff"))]

_LETTERS: dict[str, Kind] = {"c-": "case", "r-": "report", "s-": "staff", "p-": "colleague"}


def kind_of(ref: str) -> Kind | None:
    """What a ref stands for; None if it begins like none that is known."""
    return _LETTERS.get(ref[:2])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ref of these kinds stands: a field, or a field of the parts in it."""

    path: tuple[str, ...]
    kinds: tuple[Kind, ...]

    def read(self, model: object) -> list[str]:
        """The refs that stand there; an empty one is none."""
        found = [model]
        for name in self.path:
            found = [one for part in found for one in several(getattr(part, name))]
        return [str(ref) for ref in found if ref]

    def below(self) -> Place:
        """The same place, seen from a part in its first field."""
        return Place(self.path[1:], self.kinds)


def several(value: Any) -> tuple[Any, ...]:
    """The values of a field: several, one or none."""
    return value if isinstance(value, tuple) else () if value is None else (value,)


def places(model: type[BaseModel]) -> Iterator[Place]:
    """Where refs stand in messages of this class, in the order of its fields."""
    for name, field in model.model_fields.items():
        for place in _inside(field.annotation, *field.metadata):
            yield Place((name, *place.path), place.kinds)


def _inside(annotation: Any, *marks: object) -> Iterator[Place]:
    ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
    if ref is not None:
        yield Place((), ref.kinds)
    elif get_origin(annotation) is Annotated:
        yield from _inside(*get_args(annotation))
    elif isclass(annotation) and issubclass(annotation, BaseModel):
        yield from places(annotation)
    else:
        for one in get_args(annotation):
            yield from _inside(one)
