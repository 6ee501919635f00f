"""Messages as rows of the engine's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.engine.outcome import PendingRow
from shared.engine.position import clean
from shared.engine.states import Utterance
from shared.engine.world import Key
from shared.messages import Event, write


def journal_row(seq: int, utterance: Utterance, body: bytes) -> dict[str, Any]:
    event = utterance.event
    return {
        "seq": seq,
        "id": event.id,
        "hospital": event.hospital,
        "type": event.data.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "due_at": utterance.due_at,
        "event": body.decode(),
    }


def mention_rows(seq: int, event: Event) -> list[dict[str, Any]]:
    """One for each subject that the message names beside its own."""
    return [{"hospital": event.hospital, "subject": one, "seq": seq} for one in dict.fromkeys(event.data.mentions)]


def pending_row(row: PendingRow) -> dict[str, Any]:
    return dict(zip(("due_at", "seq", "destination"), row, strict=True))


def parked_row(key: Key, n: int, event: Event, now: datetime) -> dict[str, Any]:
    body = write(event).decode()
    return {
        "publisher": key.kind,
        "hospital": key.hospital,
        "subject": key.id,
        "sequence": n,
        "at": now,
        "event": body,
    }


def rejected_row(id: str, reason: str, now: datetime) -> dict[str, Any]:
    return {"id": id, "hospital": "", "type": "", "subject": "", "reason": reason, "at": now, "event": None}


def dead_row(event: Event, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "id": clean(event.id),
        "hospital": clean(event.hospital),
        "type": event.data.type,
        "subject": clean(event.subject),
        "reason": reason,
        "at": now,
        "event": write(event).decode(),
    }
