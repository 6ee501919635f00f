"""The end state of a hospital, told so that two deployments can be compared: report and staff numbers instead of refs
that are random, no moments, and nothing whose order is left to chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from shared.messages import SERVICES, Event, Fact, intake
from tests.live.play import Play

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2})?| \d{2}:\d{2})?")
_REF = re.compile(r"\b[crps]-[2-9a-z]{10,12}\b")
Plain = Callable[[Any], Any]


async def end_of(play: Play) -> dict[str, Any]:
    """What everybody sees who may look, whose places are taken, and all that was ever said."""
    plain = await _plainly(play)
    cases = (await play.get("cases?limit=1000"))["cases"]
    whole = [(await play.get(f"cases/{one['case']}")) for one in cases]
    matches = [(await play.get(f"cases/{one['case']}/match")) for one in cases]
    seen = {
        "reports": _by("report", (await play.get("reports?limit=1000"))["reports"]),
        "cases": _by("case", [{k: v for k, v in one.items() if k != "timeline"} for one in whole]),
        "sentences": {one["case"]: [line["text"] for line in one["timeline"]] for one in whole},
        "matches": _by("case", matches),
        "asks": _by("case", (await play.get("asks"))["asks"]),
        "tasks": {f"{one['regarding']} {one['task']}": one for one in (await play.get("tasks"))["tasks"]},
        "overview": await play.get("overview"),
        "supporters": _by("supporter", (await play.get("supporters"))["supporters"]),
        "coverage": _by("profession", (await play.get("coverage"))["coverage"]),
        "refused": sorted(f"{one['reason']} {one['path']}" for one in (await play.get("quarantine"))["quarantine"]),
        "places": await places_of(play),
    }
    told: dict[str, Any] = plain(seen)
    for name in ("sentences", "places"):
        told[name] = {about: sorted(lines) for about, lines in told[name].items()}
    return told | {"said": await _said(play, plain), "set apart": await play.at.books.set_apart()}


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two ends differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{at}/{key}")]
    return [] if one == other else [f"{at}: {one} <> {other}"]


async def places_of(play: Play) -> dict[str, list[str]]:
    """The cases in which each supporter is asked or matched, by staff number."""
    supporters = await play.at.books.states("matching", "supporter", play.keys.hospital)
    return {play.keys.number(ref): one.get("places", []) for ref, one in supporters.items()}


def _by(field: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {str(row[field]): row for row in rows}


async def _said(play: Play, plain: Plain) -> dict[str, list[Any]]:
    """By publisher and subject: its facts in order, then whatever has no order."""
    told: dict[str, list[Any]] = {}
    for service in SERVICES:
        for event in await play.at.books.journal(service, play.keys.hospital):
            told.setdefault(f"{service} {plain(event.subject)}", []).append(_line(event, plain))
    return {about: [*_facts(lines), *_others(lines)] for about, lines in sorted(told.items())}


def _line(event: Event, plain: Plain) -> tuple[bool, str]:
    """Whether it has its place in the order: a letter leaves when it can, and its receipt comes after that."""
    in_order = isinstance(event.data, Fact) and not isinstance(event.data, intake.NoticeSent)
    return in_order, f"{event.data.name} {plain(event.data.model_dump_json())}"


def _facts(lines: list[tuple[bool, str]]) -> list[str]:
    """Figures are told anew after each change of a list, whose lines have no order among them; the last ones count."""
    facts = [line for is_fact, line in lines if is_fact]
    return facts[-1:] if facts and facts[-1].startswith("coverage_measured") else facts


def _others(lines: list[tuple[bool, str]]) -> list[str]:
    return sorted(line for is_fact, line in lines if not is_fact)


async def _plainly(play: Play) -> Plain:
    """Replaces refs by numbers and moments by the word "then", wherever they stand."""
    names = {**play.keys.refs()}
    for one in (await play.get("reports?limit=1000"))["reports"]:
        names[one["report"]] = f"report {one['report_id']}"
    for case, link in (await play.at.books.states("intake", "link", play.keys.hospital)).items():
        if link.get("report"):
            about = f"{names[link['report']]} of {names[link['staff']]}"
            names |= {case: f"case {about}", link["colleague"]: f"colleague {about}"}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {plain(key): plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if isinstance(value, str):
            return _MOMENT.sub("then", _REF.sub(lambda found: names.get(found[0], "?"), value))
        return value

    return plain
