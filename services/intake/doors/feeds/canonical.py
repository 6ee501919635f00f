"""Doors for reports: CloudEvents 1.0 from a broker or over HTTP, and files of any form that a feed may drop.

The envelope is read by hand: libraries invent a missing id and let the last of two equal keys win, which defeats what
the id is for. One bad item of a batch harms only itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.intake.doors.feeds import fhir, strict_json
from services.intake.doors.feeds.receipt import Placed, Receipt, Reject, take
from services.intake.doors.feeds.report import Moment, Name, Report, Status, report_key, version_key

__all__ = ["Placed", "Reject", "Report", "is_binary", "read", "read_any", "report_key", "version_key"]

#: Both names of each event, ours and that of the national proposal, and the status that it must carry.
STATUS: Mapping[str, Status] = {"reported": "new", "amended": "amended", "withdrawn": "withdrawn"}
TYPES: Mapping[str, Status] = {
    f"{owner}.incident.{event}.v1": status for owner in ("naast", "nl.peersupport") for event, status in STATUS.items()
}

JSON = "application/json"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
FILES = ("", JSON, "text/json", "application/fhir+json", "application/octet-stream", *LINES)

#: The header prefixes of binary mode: Knative and HTTP, then the two of AMQP 1.0.
PREFIXES = ("ce-", "cloudevents_", "cloudevents:")


class Envelope(BaseModel):
    """The CloudEvents attributes that matter; extensions of others are legal and ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: Name
    hospitalid: Name
    subject: Name | None = None
    time: Moment | None = None
    datacontenttype: Annotated[
        str, StringConstraints(strict=True, pattern=r"^application/([a-z0-9.-]+\+)?json *(;.*)?$")
    ] = JSON
    data: dict[str, Any]


Found = Placed | Reject


def is_binary(headers: Mapping[str, object]) -> bool:
    """Whether the headers carry a CloudEvent in binary mode, under any of the three prefixes."""
    return any(name.lower().startswith(PREFIXES) for name in headers)


def read(raw: bytes, headers: Mapping[str, object], hospital: str, received_at: datetime) -> list[Found]:
    """Every report of a CloudEvents message of this authenticated hospital: structured, a batch, or binary."""
    receipt = Receipt(hospital, received_at, _digest(raw))
    plain = {name.lower(): _plain(value) for name, value in headers.items()}
    media = _media(plain.get("content-type", ""))
    try:
        if media == BATCH:
            return _batch(strict_json.parse(raw, strict_json.MAX_BODY), receipt)
        if media == STRUCTURED:
            return [_event(strict_json.parse(raw), receipt)]
        if is_binary(plain):
            return [_binary(strict_json.parse(raw), plain, receipt)]
    except strict_json.NotJson as error:
        return [receipt.reject(error.reason)]
    return [receipt.reject("unknown_content_type")]


def read_any(raw: bytes, content_type: str, hospital: str, received_at: datetime, *, zone: tzinfo = UTC) -> list[Found]:
    """Every report of a body or a file of this authenticated hospital; its form is told by its content.

    One JSON object, an array of them, or one per line; each is a CloudEvent, a bare canonical report, a FHIR
    AdverseEvent or a FHIR Bundle. zone: the hospital's, for dates without a time of day.
    """
    media = _media(content_type)
    if media in (STRUCTURED, BATCH):
        return read(raw, {"content-type": content_type}, hospital, received_at)
    receipt = Receipt(hospital, received_at, _digest(raw), zone)
    if media not in FILES:
        return [receipt.reject("unknown_content_type")]
    try:
        return _lines(raw, content_type, receipt) if media in LINES else _document(raw, content_type, receipt)
    except strict_json.NotJson as error:
        return [receipt.reject(error.reason)]


def _document(raw: bytes, content_type: str, receipt: Receipt) -> list[Found]:
    try:
        value = strict_json.parse(raw, strict_json.MAX_BODY)
    except strict_json.NotJson as error:
        if error.reason == "not_json" and _mostly_lines(raw):
            return _lines(raw, content_type, receipt)
        raise
    if isinstance(value, list):
        items = [_item(item, content_type, receipt.at(str(place))) for place, item in enumerate(_limited(value))]
        return [found for item in items for found in item]
    if len(raw) > strict_json.MAX_ITEM and not _is_bundle(value):
        raise strict_json.NotJson("too_large")
    return _item(value, content_type, receipt)


def _lines(raw: bytes, content_type: str, receipt: Receipt) -> list[Found]:
    if len(raw) > strict_json.MAX_BODY:
        raise strict_json.NotJson("too_large")
    if raw.count(b"\n") >= strict_json.MAX_ITEMS:
        raise strict_json.NotJson("too_many")
    found: list[Found] = []
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.strip():
            own = replace(receipt, digest=_digest(line), path=str(number))
            try:
                found += _item(strict_json.parse(line), content_type, own)
            except strict_json.NotJson as error:
                found.append(own.reject(error.reason))
    return found


def _mostly_lines(raw: bytes) -> bool:
    """Whether a text that is no JSON as a whole is a file of one report per line, some of them broken. No more lines
    are looked at than such a file may have.
    """
    lines = [line for line in islice(BytesIO(raw), strict_json.MAX_ITEMS) if line.strip()]
    return 2 * sum(map(_is_object, lines)) >= len(lines) > 1


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(strict_json.parse(line), dict | strict_json.Flaw)
    except strict_json.NotJson:
        return False


def _item(value: object, content_type: str, receipt: Receipt) -> list[Found]:
    if isinstance(value, dict) and _is_bundle(value):
        return fhir.take_bundle(value, content_type, receipt)
    reason = strict_json.flaw(value)
    if reason or not isinstance(value, dict):
        return [receipt.reject(reason or "wrong_type")]
    if "resourceType" in value or "fhir" in _media(content_type):
        return [fhir.take_event(value, content_type, receipt)]
    return [_event(value, receipt) if "specversion" in value else take(value, receipt)]


def _is_bundle(value: object) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _batch(value: object, receipt: Receipt) -> list[Found]:
    if not isinstance(value, list):
        return [receipt.reject("no_batch")]
    return [_event(item, receipt.at(str(place))) for place, item in enumerate(_limited(value))]


def _binary(data: object, headers: Mapping[str, str], receipt: Receipt) -> Found:
    used = [prefix for prefix in PREFIXES if any(name.startswith(prefix) for name in headers)]
    if len(used) > 1:
        return receipt.reject("mixed_bindings")
    envelope: dict[str, object] = {
        name.removeprefix(used[0]): value for name, value in headers.items() if name.startswith(used[0])
    }
    return _event(envelope | {"datacontenttype": headers.get("content-type", JSON), "data": data}, receipt)


def _event(value: object, receipt: Receipt) -> Found:
    reason = strict_json.flaw(value)
    if reason:
        return receipt.reject(reason)
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        return receipt.refuse(error)
    if envelope.type not in TYPES:
        return receipt.reject("unknown_type", "type")
    if envelope.hospitalid != receipt.hospital:
        return receipt.reject("wrong_hospital", "hospitalid")
    found = take(envelope.data, receipt.at("data"))
    if isinstance(found, Reject):
        return found
    if found.report.status != TYPES[envelope.type]:
        return receipt.reject("status_and_type", "data.status")
    return replace(found, path=receipt.path)


T = TypeVar("T")


def _limited(items: list[T]) -> list[T]:
    if len(items) > strict_json.MAX_ITEMS:
        raise strict_json.NotJson("too_many")
    return items


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _plain(value: object) -> str:
    """A header's text: some clients hand out bytes, or a moment for an AMQP timestamp."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
