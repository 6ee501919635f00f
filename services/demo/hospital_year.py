"""One example hospital through the year: its reporting system, its coordinator, its people and their mailboxes."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from services.demo.ledger import Ledger
from services.demo.observer import Observer
from services.demo.people import Person, Town

#: (method, path below the hospital, json or bytes, content type) -> (status, json)
Call = Callable[[str, str, Any, str], Awaitable[tuple[int, Any]]]

_FORMS = {"fhir": "application/fhir+json", "events": "application/cloudevents+json"}


@dataclass
class HospitalYear:
    """Plans the year on the agenda of its town and keeps its ledger.

    feed and coordinate call the product with the key of the hospital's reporting system and of its coordinator.
    """

    folder: Path
    town: Town
    feed: Call
    coordinate: Call
    ledger: Ledger = field(default_factory=Ledger)
    people: dict[str, Person] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)
    seen_tasks: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.observer = Observer(self._read)

    async def _read(self, path: str) -> Any:
        return (await self.coordinate("GET", path, None, ""))[1]

    @property
    def id(self) -> str:
        return self.folder.name

    def letters_while_away(self) -> int:
        """How many letters reached a coordinator on a day of her absence; they are her deputy's."""
        away = tomllib.loads((self.folder / "hospital.toml").read_text("utf-8")).get("away", ())
        return sum(
            entry.what == "letter" and one["from"] < entry.at.date() < one["to"]
            for one in away
            for entry in self.people[f"m{one['who']}@{self.id}.example"].diary
        )

    async def begin(self) -> None:
        """Imports the staff list and plans every delivery, and the coordinator's mornings."""
        staff = (self.folder / "staff.csv").read_bytes()
        status, answer = await self.coordinate("POST", "staff", staff, "text/csv")
        assert status < 400, answer
        rows = list(csv.DictReader(staff.decode("utf-8").splitlines()))
        self.people = {row["mail"]: Person(row["mail"], self.town) for row in rows}
        for at, form, line in self._deliveries():
            self.town.agenda.plan(at, partial(self._deliver, form, line))
        morning = self.town.now().replace(hour=7, minute=30)
        for day in range(1, 380):
            at = morning + timedelta(days=day)
            if at.weekday() < 5:
                self.town.agenda.plan(at, self._go_through_tasks)
            if day % 7 == 0:
                self.town.agenda.plan(at, self.observer.look)
            if day % 14 == 0:
                self.town.agenda.plan(at, self.observer.look_at_reports)
        self._plan_intervisie()

    def _deliveries(self) -> Iterator[tuple[datetime, str, str]]:
        """(moment, form, line) in the order of the feed; a line without a moment goes with the one before it."""
        lines: list[tuple[datetime, str, str]] = []
        for path in sorted((self.folder / "feeds").iterdir()):
            form, last = path.name.split(".")[1], datetime.min.replace(tzinfo=UTC)
            for line in path.read_text("utf-8").splitlines():
                last = max(last, _moment(line) or last)
                lines.append((last, form, line))
        yield from sorted(lines, key=lambda line: line[0])

    async def _deliver(self, form: str, line: str) -> None:
        status, answer = await self.feed("POST", "incidents", line.encode(), _FORMS[form])
        for what in ("taken", "duplicates", "offers"):
            self.answers[what] = self.answers.get(what, 0) + int(answer.get(what, 0))
        rejected = len(answer.get("rejected", ()))
        self.answers["quarantined"] = self.answers.get("quarantined", 0) + rejected
        self.deeds["not_recorded"] += status >= 500
        self.ledger.note_line(line, accepted=status < 400 and not rejected)

    # -- the coordinator
    # --------------------------------------------------------------------------------------------------

    async def _go_through_tasks(self) -> None:
        """Each working morning the coordinator goes through her list; some days she is away."""
        if self.town.chance.random() < 0.1:
            return
        _, answer = await self.coordinate("GET", "tasks", None, "")
        for task in answer["tasks"]:
            await self._deal_with(task)

    async def _deal_with(self, task: dict[str, Any]) -> None:
        chance, about, kind = self.town.chance, task["regarding"], task["task"]
        self.seen_tasks.add((about, kind))
        if kind == "triage":
            await self._deal_with_report(task)
        elif kind == "find_supporter" and chance.random() < 0.5:
            await self._pick_by_hand(about)
        elif kind in ("extension", "help"):
            if chance.random() < 0.7:
                await self._do(f"cases/{about}/extension", None, "extension")
                await self._do(f"tasks/{about}/{kind}/done", None, "done")
            else:
                await self._do(f"cases/{about}/hand-over", {"to": "occupational_physician"}, "handed_over")
        elif kind == "not_reached":
            await self._do(f"cases/{about}/close", {"ending": "not_reached"}, "not_reached")
        elif kind == "large_event" or chance.random() < 0.5:
            await self._do(f"tasks/{about}/{kind}/done", None, "done")

    async def _do(self, path: str, body: Any, deed: str) -> bool:
        """Does something and notes it when it was done."""
        status, _ = await self.coordinate("POST", path, body, "")
        self.deeds[deed if status < 400 else "not_recorded" if status >= 500 else f"refused_{deed}"] += 1
        return status < 400

    async def _pick_by_hand(self, case: str) -> None:
        """Nobody may be asked, so the coordinator picks whoever may be picked all the same."""
        _, answer = await self.coordinate("GET", "supporters", None, "")
        ready = [one for one in answer["supporters"] if one["standing"] == "ready"]
        for one in self.town.chance.sample(ready, min(3, len(ready))):
            body = {"supporter": one["supporter"], "reason": "nobody_else"}
            if await self._do(f"cases/{case}/pick", body, "picked"):
                return

    async def _deal_with_report(self, task: dict[str, Any]) -> None:
        report, reasons, chance = task["regarding"], set(task["reasons"]), self.town.chance
        if reasons & {"department_missing", "department_unknown"}:
            await self._do(f"reports/{report}/department", {"department": "internal"}, "department")
        if "nobody_named" in reasons and chance.random() < 0.7:
            who = sorted(self.people)[chance.randrange(len(self.people))].removeprefix("m").partition("@")[0]
            await self._do(f"reports/{report}/involve", {"staff_ids": [who]}, "involve")
        elif chance.random() < 0.35:
            await self._do(f"reports/{report}/offer", None, "offer")
        else:
            self.ledger.dismissed.add(report)
            await self._do(f"reports/{report}/dismiss", None, "dismiss")

    def _plan_intervisie(self) -> None:
        """Twice a year; most supporters come to one of the two, a few to none and are suspended."""
        for month in (4, 10):
            at = self.town.now().replace(month=month, day=15, hour=12)
            self.town.agenda.plan(at, self._hold_intervisie)

    async def _hold_intervisie(self) -> None:
        _, answer = await self.coordinate("GET", "supporters", None, "")
        today = self.town.now().date().isoformat()
        for supporter in answer["supporters"]:
            if self.town.chance.random() < 0.7:
                await self._do(f"supporters/{supporter['supporter']}/intervisie", {"on": today}, "intervisie")


def _moment(line: str) -> datetime | None:
    """When a line was sent, as its system says, without reading it as the product does."""
    for word in ('"lastUpdated": "', '"time": "'):
        _, found, rest = line.partition(word)
        if found:
            return datetime.fromisoformat(rest.partition('"')[0].replace("Z", "+00:00"))
    return None
