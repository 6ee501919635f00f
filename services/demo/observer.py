"""What an outsider writes down of one hospital while the year goes on, because what is over is erased.

She comes by every week and reads what a coordinator may read. What a case came to is noted once it is closed, and
whom a report led to an offer for is noted as long as it shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: (path below the hospital) -> json
Read = Callable[[str], Awaitable[Any]]

#: A closed case is erased so long after its closing (FOLLOW; the outsider knows the programme, not its code).
KEPT = timedelta(days=30)


@dataclass
class Observer:
    """closed, open: cases as they were seen last, by id. reports: the refs of each report, by its number. seen: by
    number and staff number, the cases that were offered.
    """

    read: Read
    closed: dict[str, dict[str, Any]] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    async def look(self) -> None:
        """Notes every closed case that was not noted yet."""
        for case in (await self.read("cases?state=closed&limit=1000"))["cases"]:
            if case["case"] not in self.closed:
                self.closed[case["case"]] = await self.read(f"cases/{case['case']}?lang=en")

    async def look_at_reports(self) -> None:
        """Notes for whom the latest reports led to an offer."""
        for report in (await self.read("reports?limit=200"))["reports"]:
            self.reports.setdefault(report["report_id"], set()).add(report["report"])
            people = self.seen.setdefault(report["report_id"], {})
            for person in report["people"]:
                if person["offered"]:
                    people.setdefault(person["staff_id"], set()).add(person["case"])

    async def look_back(self) -> None:
        """At the end: everything that is still there."""
        await self.look()
        await self.look_at_reports()
        listed = (await self.read("cases?limit=1000"))["cases"]
        for case in listed:
            if case["state"] != "closed":
                self.open[case["case"]] = await self.read(f"cases/{case['case']}?lang=en")
        self.shown = {case["case"] for case in listed}

    @property
    def offered(self) -> dict[str, dict[str, int]]:
        """How many cases were seen of each person of each report."""
        return {id: {who: len(cases) for who, cases in people.items()} for id, people in self.seen.items()}

    @property
    def cases(self) -> list[dict[str, Any]]:
        """Every case of the year as it was seen last."""
        return [*self.closed.values(), *self.open.values()]

    @property
    def erased(self) -> int:
        """How many cases that were seen are not to be seen any more."""
        return sum(id not in self.shown for id in self.closed)

    def should_be_erased(self, now: datetime) -> int:
        """How many were closed for so long that they must be gone; not those who wanted to hear from us later."""
        return sum(
            datetime.fromisoformat(case["closed_at"]) + KEPT < now and not case.get("check_ins")
            for case in self.closed.values()
        )
