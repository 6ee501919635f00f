"""What people send by HTTP holds nothing that nobody can read: one check for every path and query, one kind of body.

A ref, a code or a moment never holds a NUL or another control character. Whatever does is refused at the door, before
anything is looked up or decided, and what it held is not repeated.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

_REASON = "control_character"

#: The ref of a case, a report or a person, in a field of a body.
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z]-[a-z0-9]{1,40}$")]


def is_legible(text: str) -> bool:
    """Whether a text has no control characters, no halves of characters, and nothing else that cannot be seen."""
    return not any(unicodedata.category(character).startswith("C") for character in text)


async def legible(request: Request) -> None:
    """What every route depends on. 422 where a part of the path or of the query cannot be read."""
    for name, part in request.path_params.items():
        if not is_legible(str(part)):
            raise RequestValidationError([{"loc": ("path", name), "type": _REASON}])
    # A name in a query is the sender's own, so it is not repeated either.
    if not all(is_legible(name) and is_legible(value) for name, value in request.query_params.multi_items()):
        raise RequestValidationError([{"loc": ("query",), "type": _REASON}])


class Body(BaseModel):
    """The body of a command: no field that is not known, and no field that cannot be read."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_read(cls, given: object) -> object:
        if not all(map(is_legible, _texts(given))):
            raise PydanticCustomError(_REASON, "a character that cannot be read")
        return given


def _texts(given: object) -> Iterator[str]:
    """Every text in it, keys too."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for pair in given.items():
            yield from _texts(pair)
    elif isinstance(given, list | tuple):
        for one in given:
            yield from _texts(one)
