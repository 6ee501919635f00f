"""A FHIR R4 AdverseEvent becomes a report by an allow-list; other versions and doubtful resources are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.canonical import Placed, Reject, Report
from services.intake.doors.feeds.report import Occurred, Person, Source

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
MARKER = "Mevrouw-Jansen-viel"
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
HL7 = "http://terminology.hl7.org/CodeSystem/"

EVENT: dict[str, Any] = {
    "resourceType": "AdverseEvent",
    "id": "vim-42",
    "identifier": {"system": "urn:vim", "value": "42"},
    "actuality": "actual",
    "event": {"coding": [{"system": "urn:naast:event-type", "code": "fall"}]},
    "subject": {"reference": "Patient/1"},
    "date": "2026-06-01T23:30:00+02:00",
    "recordedDate": "2026-06-02T08:15:00Z",
    "location": {"reference": "Location/IC"},
    "recorder": {"reference": "Practitioner/100234"},
}
GOOD = Report(
    hospital_id="st-anna",
    source=Source(system="urn:vim", report_id="42", mapping="fhir-r4@1"),
    occurred_at=Occurred.model_validate({"value": "2026-06-01T23:30:00+02:00", "precision": "minute"}),
    reported_at="2026-06-02T08:15:00Z",  # type: ignore[arg-type]
    status="new",
    kind="actual",
    event_types=["fall"],  # type: ignore[arg-type]
    harm="unknown",
    calamity="unknown",
    department="IC",
    staff=(Person(ref="100234", role="reporter"),),
    support_wish="default",
)


def read_any(raw: bytes, content_type: str, hospital: str, received_at: datetime) -> list[Report | Reject]:
    found = canonical.read_any(raw, content_type, hospital, received_at)
    return [one.report if isinstance(one, Placed) else one for one in found]


def taken(resource: object, content_type: str = "application/fhir+json") -> list[Report | Reject]:
    return read_any(json.dumps(resource).encode(), content_type, "st-anna", NOW)


def one(**changes: object) -> Report | Reject:
    """What the event gives with these fields changed; None leaves a field out."""
    changed = {name: value for name, value in (EVENT | changes).items() if value is not None}
    [found] = taken(changed)
    return found


def report(**changes: object) -> Report:
    found = one(**changes)
    assert isinstance(found, Report), found
    return found


def refusal(**changes: object) -> str:
    found = one(**changes)
    assert isinstance(found, Reject), found
    return f"{found.reason} {found.path}".strip()


def concept(code: str, system: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system or HL7 + "adverse-event-severity", "code": code}]}


def extension(name: str, code: str) -> list[dict[str, str]]:
    return [{"url": f"urn:naast:{name}", "valueCode": code}]


def sample(path: str) -> Report | Reject:
    file = SAMPLES / path
    if not file.exists():
        pytest.skip("the samples are not on this machine")
    [found] = read_any(file.read_bytes(), "", "st-anna", NOW)
    return found


@pytest.mark.parametrize(
    ("path", "events", "harm"),
    [
        ("fhir-r4/AdverseEvent-example.json", ("medication",), "low"),
        ("fhir-r4b/adverseevent-example.no-narrative.json", ("medication",), "low"),
        ("fhir-r4/QICore-AdverseEvent-example.json", ("other",), "unknown"),
    ],
)
def test_the_published_examples_of_r4_are_taken(path: str, events: tuple[str, ...], harm: str) -> None:
    assert sample(path) == GOOD.model_copy(
        update={
            "source": Source(system="http://acme.com/ids/patients/risks", report_id="49476534", mapping="fhir-r4@1"),
            "occurred_at": Occurred.model_validate({"value": "2017-01-29T12:34:56Z", "precision": "minute"}),
            "reported_at": NOW,
            "reported_at_assumed": True,
            "event_types": events,
            "harm": harm,
            "department": None,
            "staff": (Person(ref="example", role="reporter"),),
        }
    )


def test_the_published_example_of_stu3_is_refused() -> None:
    found = sample("fhir-stu3/AdverseEvent-example.json")
    assert isinstance(found, Reject)
    assert (found.reason, found.path) == ("fhir_version_stu3", "")


def test_a_resource_becomes_a_report() -> None:
    assert one() == GOOD


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "completed", "code": {}, "event": None, "date": None}, "fhir_version_r5"),
        ({"status": "entered-in-error", "event": None}, "fhir_version_r5"),
        ({"event": None, "identifier": [{"value": "42"}]}, "fhir_version_r5"),
        ({"event": None, "category": "AE", "description": MARKER}, "fhir_version_stu3"),
        ({"description": MARKER}, "fhir_version_ambiguous"),
        ({"status": "completed"}, "fhir_version_ambiguous"),
        ({"event": None, "date": None}, "fhir_version_ambiguous"),
    ],
)
def test_another_version_is_told_by_what_only_it_has(changes: dict[str, object], reason: str) -> None:
    assert refusal(**changes) == reason


@pytest.mark.parametrize(
    ("said", "answer"),
    [("4.0", "taken"), ("4.3", "taken"), ("5.0", "fhir_version_ambiguous"), ("6.0", "fhir_version_ambiguous")],
)
def test_the_version_of_the_media_type_must_agree_with_the_content(said: str, answer: str) -> None:
    [found] = taken(EVENT, f'application/fhir+json; charset=utf-8; fhirVersion="{said}"')
    assert answer == (found.reason if isinstance(found, Reject) else "taken")


@pytest.mark.parametrize(
    ("said", "answer"),
    [("", "fhir_version_ambiguous"), ("; fhirVersion=4.0", "unknown"), ("; fhirVersion=5.0", "fhir_version_r5")],
)
def test_the_media_type_settles_what_the_content_leaves_open(said: str, answer: str) -> None:
    bare = {name: value for name, value in EVENT.items() if name not in ("event", "date")}
    [found] = taken(bare, f"application/fhir+json{said}")
    assert answer == (found.reason if isinstance(found, Reject) else found.occurred_at.precision)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"resourceType": None}, "fhir_no_adverse_event resourceType"),
        ({"resourceType": "Patient"}, "fhir_no_adverse_event resourceType"),
        ({"id": "x" * 65}, "fhir_id id"),
        ({"id": "a b"}, "fhir_id id"),
        ({"actuality": "near-miss"}, "fhir_actuality actuality"),
        ({"actuality": None}, "fhir_actuality actuality"),
        ({"date": 1674087231}, "fhir_wrong_shape date"),
        ({"recorder": '{"reference": "Practitioner/1"}'}, "fhir_wrong_shape recorder"),
        ({"contributor": {"reference": "Practitioner/1"}}, "fhir_wrong_shape contributor"),
        ({"date": "01-06-2026"}, "fhir_invalid date"),
        ({"date": "2026-06-01T23:30:00"}, "fhir_invalid date"),
        ({"date": "2026-06-01T23:30+02:00"}, "fhir_invalid date"),
        ({"subject": None}, "fhir_invalid subject"),
        ({"date": "2026-06-31"}, "fhir_invalid date"),
        ({"date": "2026-06-04"}, "in_the_future occurred_at.value"),
        ({"id": None, "identifier": None}, "missing source.report_id"),
        ({"implicitRules": "urn:x"}, "fhir_implicit_rules implicitRules"),
        ({"modifierExtension": [{"url": "urn:x", "valueCode": "x"}]}, "fhir_modifier_extension modifierExtension"),
        ({"recorder": {"reference": "Practitioner/" + "9" * 65}}, "wrong_form staff.0.ref"),
        ({"recorder": {"reference": "Practitioner/Jan Jansen"}}, "wrong_form staff.0.ref"),
        ({"extension": extension("calamity", "perhaps")}, "unknown_code calamity"),
        ({"extension": [{"url": "urn:naast:support-wish", "valueString": "requested"}]}, "unknown_code support_wish"),
        ({"extension": extension("status", "gone")}, "unknown_code status"),
    ],
)
def test_what_the_library_lets_through_is_caught(changes: dict[str, object], reason: str) -> None:
    assert refusal(**changes) == reason


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"actuality": "potential"}, {"kind": "near_miss"}),
        ({"severity": concept("mild")}, {"harm": "low"}),
        ({"severity": concept("moderate"), "seriousness": concept("Non-serious")}, {"harm": "moderate"}),
        ({"severity": concept("mild"), "seriousness": concept("SeriousIsLifeThreatening")}, {"harm": "severe"}),
        ({"severity": concept("severe"), "outcome": concept("fatal")}, {"harm": "death"}),
        ({"seriousness": concept("SeriousResultsInDeath")}, {"harm": "death"}),
        ({"outcome": concept("resolved")}, {"harm": "unknown"}),
        ({"meta": {"versionId": "1"}}, {"source": GOOD.source.model_copy(update={"revision": "1"})}),
        (
            {"meta": {"versionId": "3"}},
            {"source": GOOD.source.model_copy(update={"revision": "3"}), "status": "amended"},
        ),
        ({"extension": extension("status", "entered-in-error")}, {"status": "withdrawn"}),
        ({"modifierExtension": extension("status", "withdrawn")}, {"status": "withdrawn"}),
        ({"status": "entered-in-error"}, {"status": "withdrawn"}),
        ({"extension": extension("calamity", "possible")}, {"calamity": "possible"}),
        ({"extension": extension("support-wish", "declined")}, {"support_wish": "declined"}),
        ({"location": {"reference": "https://ehr.example.org/fhir/Location/IC/_history/2"}}, {"department": "IC"}),
        ({"location": {"display": MARKER}}, {"department": None}),
        ({"language": "nl-NL"}, {"language": "nl-NL"}),
        ({"identifier": {"value": "42"}}, {"source": GOOD.source.model_copy(update={"system": "urn:naast:fhir"})}),
        (
            {"identifier": {"system": "urn:vim"}},
            {"source": GOOD.source.model_copy(update={"system": "urn:naast:fhir", "report_id": "vim-42"})},
        ),
        ({"severity": {}, "category": []}, {}),
    ],
)
def test_each_field_has_its_place(changes: dict[str, object], expected: dict[str, object]) -> None:
    assert report(**changes) == GOOD.model_copy(update=expected)


@pytest.mark.parametrize(
    ("coding", "events"),
    [
        ([("urn:naast:event-type", "aggression")], ("aggression",)),
        ([(HL7 + "adverse-event-category", "wrong-dose"), ("urn:naast:event-type", "fall")], ("medication", "fall")),
        ([(HL7 + "adverse-event-category", "product-problem")], ("equipment",)),
        ([("http://snomed.info/sct", "304386008"), ("urn:other", "aggression")], ("other",)),
    ],
)
def test_events_are_told_by_known_codes_of_known_systems(
    coding: list[tuple[str, str]], events: tuple[str, ...]
) -> None:
    event = {"coding": [{"system": system, "code": code} for system, code in coding]}
    assert report(event=event).event_types == events


@pytest.mark.parametrize(
    ("date", "value", "precision"),
    [
        ("2026-06-01T23:30:00.5+02:00", "2026-06-01T21:30:00.5Z", "minute"),
        ("2026-06-01", "2026-06-01T00:00:00Z", "day"),
        ("2026-05", "2026-05-01T00:00:00Z", "month"),
        ("2026", "2026-01-01T00:00:00Z", "approximate"),
        ("1900-01-01", None, "unknown"),
    ],
)
def test_a_partial_date_keeps_its_precision(date: str, value: str | None, precision: str) -> None:
    assert report(date=date).occurred_at == Occurred.model_validate({"value": value, "precision": precision})


def test_when_it_was_detected_stands_in_for_when_it_happened() -> None:
    assert report(date=None, detected="2026-06-01T23:30:00+02:00") == GOOD


@pytest.mark.parametrize(
    ("changes", "at", "assumed"),
    [
        ({"recordedDate": "2026-06-01"}, "2026-06-01T00:00:00+00:00", False),
        (
            {"recordedDate": "2026-06", "meta": {"lastUpdated": "2026-06-02T08:20:00Z"}},
            "2026-06-02T08:20:00+00:00",
            False,
        ),
        ({"recordedDate": None}, NOW.isoformat(), True),
    ],
)
def test_a_report_was_made_when_it_says_so_else_when_it_came(
    changes: dict[str, object], at: str, assumed: bool
) -> None:
    found = report(**changes)
    assert (found.reported_at.isoformat(), found.reported_at_assumed) == (at, assumed)


def test_staff_are_practitioners_in_any_part_each_once() -> None:
    found = report(
        recorder={"reference": "PractitionerRole/r1"},
        contributor=[
            {"reference": "https://ehr.example.org/fhir/Practitioner/c1"},
            {"reference": "Practitioner/c1", "display": MARKER},
            {"reference": "Device/d1"},
            {"reference": "urn:uuid:0b1d"},
            {"reference": "#contained"},
            {"display": MARKER},
        ],
        subject={"reference": "Practitioner/s1"},
    )
    assert found.staff == (
        Person(ref="r1", role="reporter"),
        Person(ref="c1", role="involved"),
        Person(ref="s1", role="victim"),
    )


def test_a_bundle_gives_its_adverse_events_and_leaves_the_rest_alone() -> None:
    nameless = {name: value for name, value in EVENT.items() if name != "identifier"}
    entries = [
        {"resource": {"resourceType": "SubscriptionStatus", "type": "event-notification"}},
        {"fullUrl": "https://ehr.example.org/fhir/AdverseEvent/vim-42", "resource": nameless},
        {"resource": {"resourceType": "Patient", "name": [{"family": MARKER}]}},
        {"request": {"method": "DELETE"}},
        {"resource": EVENT | {"actuality": "perhaps"}},
        {"resource": EVENT},
    ]
    found = taken({"resourceType": "Bundle", "type": "history", "entry": entries})
    source = Source(system="https://ehr.example.org/fhir", report_id="vim-42", mapping="fhir-r4@1")
    assert [one if isinstance(one, Report) else (one.reason, one.path) for one in found] == [
        GOOD.model_copy(update={"source": source}),
        ("fhir_no_resource", "entry.3.resource"),
        ("fhir_actuality", "entry.4.resource.actuality"),
        GOOD,
    ]


def test_a_handshake_makes_no_report() -> None:
    handshake = {"resource": {"resourceType": "SubscriptionStatus", "type": "handshake"}}
    assert taken({"resourceType": "Bundle", "type": "subscription-notification", "entry": [handshake]}) == []


NARRATIVES = [
    {"text": {"status": "generated", "div": MARKER}},
    {"event": {"coding": EVENT["event"]["coding"], "text": MARKER}},
    {"event": {"coding": [EVENT["event"]["coding"][0] | {"display": MARKER}]}},
    {"contained": [{"resourceType": "Patient", "id": "p", "name": [{"family": MARKER}]}]},
    {"subject": {"reference": f"Patient/{MARKER}", "display": MARKER}},
    {"recorder": EVENT["recorder"] | {"display": MARKER}},
    {"location": EVENT["location"] | {"display": MARKER, "identifier": {"value": MARKER}}},
    {"identifier": EVENT["identifier"] | {"assigner": {"display": MARKER}, "type": {"text": MARKER}}},
    {"extension": [{"url": f"urn:{MARKER}", "valueString": MARKER}]},
    {"suspectEntity": [{"instance": {"display": MARKER}}]},
    {"resultingCondition": [{"display": MARKER}], "subjectMedicalHistory": [{"display": MARKER}]},
    {"severity": {"coding": [{"code": MARKER, "system": MARKER}]}},
    {MARKER: MARKER},
]


@pytest.mark.parametrize("planted", NARRATIVES)
def test_no_narrative_name_or_patient_passes(planted: dict[str, object]) -> None:
    found = one(**planted)
    assert isinstance(found, Report)
    assert MARKER not in repr(found)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(MARKER)
names = st.text(max_size=5) | st.sampled_from(["coding", "code", "reference", "url", "valueCode", "value", "versionId"])
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
fields = st.sampled_from([*EVENT, "meta", "extension", "category", "severity", "contributor", "detected", "contained"])


@settings(max_examples=400)
@given(st.dictionaries(fields, values, max_size=5))
def test_any_resource_gets_an_answer(changes: dict[str, object]) -> None:
    found = one(**({"resourceType": "AdverseEvent"} | changes))
    assert isinstance(found, Report | Reject)


@given(fields, names, values)
def test_a_refusal_never_repeats_what_it_refuses(field: str, name: str, value: object) -> None:
    for planted in (MARKER, [MARKER], {name: MARKER}, [{name: [MARKER, value]}]):
        found = one(**{field: planted})
        assert isinstance(found, Report) or MARKER not in repr(found)
