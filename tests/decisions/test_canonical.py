"""Whatever a feed sends, intake answers with reports and refusals; a refusal says why and repeats nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.canonical import BATCH, STRUCTURED, Placed, Reject, Report, report_key, version_key

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
MARKER = "Mevrouw-Jansen-viel"

REPORT: Mapping[str, Any] = {
    "hospital_id": "st-anna",
    "source": {"system": "triasweb", "report_id": "2026-0042", "revision": "1", "mapping": "vim-csv@1"},
    "occurred_at": {"value": "2026-06-01T23:30:00+02:00", "precision": "minute"},
    "reported_at": "2026-06-02T08:15:00Z",
    "status": "new",
    "kind": "actual",
    "event_types": ["medication"],
    "harm": "low",
    "risk": {"scheme": "sac", "code": "2"},
    "calamity": "no",
    "department": " 310",
    "staff": [{"ref": "100234", "role": "involved", "profession": "nurse"}],
    "support_wish": "default",
    "anonymous": False,
    "language": "nl",
}
ENVELOPE: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "abc",
    "source": "urn:peersupport:st-anna:vim",
    "type": "nl.peersupport.incident.reported.v1",
    "hospitalid": "st-anna",
    "time": "2026-06-02T08:15:00Z",
}
GOOD = Report.model_validate(REPORT)


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def event(data: object = REPORT, **changes: object) -> dict[str, object]:
    return dict(ENVELOPE) | {"data": data} | changes


def changed(path: str, value: object) -> dict[str, Any]:
    """The report with one field, such as `source.mapping`, given another value."""
    copy: dict[str, Any] = json.loads(json.dumps(REPORT))
    *way, last = path.split(".")
    place: Any = copy
    for step in way:
        place = place[int(step)] if step.isdecimal() else place[step]
    place[last] = value
    return copy


def read(*given: Any) -> list[Report | Reject]:
    return [one.report if isinstance(one, Placed) else one for one in canonical.read(*given)]


def read_any(*given: Any, **more: Any) -> list[Report | Reject]:
    return [one.report if isinstance(one, Placed) else one for one in canonical.read_any(*given, **more)]


def structured(value: object) -> list[Report | Reject]:
    return read(body(value), {"Content-Type": STRUCTURED + "; charset=utf-8"}, "st-anna", NOW)


def file(raw: bytes, content_type: str = "") -> list[Report | Reject]:
    return read_any(raw, content_type, "st-anna", NOW)


def reasons(found: list[Report | Reject]) -> list[str]:
    return [f"{one.reason} {one.path}".strip() if isinstance(one, Reject) else "taken" for one in found]


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
