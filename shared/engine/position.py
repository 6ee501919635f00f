"""How far a service has heard what one publisher says about one subject. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.engine.world import Key
from shared.messages import Event


def clean(text: str) -> str:
    """A key without the characters that a database refuses."""
    return text if text.isprintable() else "".join(ch if ch.isprintable() else "?" for ch in text)


def place_of(event: Event) -> Key:
    """The publisher, hospital and subject within which a fact has its number."""
    return Key(event.publisher, clean(event.hospital), clean(event.subject))


class Position(NamedTuple):
    """last: the number of the last fact that was heard. passed: the numbers before it that had not come when their gap
    was passed, as ranges (first, last); whatever of them comes at last is still taken.
    """

    last: int = 0
    passed: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, last: int, passed: str) -> Position:
        ranges = (one.partition("-") for one in passed.split())
        return cls(last, tuple((int(first), int(end)) for first, _, end in ranges))

    def row(self, key: Key) -> dict[str, Any]:
        passed = " ".join(f"{first}-{end}" for first, end in self.passed)
        about = {"publisher": key.kind, "hospital": key.hospital, "subject": key.id}
        return about | {"sequence": self.last, "passed": passed}

    def is_new(self, n: int) -> bool:
        return n > self.last or self.lacks(n)

    def lacks(self, n: int) -> bool:
        """Whether this number was passed and has not come yet."""
        return any(first <= n <= end for first, end in self.passed)

    def up_to(self, n: int) -> Position:
        """As if it had been heard up to here; what is in between is passed."""
        return Position(n, (*self.passed, (self.last + 1, n)))

    def having(self, n: int) -> Position:
        """With this number heard: the next one, or one that was passed."""
        if n > self.last:
            return Position(n, self.passed)
        passed: list[tuple[int, int]] = []
        for first, end in self.passed:
            parts = ((first, n - 1), (n + 1, end)) if first <= n <= end else ((first, end),)
            passed += [part for part in parts if part[0] <= part[1]]
        return Position(self.last, tuple(passed))
