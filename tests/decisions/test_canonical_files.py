"""Files of reports in any form; and whatever comes gets an answer that repeats nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.doors.feeds.canonical import BATCH, STRUCTURED, Reject, Report, report_key, version_key
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
    read_any,
    reasons,
    structured,
)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", "not_json"),
        (b"\xef\xbb\xbf{}", "byte_order_mark"),
        ("{}".encode("utf-16"), "not_utf8"),
        (b"{", "not_json"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": Infinity}', "not_a_number"),
        (b'{"a": 1e999}', "not_a_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_a_number"),
        (b'{"\\ud800": 1}', "unusable_character"),
        (b'{"a": "\\u0000"}', "unusable_character"),
        (b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}", "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a": "' + b"x" * 262_144 + b'"}', "too_large"),
        (b" " * 8_388_609, "too_large"),
        (b"[" + b"0," * 10_000 + b"0]", "too_many"),
        (b"7", "wrong_type"),
        (b"null", "wrong_type"),
        (b'{"a": ' + b"[" * 31 + b"]" * 31 + b"}", "missing hospital_id"),
    ],
    ids=str,
)
def test_json_that_cannot_be_trusted_is_refused_with_a_reason(raw: bytes, refusal: str) -> None:
    reason, _, path = refusal.partition(" ")
    assert file(raw) == [Reject(reason, path, digest(raw))]


def test_a_file_may_be_one_report_an_array_or_a_line_for_each() -> None:
    one, ours = body(REPORT), body(event(type="naast.incident.reported.v1"))
    assert file(one) == file(ours) == [GOOD]
    assert file(b"[" + one + b"," + ours + b"]", "application/json") == [GOOD, GOOD]
    assert file(one + b"\r\n\n" + ours + b"\n") == [GOOD, GOOD]
    assert file(json.dumps(REPORT, indent=2).encode()) == [GOOD]


def test_a_bad_line_harms_only_itself() -> None:
    found = file(b"nonsense\n" + body(REPORT) + b"\n" + body(REPORT), "application/x-ndjson")
    assert found == file(b"nonsense\n" + body(REPORT) + b"\n" + body(REPORT))
    assert found == [Reject("not_json", "1", digest(b"nonsense")), GOOD, GOOD]


def test_a_broken_file_of_many_lines_is_one_refusal() -> None:
    assert reasons(file(json.dumps(REPORT, indent=2).encode()[:-2])) == ["not_json"]


def test_what_is_no_json_by_its_own_word_is_not_opened() -> None:
    assert reasons(file(body(REPORT), "application/fhir+xml")) == ["unknown_content_type"]
    assert reasons(read(body(REPORT), {}, "st-anna", NOW)) == ["unknown_content_type"]
    assert reasons(read(body(event()), {"content-type": BATCH}, "st-anna", NOW)) == ["no_batch"]


def test_the_keys_tell_reports_and_their_versions_apart() -> None:
    def keys(**changes: object) -> tuple[str, str]:
        report = Report.model_validate(dict(REPORT) | changes)
        return report_key("st-anna", report), version_key("st-anna", report)

    source = dict(REPORT["source"])
    first = keys()
    assert first == keys(harm="severe", reported_at="2026-06-02T08:20:00Z")
    assert keys(source=source | {"revision": "2"})[0] == first[0]
    assert keys(source=source | {"revision": "2"})[1] != first[1]
    assert keys(status="withdrawn")[1] != first[1]
    assert keys(source=source | {"report_id": "2026-0043"})[0] != first[0]
    assert report_key("st-bea", GOOD) != first[0]


def test_without_a_revision_the_content_is_the_version() -> None:
    plain = GOOD.model_copy(update={"source": GOOD.source.model_copy(update={"revision": None})})
    later = plain.model_copy(
        update={"reported_at": NOW, "source": plain.source.model_copy(update={"mapping": "vim-csv@2"})}
    )
    assert version_key("st-anna", plain) == version_key("st-anna", later)
    assert version_key("st-anna", plain) != version_key("st-anna", plain.model_copy(update={"harm": "severe"}))


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["new", "fall", "1.0"])

values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))

media = st.sampled_from(
    ["", STRUCTURED, BATCH, "application/json", "application/x-ndjson", "application/fhir+json", "x/y"]
)

fields = st.sampled_from(
    [*REPORT, *ENVELOPE, "data", "resourceType", "entry", "identifier", "subject", "date", "event"]
)


def is_answer(found: list[Report | Reject]) -> bool:
    """Whoever sends something hears of it."""
    return bool(found) and all(isinstance(one, Report | Reject) for one in found)


def holds_something(raw: bytes) -> bool:
    """Not the list without anything in it, whose answer is as short."""
    return b"".join(raw.split()) not in (b"", b"[]")


@given(
    st.binary(max_size=300).filter(holds_something),
    media,
    st.dictionaries(st.text(), st.text() | st.binary() | st.integers(), max_size=4),
)
def test_arbitrary_bytes_never_raise(raw: bytes, content_type: str, headers: dict[str, object]) -> None:
    assert is_answer(file(raw, content_type))
    assert is_answer(read(raw, headers | {"content-type": content_type}, "st-anna", NOW))
    assert is_answer(read(raw, headers | {f"ce-{name}": value for name, value in ENVELOPE.items()}, "st-anna", NOW))


@settings(max_examples=300)
@given(st.dictionaries(fields, values, max_size=8), st.booleans(), media)
def test_any_json_gets_an_answer(part: dict[str, object], enveloped: bool, content_type: str) -> None:
    value = event(dict(REPORT) | part) if enveloped else dict(REPORT) | part
    assert is_answer(file(body(value), content_type))
    assert is_answer(file(body([part, value])))


@given(st.sampled_from(["", "source", "occurred_at", "risk", "staff.0"]), values, st.booleans())
def test_what_the_report_does_not_know_is_never_repeated(place: str, value: object, as_name: bool) -> None:
    name, planted = (MARKER, value) if as_name else ("omschrijving", [MARKER, value])
    found = structured(event(changed(f"{place}.{name}".lstrip("."), planted)))
    assert [type(one) for one in found] == [Reject]
    assert MARKER not in repr(found)


@given(st.sampled_from(["subject", "dataschema", "traceparent", "melder", MARKER]))
def test_what_the_envelope_says_besides_is_never_repeated(name: str) -> None:
    found = structured(event(**{name: MARKER}))
    assert found == [GOOD]
    assert MARKER not in repr(found)


def test_dates_without_a_time_belong_to_the_zone_of_the_hospital() -> None:
    resource = {
        "resourceType": "AdverseEvent",
        "identifier": {"value": "7"},
        "actuality": "actual",
        "subject": {"reference": "Patient/1"},
        "date": "2026-06-01",
    }
    [found] = read_any(body(resource), "", "st-anna", NOW, zone=ZoneInfo("Europe/Amsterdam"))
    assert isinstance(found, Report)
    assert found.occurred_at.value == datetime(2026, 6, 1, tzinfo=UTC) - timedelta(hours=2)
