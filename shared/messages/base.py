"""The CloudEvents 1.0 envelope and the four kinds of messages.

A `Fact` has happened, a `Command` asks for something, a `Timer` is a message to oneself that is not yet due, and a
`Letter` is a notice on its way to a mailbox. Facts travel between services; timers and letters never leave the service
that said them. Every message names one subject: the case, report, supporter or profession that it is about.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json, to_json

from .refs import PersonRef, Place, places, several

#: type -> message class; filled when a publishing module is imported.
CATALOGUE: dict[str, type[Message]] = {}


class Part(BaseModel):
    """A frozen piece of a message. Unknown fields are ignored, so that an older reader understands a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(Part):
    """One message; its publisher is the folder it stands in, its type follows from its name."""

    about: ClassVar[str]
    #: Whether its subject is to be forgotten: whoever takes or says it keeps no other message about it.
    erases: ClassVar[bool] = False
    #: Whether it is the answer to somebody whom a rule forbids what was asked; then it has a field `rule`.
    refuses: ClassVar[bool] = False
    version: ClassVar[int] = 1
    publisher: ClassVar[str]
    name: ClassVar[str]
    type: ClassVar[str]
    #: Where its refs stand.
    refs: ClassVar[tuple[Place, ...]]
    #: Those of cases other than its subject.
    _mentioned: ClassVar[tuple[Place, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if not hasattr(cls, "about"):
            return
        cls.publisher = cls.__module__.split(".")[-2]
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.type = f"naast.{cls.publisher}.{cls.name}.v{cls.version}"
        cls.refs = tuple(places(cls))
        cls._mentioned = tuple(one for one in cls.refs if one.kinds == ("case",) and one.path != (cls.about,))
        CATALOGUE[cls.type] = cls

    @property
    def subject(self) -> str:
        """The id of what this message is about, for example a case."""
        return str(getattr(self, self.about))

    @property
    def mentions(self) -> tuple[str, ...]:
        """The cases that it names beside its subject, and that may have to be forgotten."""
        return tuple(ref for place in self._mentioned for ref in place.read(self))

    def without(self, case: str) -> Self | None:
        """The message as if it had never named this case; None when it then says nothing."""
        left = self
        for place in self._mentioned:
            field, below = place.path[0], place.below()
            named = several(getattr(left, field))
            kept = tuple(one for one in named if case not in below.read(one))
            if not kept:
                return None
            if kept != named:
                left = left.model_copy(update={field: kept})
        return left


class Fact(Message):
    """It has happened: state changes first, then the service decides."""

    #: The services that do something with it; nobody else gets it.
    heard_by: ClassVar[tuple[str, ...]] = ()


def heard_by(service: str) -> list[str]:
    """The types of what a service hears."""
    return [kind.type for kind in CATALOGUE.values() if issubclass(kind, Fact) and service in kind.heard_by]


class Command(Message):
    """Somebody asks: the service decides first, and only what it says changes the state."""

    by_role: str
    by: PersonRef


class Timer(Message):
    """A message to oneself that becomes due. Nobody cancels it: a late one finds that nothing is left to do."""


class Letter(Message):
    """A notice that leaves by mail; it names a template and a person's ref, never a name or an address."""

    def failed(self, reason: str) -> Message:
        """What its service takes when it will never leave."""
        raise NotImplementedError


class Unreadable(ValueError):
    """The bytes are no event of ours. `reason` is a code without content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """A message in its CloudEvents envelope.

    `sequence` is the n-th fact of this publisher about this subject, and `nth` the n-th that each of its hearers gets;
    commands, timers and letters have neither. `correlation` stays the same from the first cause to the last effect,
    `cause` is the id of the message that led to this one.
    """

    id: str
    hospital: str
    time: datetime
    data: Message
    sequence: int | None = None
    correlation: str = ""
    cause: str | None = None
    nth: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def subject(self) -> str:
        return self.data.subject

    @property
    def publisher(self) -> str:
        return self.data.publisher

    def at(self, moment: datetime) -> Event:
        """The same event as of another moment: a timer happens when it is due, not when it was set."""
        return replace(self, time=moment)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The data of an event that this version of the software cannot open, such as one of a newer publisher.

    It keeps its place in the order and its content, so that a version that can open it may take it up again.
    """

    publisher: str
    type: str
    subject: str
    reason: str
    content: dict[str, Any]
    name: ClassVar[str] = "sealed"


def write(event: Event) -> bytes:
    """One event as structured CloudEvents JSON."""
    if isinstance(event.data, Sealed):
        return to_json(event.data.content)
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "type": event.data.type,
        "source": f"urn:naast:{event.data.publisher}",
        "subject": event.subject,
        "time": event.time.isoformat(),
        "datacontenttype": "application/json",
        "hospitalid": event.hospital,
        "correlation": event.correlation or event.id,
        "data": event.data,
    }
    if event.sequence is not None:
        envelope["sequence"] = str(event.sequence)
        envelope["nth"] = spelled(event.nth)
    if event.cause is not None:
        envelope["causation"] = event.cause
    return to_json(envelope)


def write_batch(events: list[bytes]) -> bytes:
    """Events that are already written, as one CloudEvents batch."""
    return b"[" + b",".join(events) + b"]"


def read_all(body: bytes) -> list[Event | Unreadable]:
    """Every event of a body that holds one event or a batch; one bad event harms only itself. An event whose envelope
    is good and whose data are not comes with `Sealed` data.
    """
    try:
        parsed = from_json(body)
    except ValueError:
        return [Unreadable("not_json")]
    return [_open(item) for item in (parsed if isinstance(parsed, list) else [parsed])]


def read(body: bytes) -> Event:
    """The one event of a body. Raises `Unreadable`, also when its data are sealed."""
    event = opened(body)
    if isinstance(event.data, Sealed):
        raise Unreadable(event.data.reason)
    return event


def opened(body: bytes) -> Event:
    """The one event of a body, whose data may be sealed. Raises `Unreadable`."""
    found = read_all(body)
    if len(found) != 1:
        raise Unreadable("not_one_event")
    if isinstance(found[0], Unreadable):
        raise found[0]
    return found[0]


def _open(item: object) -> Event | Unreadable:
    if not isinstance(item, dict) or item.get("specversion") != "1.0":
        return Unreadable("not_a_cloudevent")
    try:
        time = _moment(item["time"])
        sequence = int(item["sequence"]) if "sequence" in item else None
        nth = counted(item["nth"]) if "nth" in item else {}
        event_id, hospital = str(item["id"]), str(item["hospitalid"])
        data = _data(item)
    except (KeyError, ValueError, TypeError, OverflowError):
        return Unreadable("wrong_shape")
    correlation = str(item.get("correlation") or event_id)
    return Event(event_id, hospital, time, data, sequence, correlation, item.get("causation"), nth)


def _data(item: dict[str, Any]) -> Message:
    kind = CATALOGUE.get(str(item["type"]))
    if kind is not None:
        with contextlib.suppress(ValueError, KeyError):
            return kind.model_validate(item["data"])
    publisher = str(item["source"]).removeprefix("urn:naast:")
    reason = "unknown_type" if kind is None else "wrong_shape"
    # Nobody but the engine sees it, and the engine never decides on it.
    return Sealed(publisher, str(item["type"]), str(item["subject"]), reason, item)  # type: ignore[return-value]


def spelled(counts: Mapping[str, int]) -> str:
    """Counts by name in one line, such as "followup=3 matching=1"."""
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items()))


def counted(text: str) -> dict[str, int]:
    """What `spelled` wrote. Raises ValueError."""
    pairs = (pair.partition("=") for pair in text.split())
    return {name: int(count) for name, _, count in pairs}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)
