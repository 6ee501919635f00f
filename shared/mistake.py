"""What is wrong with one setting of a hospital and what to do about it: for people, and never what it holds."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """`field`: as it is written in the file, such as rules.MATCH-5; empty for the file as a whole."""

    field: str
    nl: str
    en: str
