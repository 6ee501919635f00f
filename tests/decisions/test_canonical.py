"""Events and reports are read strictly, each with its reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.canonical import BATCH, Reject, Report
from tests.decisions.canonical_words import (
    ENVELOPE,
    GOOD,
    MARKER,
    NOW,
    REPORT,
    body,
    changed,
    digest,
    event,
    file,
    read,
    reasons,
    structured,
)


def test_a_structured_event_gives_its_report() -> None:
    assert structured(event()) == [GOOD]
    assert (GOOD.department, GOOD.occurred_at.value) == ("310", datetime(2026, 6, 1, 21, 30, tzinfo=UTC))


@pytest.mark.parametrize("prefix", ["ce-", "CE-", "cloudEvents_", "cloudEvents:"])
def test_a_binary_event_gives_its_report_under_any_of_the_prefixes(prefix: str) -> None:
    headers = {prefix + name: value for name, value in ENVELOPE.items()} | {"content-type": "application/json"}
    assert read(body(REPORT), headers, "st-anna", NOW) == [GOOD]


def test_a_report_keeps_its_place_in_what_came() -> None:
    several = b"\n".join([body(REPORT), b"nonsense", body(event())])
    found = canonical.read_any(several, "application/x-ndjson", "st-anna", NOW)
    assert [one.path for one in found] == ["1", "2", "3"]
    assert [one.digest for one in found] == [digest(line) for line in several.split(b"\n")]
    assert [one.path for one in canonical.read_any(body([REPORT, event()]), "", "st-anna", NOW)] == ["0", "1"]


def test_headers_that_a_client_hands_out_as_bytes_or_moments_are_read() -> None:
    headers = {f"ce-{name}": value.encode() for name, value in ENVELOPE.items()} | {"ce-time": NOW}
    assert read(body(REPORT), headers, "st-anna", NOW) == [GOOD]


def test_two_bindings_at_once_are_refused() -> None:
    headers = {f"ce-{name}": value for name, value in ENVELOPE.items()} | {"cloudEvents:id": "abc"}
    assert reasons(read(body(REPORT), headers, "st-anna", NOW)) == ["mixed_bindings"]


def test_one_bad_event_of_a_batch_harms_only_itself() -> None:
    twice = b'{"id": 1, "id": 2}'
    raw = b"[" + b",".join([body(event()), twice, b"[NaN]", b'"\\ud800"', b"7", body(event())]) + b"]"
    found = read(raw, {"content-type": BATCH}, "st-anna", NOW)
    assert found == [
        GOOD,
        Reject("duplicate_key", "1", digest(raw)),
        Reject("not_a_number", "2", digest(raw)),
        Reject("unusable_character", "3", digest(raw)),
        Reject("wrong_type", "4", digest(raw)),
        GOOD,
    ]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"specversion": "0.3"}, "unknown_code specversion"),
        ({"specversion": "1.1"}, "unknown_code specversion"),
        ({"id": ""}, "wrong_length id"),
        ({"id": 7}, "wrong_type id"),
        ({"source": ""}, "wrong_length source"),
        ({"type": "nl.peersupport.incident.reported.v2"}, "unknown_type type"),
        ({"type": "naast.incident.amended.v1"}, "status_and_type data.status"),
        ({"time": "yesterday"}, "wrong_moment time"),
        ({"time": 1674087231}, "wrong_moment time"),
        ({"hospitalid": "st-bea"}, "wrong_hospital hospitalid"),
        ({"datacontenttype": "text/xml"}, "wrong_form datacontenttype"),
        ({"data": []}, "wrong_type data"),
        ({"data": None, "data_base64": "e30="}, "wrong_type data"),
        ({"traceparent": "00-0", "time": "2026-06-02T08:15:00Z"}, "taken"),
        ({"type": "naast.incident.reported.v1"}, "taken"),
    ],
)
def test_the_envelope_is_read_strictly(change: dict[str, object], refusal: str) -> None:
    assert reasons(structured(event(**change))) == [refusal]


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "hospitalid", "data"])
def test_an_envelope_without_a_required_attribute_is_refused(name: str) -> None:
    assert reasons(structured({key: value for key, value in event().items() if key != name})) == [f"missing {name}"]


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ("hospital_id", "st-bea", "wrong_hospital hospital_id"),
        ("narrative", MARKER, "unknown_field *"),
        (MARKER, 1, "unknown_field *"),
        ("staff.0.name", MARKER, "unknown_field staff.0.*"),
        ("staff.0.ref", "Jan Jansen", "wrong_form staff.0.ref"),
        ("staff.0.ref", "j.jansen@example.org", "wrong_form staff.0.ref"),
        ("staff.0.role", "patient", "unknown_code staff.0.role"),
        ("occurred_at", None, "wrong_type occurred_at"),
        ("occurred_at.value", "2026-06-01T23:30:00", "wrong_moment occurred_at.value"),
        ("occurred_at.value", "01-06-2026 23:30", "wrong_moment occurred_at"),
        ("occurred_at.value", "2026-02-30T10:00:00Z", "wrong_moment occurred_at.value"),
        ("occurred_at.value", 1674087231, "wrong_moment occurred_at.value"),
        ("occurred_at.value", None, "value_and_precision occurred_at"),
        ("occurred_at.precision", "unknown", "value_and_precision occurred_at"),
        ("occurred_at.value", "2026-06-03T09:00:01Z", "in_the_future occurred_at.value"),
        ("reported_at", "2026-06-03T09:00:01Z", "in_the_future reported_at"),
        ("kind", "near-miss", "unknown_code kind"),
        ("event_types", [], "wrong_length event_types"),
        ("event_types", "fall", "wrong_type event_types"),
        ("harm", "catastrophic", "unknown_code harm"),
        ("anonymous", "no", "wrong_type anonymous"),
        ("language", "Nederlands", "wrong_form language"),
        ("source.report_id", "", "wrong_length source.report_id"),
        ("source.report_id", "a\nb", "wrong_form source.report_id"),
        ("source.report_id", 42, "wrong_type source.report_id"),
    ],
)
def test_a_report_is_read_strictly(path: str, value: object, refusal: str) -> None:
    assert reasons(file(body(changed(path, value)))) == [refusal]


def test_a_day_ahead_is_a_clock_that_is_off_and_reported_before_it_happened_is_accepted() -> None:
    assert reasons(file(body(changed("occurred_at.value", "2026-06-03T09:00:00Z")))) == ["taken"]


def test_an_unknown_event_type_is_other_and_none_counts_twice() -> None:
    [found] = file(body(changed("event_types", ["explosion", "fall", "flood", "fall"])))
    assert isinstance(found, Report)
    assert found.event_types == ("other", "fall")


def test_a_placeholder_date_is_an_unknown_date() -> None:
    [found] = file(body(changed("occurred_at.value", "1900-01-01T00:00:00Z")))
    assert isinstance(found, Report)
    assert (found.occurred_at.value, found.occurred_at.precision) == (None, "unknown")


def test_a_report_that_does_not_say_when_it_was_made_was_made_when_it_came() -> None:
    [found] = file(body({name: value for name, value in REPORT.items() if name != "reported_at"}))
    assert found == GOOD.model_copy(update={"reported_at": NOW, "reported_at_assumed": True})


def test_an_anonymous_report_names_nobody() -> None:
    assert file(body(changed("anonymous", True))) == [GOOD.model_copy(update={"anonymous": True, "staff": ()})]


def test_an_empty_department_is_no_department() -> None:
    assert file(body(changed("department", " \u00a0"))) == [GOOD.model_copy(update={"department": None})]
