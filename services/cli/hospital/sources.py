"""Where a rule comes from, as people read it: titles stay as they are, and what is remarked on them is in words.

A source names one or more places, set apart by "; ": `design` or `002, 'a title'`, each with what it is the place of
before it (`the duration: design`) or a note after it (`002, 'a title' (always)`).
"""

from __future__ import annotations

import re

from services.cli.words import Words

_PLACE = re.compile(r"(?:(?P<of>[^:']+): )?(?P<place>design|\d{3}, '[^']+')(?: \((?P<note>[^)]+)\))?")


def source_in(words: Words, source: str) -> str:
    """A source in a language; a remark without words is shown as it is."""
    return "; ".join(_part(words, part) for part in source.split("; "))


def _part(words: Words, part: str) -> str:
    found = _PLACE.fullmatch(part)
    if found is None:
        return _remark(words, part)
    place = words("rules.design") if found["place"] == "design" else found["place"]
    of = f"{_remark(words, found['of'])}: " if found["of"] else ""
    note = f" ({_remark(words, found['note'])})" if found["note"] else ""
    return f"{of}{place}{note}"


def _remark(words: Words, remark: str) -> str:
    return words(f"remark.{remark}") if words.has(f"remark.{remark}") else remark
