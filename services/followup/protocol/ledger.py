"""The ledger of a case: what was tried and held, of which kind, in which form, when and for how long. Pure.

Nothing else is kept of a talk (FOLLOW-12). An entry stands where it happened, not where it was told, so that what is
told late comes out right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from shared.messages import Part
from shared.messages.followup import Channel

EntryKind = Literal["attempt", "contact", "conversation", "phone_follow_up", "group"]

#: Kinds of talks that are conversations; a phone follow-up is another thing (FOLLOW-5).
CONVERSATIONS: tuple[EntryKind, ...] = ("conversation", "group")


class Entry(Part):
    """One line. `counts`: towards the limit (FOLLOW-1); `people`: how many took part in support of a team; `of`: who
    had the case when it was told.
    """

    kind: EntryKind
    channel: Channel
    at: AwareDatetime
    minutes: int = 0
    counts: bool = False
    people: int = 0
    of: str = ""


class Ledger(Part):
    """The entries of a case, in the order in which they happened."""

    entries: tuple[Entry, ...] = ()

    def plus(self, entry: Entry) -> Ledger:
        return Ledger(entries=tuple(sorted((*self.entries, entry), key=lambda one: one.at)))

    def moments(self, *kinds: EntryKind) -> list[datetime]:
        """When these happened, the earliest first."""
        return [entry.at for entry in self.entries if entry.kind in kinds]

    def count(self, *kinds: EntryKind) -> int:
        return len(self.moments(*kinds))

    def has(self, kind: EntryKind, at: datetime | None) -> bool:
        """Whether this was told before. What is told without a moment happens now, and is new."""
        return at is not None and at in self.moments(kind)

    @property
    def counted(self) -> int:
        return sum(entry.counts for entry in self.entries)

    @property
    def channels(self) -> frozenset[Channel]:
        """The ways in which somebody tried to reach the colleague."""
        return frozenset(entry.channel for entry in self.entries if entry.kind == "attempt")

    @property
    def first_contact_at(self) -> datetime | None:
        return first(self.moments("contact"))

    @property
    def first_conversation_at(self) -> datetime | None:
        return first(self.moments(*CONVERSATIONS))


def first(moments: Iterable[datetime]) -> datetime | None:
    return next(iter(moments), None)
