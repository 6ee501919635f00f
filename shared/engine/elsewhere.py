"""What a service does elsewhere because of what was taken, before the transaction that took it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from shared.db import Transaction
from shared.engine.erasure import Subject
from shared.messages import Event

#: Lets go of what a service keeps elsewhere about these subjects (hospital, subject).
Forget = Callable[[Transaction, list[Subject]], Awaitable[None]]
#: Does what follows from what was taken or said; the states are as they are after all of it.
After = Callable[[list[Event], Callable[[Event, type[Any], str], Any]], Awaitable[None]]
