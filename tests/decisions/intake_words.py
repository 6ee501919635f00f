"""Words of the tests of intake: reports, offers and staff, in one word each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.protocol.domain import PROTOCOL
from services.intake.protocol.offers import TRIAGE
from shared.engine.world import Later
from shared.messages import Message, followup, matching
from shared.messages.intake import (
    Colleague,
    DismissReport,
    Involved,
    NameInvolved,
    Notice,
    OfferNow,
    RecordStaff,
    SupportOffered,
    TakeReport,
    TaskDone,
    TaskRaised,
    VetoPassed,
)
from shared.testing import NOW, Story, a_hospital

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: Four working hours after NOW.
TRIAGE_BY = datetime(2026, 3, 11, 13, 0, tzinfo=UTC)

TOMORROW_MORNING = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)

ANNA, BRAM, CARLA, DIRK, EVA = "anna", "bram", "carla", "dirk", "eva"

LONG_AGO: dict[str, Any] = {"occurred_at": NOW - 100 * DAY, "reported_at": NOW - 99 * DAY}

COORDINATOR = {"by_role": "coordinator", "by": "s-eva"}


def on_list(who: str, **but: Any) -> RecordStaff:
    codes: dict[str, Any] = {"profession": "nurse", "department": "icu", "site": "north", "languages": ("nl",)}
    return RecordStaff(by_role="coordinator", by="", person=f"s-{who}", **codes | but)


def named(who: str, role: str = "involved", n: str = "") -> Involved:
    return Involved(staff=f"s-{who}", role=role, case=f"c-{who}{n}", colleague=f"p-{who}{n}")


def report(*staff: str, **but: Any) -> TakeReport:
    """An ordinary report of an hour ago that names these; its revision is its version as well."""
    fields: dict[str, Any] = {
        "report": "r-1",
        "revision": "1",
        "kind": "actual",
        "occurred_at": NOW - 2 * HOUR,
        "reported_at": NOW - HOUR,
        "event_types": ("medication",),
        "harm": "low",
        "calamity": "no",
        "department": "icu",
        "department_given": True,
        "staff": tuple(map(named, staff)),
    }
    fields |= but
    fields.setdefault("key", f"{fields['report']}/{fields['revision']}/{fields.get('status', 'new')}")
    return TakeReport(by_role="feed", by="", **fields)


def severe(*staff: str, **but: Any) -> TakeReport:
    return report(*staff, **{"harm": "severe"} | but)


def deadly(*staff: str, **but: Any) -> TakeReport:
    return report(*staff, **{"harm": "death"} | but)


def colleague(who: str, *not_by: str) -> Colleague:
    return Colleague(
        case=f"c-{who}",
        colleague=f"p-{who}",
        profession="nurse",
        department="icu",
        site="north",
        languages=("nl",),
        not_by=not_by,
    )


def offered(*who: str, t0: datetime = NOW - HOUR, **but: Any) -> SupportOffered:
    fields = {"event_types": ("medication",), "calamity": "no", "harm": "low"} | but
    return SupportOffered(report="r-1", t0=t0, colleagues=tuple(map(colleague, who)), **fields)


def waits(*reasons: str, due_at: datetime = TRIAGE_BY) -> TaskRaised:
    return TaskRaised(regarding="r-1", task=TRIAGE, reasons=reasons, due_at=due_at)


DONE = TaskDone(regarding="r-1", task=TRIAGE)


def told(template: str, at: datetime = NOW) -> Later:
    return Later(Notice(regarding="r-1", to="coordinator", person="", template=template), at)


def veto(round: int, at: datetime = NOW + 2 * HOUR) -> Later:
    return Later(VetoPassed(report="r-1", round=round), at)


def matched(who: str) -> Message:
    return matching.SupporterMatched(case=f"c-{who}", supporter="s-carla")


def closed(who: str) -> Message:
    return followup.CaseClosed(case=f"c-{who}", ending="completed")


def name_involved(*staff: str, **but: Any) -> NameInvolved:
    return NameInvolved(report="r-1", staff=tuple(map(named, staff)), **COORDINATOR | but)


OFFER_NOW = OfferNow(report="r-1", **COORDINATOR)

DISMISS = DismissReport(report="r-1", **COORDINATOR)


def story(*messages: Message, **hospital: Any) -> Story:
    """Anna, Bram and Carla are on the staff list; nobody else is."""
    return Story(PROTOCOL, a_hospital(**hospital)).given(*map(on_list, (ANNA, BRAM, CARLA)), *messages)
