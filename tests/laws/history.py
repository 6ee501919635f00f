"""What happened in the town, message by message, in the order in which it was decided; and how it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from shared.messages import Event, Message

#: hears: a fact of another service. is told: a command. wakes: a timer is due, or a letter has left. says: a fact.
#: sets: a timer or a letter.
Way = Literal["hears", "is told", "wakes", "says", "sets"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as one service took or said it."""

    at: datetime
    service: str
    way: Way
    event: Event
    due_at: datetime | None = None

    @property
    def data(self) -> Message:
        return self.event.data


class LawBroken(AssertionError):
    """A law does not hold; whatever happened about the things that it names is told with it."""

    def __init__(self, broken: Iterable[str], history: Iterable[Entry]) -> None:
        sentences, entries = list(broken), list(history)
        named = set(_REF.findall(" ".join(sentences)))
        reports = {str(getattr(entry.data, "report", "")) for entry in entries if named & _refs(entry)}
        wanted = {ref for ref in named | reports if not ref.startswith("s-")} or named
        told = [sentence(entry) for entry in entries if wanted & _refs(entry) and not _idle(entry)]
        super().__init__("\n".join([*sentences, "", "What happened about it:", *told]))


#: Reports, cases and supporters.
_REF = re.compile(r"\b[rcs]-[a-z0-9-]+")


def _refs(entry: Entry) -> set[str]:
    return set(_REF.findall(repr(entry.data)))


def _idle(entry: Entry) -> bool:
    """What is only heard for the sake of the order."""
    return entry.service == "training" and entry.way == "hears" and entry.event.publisher != "intake"


def sentence(entry: Entry) -> str:
    """One line that can be read aloud."""
    words = entry.data.name.replace("_", " ")
    source = f" from {entry.event.publisher}" if entry.way == "hears" else ""
    until = f", due {entry.due_at:%a %d %b %H:%M}" if entry.due_at else ""
    fields = ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in _fields(entry.data))
    return f"{entry.at:%a %d %b %Y %H:%M} {entry.service} {entry.way}{source}: {words} ({fields}{until})."


def _fields(message: BaseModel) -> Iterable[tuple[str, Any]]:
    given = {name: getattr(message, name) for name in type(message).model_fields}
    return [
        (name, value) for name, value in given.items() if value not in (None, "", (), {}, False) and not _usual(name)
    ]


def _usual(name: str) -> bool:
    return name in ("languages", "key", "reported_at", "occurred_at", "kind_of", "system")


def _shown(value: Any) -> str:
    match value:
        case datetime():
            return f"{value:%d %b %H:%M}"
        case BaseModel():
            return "[" + " ".join(_shown(one) for _, one in _fields(value)) + "]"
        case tuple():
            return " ".join(map(_shown, value))
    return str(value)
