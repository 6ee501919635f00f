"""A rulebook of a library, as small as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

TEXT = """
[LEND-1]
kind = "check"
nl = "Een lezer heeft hoogstens {limit:boek|boeken}."
en = "A reader has at most {limit:book|books}."
source = "design"
limit = [{ from = 2024-01-01, value = 3 }, { from = 2026-04-01, value = 1 }]
allowed = { books = 0 }
refused = { books = 5 }

[LEND-2]
kind = "check"
nl = "Een lezer is lid."
en = "A reader is a member."
source = "design"
allowed = { member = true }
refused = { member = false }

[LEND-3]
kind = "clock"
nl = "Een boek komt binnen {limit} na het lenen terug."
en = "A book comes back within {limit} after it was lent."
source = "design"
limit = [{ from = 2024-01-01, value = "24 hours" }]

[LEND-4]
kind = "policy"
nl = "Wie er mag lenen."
en = "Who may borrow."
source = "design"
default = "members"
options = { members = { nl = "Alleen leden.", en = "Members only." }, all = { nl = "Iedereen.", en = "Everybody." } }

[LEND-5]
kind = "only"
nl = "Alleen de balie, of de lezer zelf, verlengt."
en = "Only the desk, or the reader in person, renews."
source = "design"
only = ["desk", "own reader"]

[LEND-6]
kind = "check"
nl = "Een boek is heel."
en = "A book is whole."
source = "design"
allowed = { torn = false }
refused = { torn = true }
"""

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)


@dataclass(frozen=True)
class Reader:
    books: int = 0
    member: bool = True


@dataclass(frozen=True)
class Book:
    torn: bool = False
