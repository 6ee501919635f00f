"""Where each field of a FHIR AdverseEvent has its place in a report, and that nothing else passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake.doors.feeds.canonical import Reject, Report
from services.intake.doors.feeds.report import Occurred, Person, Source
from tests.decisions.fhir_words import EVENT, GOOD, MARKER, NOW, extension, one, taken

HL7 = "http://terminology.hl7.org/CodeSystem/"


def report(**changes: object) -> Report:
    found = one(**changes)
    assert isinstance(found, Report), found
    return found


def concept(code: str, system: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system or HL7 + "adverse-event-severity", "code": code}]}


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


@example({"meta": {"versionId": None}})
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
