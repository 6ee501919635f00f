"""Identities: UUIDv7 for events, short random refs for cases and colleagues, keyed refs for staff and reports.

A keyed ref is the same for the same hospital and staff number as long as the secret is the same, and tells nothing
without it.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from shared.clock import Clock

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
#: The last 62 bits of a UUID.
_LOW = 2**62 - 1


def _chance() -> random.Random:
    return random.Random(secrets.randbits(256))


@dataclass(frozen=True)
class Mint:
    """Makes identities. A seed and a simulated clock make a run repeatable; refs are drawn apart, so that they do not
    depend on how many messages there are. A ref must not be guessed; the id of a message need only be nobody else's,
    and the system is asked for chance once a process.
    """

    clock: Clock
    chance: random.Random = field(default_factory=_chance)
    refs: random.Random = field(default_factory=secrets.SystemRandom)

    @classmethod
    def seeded(cls, clock: Clock, seed: int) -> Mint:
        return cls(clock, random.Random(f"{seed} messages"), random.Random(f"{seed} refs"))

    def event_id(self) -> str:
        """A UUIDv7: sorts by time (RFC 9562, section 5.7)."""
        return _uuid7(self.clock.now(), self.chance.getrandbits(74))

    def ref(self, letter: str) -> str:
        """A fresh random ref such as `c-7k3m9q2hzd` (50 bits), easy to read aloud."""
        return f"{letter}-" + "".join(self.refs.choice(_ALPHABET) for _ in range(10))


def earliest_event_id(moment: datetime) -> str:
    """Every id of a message that was made before this moment sorts before it."""
    return _uuid7(moment, 0)


def _uuid7(moment: datetime, chance: int) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    value = (milliseconds << 80) | (0x7 << 76) | ((chance >> 62) << 64) | (0x2 << 62) | (chance & _LOW)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def keyed_ref(letter: str, secret: str, *parts: str) -> str:
    """The ref that belongs to these parts under this secret, for example a staff number of a hospital."""
    digest = hmac.new(secret.encode(), "\x1f".join(parts).encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    text = ""
    for _ in range(12):
        number, rest = divmod(number, len(_ALPHABET))
        text += _ALPHABET[rest]
    return f"{letter}-{text}"
