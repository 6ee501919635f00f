"""A FHIR R4 AdverseEvent becomes a report by an allow-list; other versions and doubtful resources are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.doors.feeds.canonical import Reject, Report
from services.intake.doors.feeds.report import Occurred, Person, Source
from tests.decisions.fhir_words import EVENT, GOOD, MARKER, NOW, extension, one, read_any, taken

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"


def refusal(**changes: object) -> str:
    found = one(**changes)
    assert isinstance(found, Reject), found
    return f"{found.reason} {found.path}".strip()


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
