"""What the broker notes on a message: how often it was delivered. A stranger may have written such notes himself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aio_pika import IncomingMessage


def deliveries(message: IncomingMessage) -> int:
    """How often this message was delivered before without being acknowledged."""
    count = message.headers.get("x-delivery-count")
    return int(str(count)) if count is not None else int(bool(message.redelivered))


def own(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the broker noted: by its notes it would take a second wait for a circle, and drop the message."""
    return {name: value for name, value in headers.items() if "-death" not in name and name != "x-delivery-count"}
