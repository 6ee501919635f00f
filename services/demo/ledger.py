"""The count outside the product: the feed files and the diaries of the simulated people, against the end state.

What should have happened is worked out here from the raw feed lines, with no code of the product, so that a fault of
the product cannot hide itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TRIGGER_EVENTS = {
    "resuscitation", "patient_death", "aggression", "suicide_attempt", "complaint", "disciplinary_complaint",
}  # fmt: skip


@dataclass
class Fed:
    """One report as the feed told it, all its versions together."""

    people: list[str] = field(default_factory=list)
    triggered: bool = False
    withdrawn: bool = False
    declined: bool = False
    versions: set[str] = field(default_factory=set)


@dataclass
class Ledger:
    """What one hospital's feed and people say. `dismissed`: reports that the coordinator put aside, by their refs.

    `lost` and `doubled` are differences with the end state.
    """

    fed: dict[str, Fed] = field(default_factory=dict)
    lines: int = 0
    repeats: int = 0
    dismissed: set[str] = field(default_factory=set)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)

    def note_line(self, line: str, accepted: bool) -> None:
        """A line that was sent, and whether the answer was that it is taken."""
        self.lines += 1
        if not accepted:
            return
        report = _gist(json.loads(line))
        known = self.fed.setdefault(report["id"], Fed())
        if report["version"] in known.versions:
            self.repeats += 1
        known.versions.add(report["version"])
        known.people = report["people"] or known.people
        known.triggered |= report["triggers"]
        known.withdrawn |= report["withdrawn"]
        known.declined |= report["declined"]

    def compare(self, what: str, expected: int, found: int) -> None:
        """Fewer than expected: lost. More: doubled."""
        if found < expected:
            self.lost[what] += expected - found
        elif found > expected:
            self.doubled[what] += found - expected

    def compare_reports(self, reports: Mapping[str, Iterable[str]], offered: Mapping[str, Mapping[str, int]]) -> None:
        """Every good report was on the coordinator's list once, and whoever it triggers for had one offer.

        reports: by the hospital's number, the refs under which it was listed. offered: by number, how many cases were
        seen of each person (by staff number).
        """
        for id, fed in self.fed.items():
            self.compare("report", 1, len(set(reports.get(id, ()))))
            wanted = fed.triggered and not fed.withdrawn and not fed.declined
            if wanted and self.dismissed.isdisjoint(reports.get(id, ())):
                for person in fed.people:
                    self.compare("offer", 1, offered.get(id, {}).get(person, 0))


def _gist(line: dict[str, Any]) -> dict[str, Any]:
    return _gist_of_fhir(line) if "resourceType" in line else _gist_of_event(line)


def _gist_of_event(line: dict[str, Any]) -> dict[str, Any]:
    data = line["data"]
    serious = data["harm"] in ("severe", "death") and data["kind"] != "near_miss"
    by_event = bool(_TRIGGER_EVENTS & set(data["event_types"]))
    return {
        "id": data["source"]["report_id"],
        "version": f"{data['source']['revision']}{data['status'] == 'withdrawn'}",
        "people": [person["ref"] for person in data["staff"]],
        "triggers": serious or by_event or data["calamity"] in ("yes", "possible"),
        "withdrawn": data["status"] == "withdrawn",
        "declined": data["support_wish"] == "declined",
    }


def _gist_of_fhir(line: dict[str, Any]) -> dict[str, Any]:
    extensions = {extension["url"]: extension["valueCode"] for extension in line["extension"]}
    severity = line.get("severity", {}).get("coding", [{}])[0].get("code")
    serious = (severity == "severe" or "outcome" in line) and line["actuality"] == "actual"
    people = [line["recorder"]] if "recorder" in line else []
    people += line.get("contributor", [])
    return {
        "id": line["identifier"]["value"],
        "version": f"{line['meta']['versionId']}{extensions.get('urn:naast:status') == 'withdrawn'}",
        "people": [person["reference"].partition("/")[2] for person in people],
        "triggers": serious
        or line["event"]["coding"][0]["code"] in _TRIGGER_EVENTS
        or extensions["urn:naast:calamity"] in ("yes", "possible"),
        "withdrawn": extensions.get("urn:naast:status") == "withdrawn",
        "declined": extensions["urn:naast:support-wish"] == "declined",
    }
