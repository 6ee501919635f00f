"""FHIR R4 and R4B `AdverseEvent` as a canonical report: an allow-list, so that no narrative, name or patient passes.

Before the library sees a resource it is shorn of everything that the mapping does not use. The library then checks
forms and dates; codes, ids and missing fields, which it lets through, are checked here. Other versions of FHIR are
refused.

| report | AdverseEvent |
|---|---|
| source | identifier.system and .value, else the server's address and the id; revision = meta.versionId |
| occurred_at, reported_at | date, else detected; recordedDate, else meta.lastUpdated, else the receipt |
| kind, harm | actuality; the worst of outcome, seriousness and severity |
| event_types | codings of category and event: HL7's adverse-event-category, or ours as `urn:naast:event-type` |
| staff | recorder (reporter), contributor (involved), a practitioner as subject (victim): the id of the reference |
| department | the id of the location's reference |
| calamity, support_wish, status | the valueCode of `urn:naast:calamity`, `urn:naast:support-wish`, `urn:naast:status` |

These three are extensions of ours, with the codes of the report; a status may also be `entered-in-error`. Without them
the calamity is unknown, the wish the default, and the status follows from meta.versionId.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from pydantic import ValidationError

from services.intake.doors.feeds.fhir_codes import EVENT_OF, HARM_OF, HARMS, KIND_OF, STATUS_OF
from services.intake.doors.feeds.receipt import Placed, Receipt, Reject, take
from services.intake.doors.feeds.strict_json import MAX_ITEMS, flaw

MAPPING = "fhir-r4@1"
NO_SYSTEM = "urn:naast:fhir"

_FIELDS: Mapping[str, type] = {
    "resourceType": str,
    "id": str,
    "meta": dict,
    "implicitRules": str,
    "language": str,
    "extension": list,
    "modifierExtension": list,
    "identifier": dict,
    "actuality": str,
    "category": list,
    "event": dict,
    "subject": dict,
    "date": str,
    "detected": str,
    "recordedDate": str,
    "location": dict,
    "seriousness": dict,
    "severity": dict,
    "outcome": dict,
    "recorder": dict,
    "contributor": list,
}
_PARTS = frozenset(
    {"system", "value", "versionId", "lastUpdated", "coding", "code", "reference", "type", "url", "valueCode"}
)

_ONLY_IN = {
    "r5": {"code", "occurrenceDateTime", "occurrencePeriod", "participant", "contributingFactor", "resultingEffect"},
    "r4": {"event", "severity", "contributor"},
    "stu3": {"type", "description", "reaction"},
}
_VERSIONS = {"4.0": "r4", "4.3": "r4", "5.0": "r5", "3.0": "stu3"}

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(r"(?:https?://[^#?]*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[^/#?]+)(?:/_history/[^/#?]+)?")
_PARTIAL = {4: ("-01-01", "approximate"), 7: ("-01", "month"), 10: ("", "day")}


def take_bundle(bundle: Mapping[str, Any], content_type: str, receipt: Receipt) -> list[Placed | Reject]:
    """The adverse events of a Bundle; what else travels with them is left alone. A handshake or heartbeat has none."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MAX_ITEMS:
        return [receipt.reject("fhir_wrong_shape", "entry")]
    found: list[Placed | Reject] = []
    for place, entry in enumerate(entries):
        own = receipt.at("entry", str(place))
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            found.append(own.reject("fhir_no_resource", "resource"))
        elif resource.get("resourceType") == "AdverseEvent":
            found.append(take_event(resource, content_type, own.at("resource"), entry.get("fullUrl")))
    return found


def take_event(
    resource: Mapping[str, Any], content_type: str, receipt: Receipt, full_url: object = None
) -> Placed | Reject:
    """The report of one resource, or why there is none."""
    reason = flaw(dict(resource))
    if reason:
        return receipt.reject(reason)
    if resource.get("resourceType") != "AdverseEvent":
        return receipt.reject("fhir_no_adverse_event", "resourceType")
    version = _version(resource, content_type)
    if version != "r4":
        return receipt.reject(f"fhir_version_{version}")
    given = {name: value for name, value in resource.items() if name in _FIELDS and value not in (None, [], {})}
    shorn = {name: _shorn(value) for name, value in given.items()}
    problem = _problem(shorn, receipt)
    if problem:
        return problem
    withdrawn = {"status": "withdrawn"} if resource.get("status") == "entered-in-error" else {}
    return take(_canonical(shorn, receipt, full_url) | withdrawn, receipt)


def _version(resource: Mapping[str, Any], content_type: str) -> str:
    """r4 (R4 and R4B), r5, stu3, or ambiguous: what the media type says, together with what only one version has."""
    found = {version for version, fields in _ONLY_IN.items() if fields & resource.keys()}
    if isinstance(resource.get("identifier"), list):
        found.add("r5")
    if isinstance(resource.get("category"), str):
        found.add("stu3")
    # R4 has no status; a withdrawal under the name that FHIR gives it elsewhere is understood all the same.
    if "status" in resource and not ("r4" in found and resource["status"] == "entered-in-error"):
        found.add("r5")
    if not found and "date" in resource:
        found.add("r4")
    said = re.search(r";\s*fhirVersion\s*=\s*\"?([0-9]+\.[0-9]+)", content_type, re.IGNORECASE)
    if said:
        found.add(_VERSIONS.get(said[1], "unknown"))
    return found.pop() if len(found) == 1 else "ambiguous"


def _shorn(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shorn(part) for name, part in value.items() if name in _PARTS}
    return [_shorn(part) for part in value] if isinstance(value, list) else value


def _problem(shorn: Mapping[str, Any], receipt: Receipt) -> Reject | None:
    for name, value in shorn.items():
        if not isinstance(value, _FIELDS[name]):
            return receipt.reject("fhir_wrong_shape", name)
    if not _ID.fullmatch(shorn.get("id", "none")):
        return receipt.reject("fhir_id", "id")
    if shorn.get("actuality") not in KIND_OF:
        return receipt.reject("fhir_actuality", "actuality")
    # FHIR: whoever does not know a modifier, or rules that are implied, must not use the resource.
    if "implicitRules" in shorn:
        return receipt.reject("fhir_implicit_rules", "implicitRules")
    if any(not str(item.get("url")).startswith("urn:naast:") for item in _tables(shorn, "modifierExtension")):
        return receipt.reject("fhir_modifier_extension", "modifierExtension")
    return _refused_by_the_library(shorn, receipt)


def _refused_by_the_library(shorn: Mapping[str, Any], receipt: Receipt) -> Reject | None:
    from fhir.resources.R4B.adverseevent import AdverseEvent

    try:
        AdverseEvent.model_validate(shorn)
    except ValidationError as error:
        loc = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        return receipt.reject("fhir_invalid", *(str(part) for part in loc[:1] if part in _FIELDS))
    except Exception:  # the library also raises KeyError and others, depending on what it meets
        return receipt.reject("fhir_invalid")
    return None


def _canonical(shorn: Mapping[str, Any], receipt: Receipt, full_url: object) -> dict[str, Any]:
    said = {item.get("url"): item.get("valueCode", "") for item in _tables(shorn, "extension", "modifierExtension")}
    version = shorn.get("meta", {}).get("versionId") or ""
    stated = said.get("urn:naast:status", "amended" if version.isdecimal() and int(version) > 1 else "new")
    harms = [HARM_OF.get(code, "unknown") for _, code in _codes(shorn, "outcome", "seriousness", "severity")]
    events = [EVENT_OF[coding] for coding in _codes(shorn, "category", "event") if coding in EVENT_OF]
    return {
        "hospital_id": receipt.hospital,
        "source": _source(shorn, full_url),
        "occurred_at": _occurred(shorn, receipt.zone),
        "status": STATUS_OF.get(stated, stated),
        "kind": KIND_OF[shorn["actuality"]],
        "event_types": events or ["other"],
        "harm": max(harms, key=HARMS.index, default="unknown"),
        "calamity": said.get("urn:naast:calamity", "unknown"),
        "department": _id_of(shorn.get("location", {}), "Location"),
        "staff": _staff(shorn),
        "support_wish": said.get("urn:naast:support-wish", "default"),
        "language": shorn.get("language"),
    } | _reported(shorn, receipt.zone)


def _source(shorn: Mapping[str, Any], full_url: object) -> dict[str, Any]:
    identifier = shorn.get("identifier", {})
    server = re.fullmatch(r"(https?://.+)/AdverseEvent/[^/]+", full_url) if isinstance(full_url, str) else None
    own = {"system": server[1] if server else NO_SYSTEM, "report_id": shorn.get("id")}
    given = {"system": identifier.get("system", own["system"]), "report_id": identifier.get("value")}
    source = (given if given["report_id"] else own) | {"revision": shorn.get("meta", {}).get("versionId")}
    return {name: value for name, value in source.items() if value is not None} | {"mapping": MAPPING}


def _occurred(shorn: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    text = shorn.get("date") or shorn.get("detected")
    value, precision = _moment(text, zone) if text else (None, "unknown")
    return {"value": value, "precision": precision}


def _reported(shorn: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    for text in (shorn.get("recordedDate"), shorn.get("meta", {}).get("lastUpdated")):
        if text and len(text) >= 10:  # a month or a year is too coarse to start a clock
            return {"reported_at": _moment(text, zone)[0]}
    return {}


def _moment(text: str, zone: tzinfo) -> tuple[str, str]:
    """A FHIR dateTime as an RFC 3339 text and its precision; a part of a date is its first moment in this zone."""
    rest, precision = _PARTIAL.get(len(text), ("", "minute"))
    if precision == "minute":
        return text, precision
    try:
        first = datetime.combine(date.fromisoformat(text + rest), time(), zone)
        return first.astimezone(UTC).isoformat(), precision
    except (ValueError, OverflowError):
        return text, precision  # which the report will refuse


def _staff(shorn: Mapping[str, Any]) -> list[dict[str, str]]:
    named = [("recorder", "reporter"), ("contributor", "involved"), ("subject", "victim")]
    found = [
        (_id_of(reference, "Practitioner", "PractitionerRole"), role)
        for field, role in named
        for reference in _tables(shorn, field)
    ]
    return [{"ref": ref, "role": role} for ref, role in dict.fromkeys(found) if ref]


def _id_of(reference: Mapping[str, Any], *types: str) -> str | None:
    found = _REFERENCE.fullmatch(str(reference.get("reference")))
    return found["id"] if found and found["type"] in types else None


def _codes(shorn: Mapping[str, Any], *fields: str) -> Iterator[tuple[str, str]]:
    for concept in _tables(shorn, *fields):
        for coding in _tables(concept, "coding"):
            yield str(coding.get("system")), str(coding.get("code"))


def _tables(table: Mapping[str, Any], *fields: str) -> Iterator[Mapping[str, Any]]:
    """The objects under these fields, whether one or many."""
    for field in fields:
        value = table.get(field)
        yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))
