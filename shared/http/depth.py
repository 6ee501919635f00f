"""How deep a JSON text is nested, told before anything of it is parsed."""

from __future__ import annotations

import re

#: Of a body that a command brings; nobody nests more than a few levels.
DEEPEST = 32

#: A text, whose brackets do not count, or a bracket. A text without an end goes on to the end.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
_OPENS, _CLOSES = b"[{", b"]}"


def is_deeper(raw: bytes, most: int = DEEPEST) -> bool:
    """Whether this text has more than `most` levels of objects and arrays. It is read up to there and no further."""
    depth = 0
    for token in _TOKEN.finditer(raw):
        first = raw[token.start()]
        if first in _OPENS:
            depth += 1
            if depth > most:
                return True
        elif first in _CLOSES:
            depth -= 1
    return False
