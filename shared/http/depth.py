"""How deep a JSON text is nested, told before anything of it is parsed."""

from __future__ import annotations

import re

#: Of a body that a command brings; nobody nests more than a few levels.
DEEPEST = 32

#: A string, whose brackets do not count; one without an end goes on to the end.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_ALIKE = bytes.maketrans(b"[{]}", b"(())")
_OTHERS = bytes(set(range(256)) - set(b"[{]}"))


def is_deeper(raw: bytes, most: int = DEEPEST) -> bool:
    """Whether this text has more than `most` levels of objects and lists, closed or still open."""
    brackets = _STRING.sub(b"", raw).translate(_ALIKE, _OTHERS)
    for _ in range(most):
        brackets = brackets.replace(b"()", b"")
    # What is left of a level had so many in it; without a pair it is closings, and then openings.
    return b"()" in brackets or brackets.count(b"(") > most
