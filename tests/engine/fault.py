"""A planted fault, and which tests must notice it."""

from __future__ import annotations

from dataclasses import dataclass

from tests import sabotage


@dataclass(frozen=True)
class Fault(sabotage.Fault):
    """`tests`: which file of tests/engine must notice it."""

    tests: str
