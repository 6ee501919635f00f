"""One report in the forms in which it is sent: an FHIR R4 AdverseEvent, or a canonical CloudEvent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def fhir(report: dict[str, Any], sent: datetime) -> dict[str, Any]:
    """As an FHIR R4 AdverseEvent; harm as outcome or severity, the reporter first among the people."""
    made: dict[str, Any] = {
        "resourceType": "AdverseEvent",
        "id": f"ae-{report['id']}",
        "meta": {"versionId": str(report["revision"]), "lastUpdated": iso(sent)},
        "identifier": {"system": "urn:vim", "value": report["id"]},
        "actuality": "potential" if report["kind"] == "near_miss" else "actual",
        "event": {"coding": [{"system": "urn:naast:event-type", "code": report["event"]}]},
        "subject": {"reference": "Group/patients"},
        "date": iso(report["occurred"]),
        "recordedDate": iso(report["reported"]),
        "extension": [
            {"url": "urn:naast:calamity", "valueCode": report["calamity"]},
            {"url": "urn:naast:support-wish", "valueCode": report["wish"]},
        ],
    }
    if report["status"] != "new":
        made["extension"].append({"url": "urn:naast:status", "valueCode": report["status"]})
    if report["harm"] == "death":
        made["outcome"] = {"coding": [{"code": "fatal"}]}
    elif report["harm"] in ("low", "moderate", "severe"):
        made["severity"] = {"coding": [{"code": {"low": "mild"}.get(report["harm"], report["harm"])}]}
    if report["department"]:
        made["location"] = {"reference": f"Location/{report['department']}"}
    if report["people"]:
        made["recorder"] = {"reference": f"Practitioner/{report['people'][0]}"}
        made["contributor"] = [{"reference": f"Practitioner/{person}"} for person in report["people"][1:]]
    return {key: value for key, value in made.items() if value != []}


def event(hospital: str, report: dict[str, Any], sent: datetime) -> dict[str, Any]:
    """As a canonical CloudEvent."""
    word = {"new": "reported"}.get(report["status"], report["status"])
    staff = [{"ref": person, "role": "involved" if n else "reporter"} for n, person in enumerate(report["people"])]
    return {
        "specversion": "1.0",
        "id": f"{hospital}-{report['id']}-{report['revision']}",
        "source": f"urn:naast:{hospital}:vim",
        "type": f"nl.peersupport.incident.{word}.v1",
        "time": iso(sent),
        "hospitalid": hospital,
        "data": {
            "hospital_id": hospital,
            "source": {
                "system": "vim",
                "report_id": report["id"],
                "revision": str(report["revision"]),
                "mapping": "vim@1",
            },
            "occurred_at": {"value": iso(report["occurred"]), "precision": "minute"},
            "reported_at": iso(report["reported"]),
            "status": report["status"],
            "kind": report["kind"],
            "event_types": [report["event"]],
            "harm": report["harm"],
            "calamity": report["calamity"],
            "department": report["department"],
            "staff": staff,
            "support_wish": report["wish"],
            "anonymous": False,
            "language": "nl",
        },
    }


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
