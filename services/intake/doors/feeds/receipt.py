"""From fields to a report or a refusal. A refusal holds no content: a reason, a field of ours and a checksum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from pydantic import ValidationError

from services.intake.doors.feeds.report import Report

#: A moment further ahead of the receipt than this is a mistake; less may be a clock that is off.
AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reject:
    """Input that cannot be taken: a reason, a field (with its place in a batch), and the sha256 of the bytes."""

    reason: str
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A report, and where in the input it stood: its place in a batch, and the sha256 of the bytes."""

    report: Report
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of an input beside its content. zone: the hospital's, for dates without a time of day."""

    hospital: str
    received_at: datetime
    digest: str
    zone: tzinfo = UTC
    path: str = ""

    def at(self, *path: str) -> Receipt:
        """The receipt of a part of this input."""
        return replace(self, path=".".join(filter(None, (self.path, *path))))

    def reject(self, reason: str, *path: str) -> Reject:
        return Reject(reason, self.at(*path).path, self.digest)

    def refuse(self, error: ValidationError) -> Reject:
        """The first thing that is wrong, without content: a field's name that we do not know is content as well."""
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        loc = (*first["loc"][:-1], "*") if first["type"] == "extra_forbidden" else first["loc"]
        return self.reject(_REASONS.get(first["type"], "wrong_type"), *map(str, loc))


def take(data: Mapping[str, object], receipt: Receipt) -> Placed | Reject:
    """The report that these fields make for the authenticated hospital, or why they make none."""
    assumed = {"reported_at": receipt.received_at.isoformat(), "reported_at_assumed": True}
    given = dict(data) if "reported_at" in data else assumed | dict(data)
    try:
        report = Report.model_validate(given)
    except ValidationError as error:
        return receipt.refuse(error)
    if report.hospital_id != receipt.hospital:
        return receipt.reject("wrong_hospital", "hospital_id")
    for field, at in (("occurred_at.value", report.occurred_at.value), ("reported_at", report.reported_at)):
        if at is not None and at > receipt.received_at + AHEAD:
            return receipt.reject("in_the_future", field)
    return Placed(report, receipt.path, receipt.digest)


_REASONS = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_code",
    "string_pattern_mismatch": "wrong_form",
    "string_too_short": "wrong_length",
    "string_too_long": "wrong_length",
    "too_short": "wrong_length",
    "too_long": "wrong_length",
    "wrong_moment": "wrong_moment",
    "value_and_precision": "value_and_precision",
}
