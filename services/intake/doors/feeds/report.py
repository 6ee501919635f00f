"""The canonical incident report: all that naast ever takes from a feed. Codes, moments and opaque references, no more.

Every adapter ends here. A field that this form does not know is refused, so that no narrative, name or patient datum
slips in.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints
from pydantic import model_validator as rule_of_the_whole
from pydantic_core import PydanticCustomError

from shared.hospital import STAFF_ID, tidy

Status = Literal["new", "amended", "withdrawn"]
Kind = Literal["actual", "near_miss", "unsafe_condition"]
Harm = Literal["none", "low", "moderate", "severe", "death", "unknown"]
Calamity = Literal["yes", "possible", "no", "unknown"]
Wish = Literal["default", "requested", "declined", "unknown"]
Part = Literal["reporter", "involved", "witness", "victim", "subject_of_complaint"]
Precision = Literal["minute", "hour", "day", "month", "approximate", "unknown"]
EventType = Literal[
    "resuscitation",
    "patient_death",
    "medication",
    "fall",
    "procedure",
    "transfusion",
    "equipment",
    "infection_exposure",
    "aggression",
    "suicide_attempt",
    "complaint",
    "disciplinary_complaint",
    "other",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

#: A moment before this year is a placeholder for "unknown", such as 1900-01-01.
FIRST_YEAR = 1970

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def moment(value: object) -> datetime:
    """The UTC moment of an RFC 3339 text with offset. Raises PydanticCustomError."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("wrong_moment", "no RFC 3339 moment with offset")


def _event_types(value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        return value
    return tuple(dict.fromkeys(code if code in EVENT_TYPES else "other" for code in value))


def _tidy(value: object) -> object:
    return tidy(value) if isinstance(value, str) else value


def _nothing(value: object) -> object:
    return value if not isinstance(value, str) or tidy(value) else None


Moment = Annotated[datetime, BeforeValidator(moment)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^\P{C}*$")]
Code = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=120, pattern=r"^\P{C}*$"), BeforeValidator(_tidy)
]
Ref = Annotated[str, StringConstraints(strict=True, pattern=STAFF_ID)]
Tag = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Source(_Strict):
    """Where a report comes from. A report is the same report when hospital, system and report_id are the same."""

    system: Name
    report_id: Name
    revision: Name | None = None
    mapping: Name


class Occurred(_Strict):
    """When it happened (UTC) and how precisely that is known; no value exactly when the precision is unknown."""

    value: Moment | None
    precision: Precision

    @rule_of_the_whole(mode="before")
    @classmethod
    def _a_placeholder_is_unknown(cls, table: Any) -> Any:
        if isinstance(table, dict) and isinstance(table.get("value"), str) and table["value"][:4] < str(FIRST_YEAR):
            moment(table["value"])
            return table | {"value": None, "precision": "unknown"}
        return table

    @rule_of_the_whole(mode="after")
    def _value_and_precision_agree(self) -> Occurred:
        if (self.value is None) != (self.precision == "unknown"):
            raise PydanticCustomError("value_and_precision", "a value needs a precision and the other way round")
        return self


class Risk(_Strict):
    """A risk score of the source, which is not harm: it mixes severity with frequency."""

    scheme: Code
    code: Code


class Person(_Strict):
    """A colleague whom the report names, by her number in the hospital's staff list."""

    ref: Ref
    role: Part
    profession: Code | None = None


class Report(_Strict):
    """One version of one report. `reported_at_assumed`: the source gave no such moment, it is that of the receipt."""

    hospital_id: Name
    source: Source
    occurred_at: Occurred
    reported_at: Moment
    reported_at_assumed: StrictBool = False
    status: Status
    kind: Kind
    event_types: Annotated[tuple[EventType, ...], Field(min_length=1, max_length=100), BeforeValidator(_event_types)]
    harm: Harm
    risk: Risk | None = None
    calamity: Calamity
    department: Annotated[Code | None, BeforeValidator(_nothing)] = None
    staff: Annotated[tuple[Person, ...], Field(max_length=500)] = ()
    support_wish: Wish
    anonymous: StrictBool = False
    language: Tag | None = None

    @rule_of_the_whole(mode="before")
    @classmethod
    def _an_anonymous_report_names_nobody(cls, table: Any) -> Any:
        # Refused it would be lost; without the names it reaches the coordinator.
        return table | {"staff": ()} if isinstance(table, dict) and table.get("anonymous") is True else table


def report_key(hospital: str, report: Report) -> str:
    """What makes two messages speak of the same report (sha256, hex)."""
    return _key(hospital, report.source.system, report.source.report_id)


def version_key(hospital: str, report: Report) -> str:
    """What makes two messages the same version of a report (sha256, hex): its revision, or else its content.

    A withdrawal is a version of its own, for some sources keep the revision. When it was reported and by which mapping
    it came is no content: both change when nothing else does.
    """
    source = report.source
    version = source.revision and f"{source.revision}\x1f{report.status == 'withdrawn'}"
    content = report.model_dump_json(exclude={"reported_at": True, "reported_at_assumed": True, "source": {"mapping"}})
    return _key(hospital, source.system, source.report_id, version or _key(content))


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
