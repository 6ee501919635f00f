"""What the staff list, the trainers, the supporters, the feeds and the coordinator tell a hospital."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from shared.messages import intake, matching, training
from tests.laws.base import ANY, COORDINATOR, Base
from tests.laws.people import DEPARTMENTS, PROFESSIONS, STAFF, SUPPORTERS, one_of, row, the_hospital

EVERYBODY = st.sampled_from(list(STAFF))


class Doors(Base):
    """People and reports come in."""

    @initialize(who=st.lists(st.sampled_from(list(STAFF)[5:]), max_size=3), seed=ANY, waits=st.booleans())
    def the_first_day(self, who: list[str], seed: int, waits: bool) -> None:
        """The hospital picks its options, the staff list is read, and perhaps somebody has died."""
        self.town.choose(the_hospital(MATCH_29="confirmed" if waits else "at_once"))
        for one in STAFF:
            self.town.tell(row(one))
        if who:
            self._report("r-1", {"staff": self._involved(who), "harm": "death"}, self.town.now)
        if seed:
            self.town.settle(random.Random(seed))

    @rule(n=ANY, change=st.sampled_from(("left", "back", "moves", "profession", "no supporter", "lapsed", "nothing")))
    def a_row_changes(self, n: int, change: str) -> None:
        who = one_of(list(STAFF), n)
        changes: dict[str, Any] = {
            "left": {"active": False},
            "moves": {"department": one_of(DEPARTMENTS, n)},
            "profession": {"profession": one_of(PROFESSIONS, n)},
            "no supporter": {"supporter": False},
            "lapsed": {"intervisie_on": self.town.now.date() - timedelta(days=400)},
        }
        self.town.tell(row(who, **changes.get(change, {})))

    @rule(n=ANY, word=st.sampled_from(("attends", "long ago", "completes", "nominated")))
    def the_trainer_speaks(self, n: int, word: str) -> None:
        who, today = one_of([*SUPPORTERS, "s-fay"], n), self.town.now.date()
        trainer = {"by_role": "trainer", "by": "s-tra"}
        if word == "nominated":
            self._tell(training.Nominate, supporter=who, nominator="s-gus", **COORDINATOR)
        elif word == "completes":
            self._tell(training.CompleteTraining, supporter=who, on=today, **trainer)
        else:
            on = today - timedelta(days=380 if word == "long ago" else 1)
            self._tell(training.AttendIntervisie, supporter=who, on=on, **trainer)

    @rule(n=ANY, word=st.sampled_from(("pauses", "returns", "away", "not away", "week", "on call", "not on call")))
    def a_supporter_says_when(self, n: int, word: str) -> None:
        who, now = one_of(SUPPORTERS, n), self.town.now
        own: dict[str, Any] = {"by_role": "supporter", "by": who, "supporter": who}
        word = "returns" if word == "pauses" and self.watch.asks.supporters[who].paused else word
        begin = now.replace(hour=8, minute=0, second=0, microsecond=0)
        match word:
            case "pauses" | "returns":
                self._tell(matching.PauseSupporter if word == "pauses" else matching.ReturnSupporter, **own)
            case "away":
                first = now.date() + timedelta(days=n % 3)
                self._tell(matching.PlanLeave, first=first, last=first + timedelta(days=n), **own)
            case "not away":
                self._tell(matching.CancelLeave, first=now.date() + timedelta(days=n % 3), **own)
            case "week":
                week = {"monday": "08:00-17:00", "wednesday": "12:00-20:00"} if n % 2 else {}
                self._tell(matching.SetWeek, week=week, holidays=bool(n % 3), **own)
            case "on call":
                end = begin + timedelta(days=2)
                self._tell(matching.PlanOnCall, supporter=who, begin=begin, end=end, **COORDINATOR)
            case _:
                self._tell(matching.CancelOnCall, supporter=who, begin=begin, **COORDINATOR)

    @rule(
        who=st.one_of(st.lists(EVERYBODY, min_size=1, max_size=3), st.lists(EVERYBODY, min_size=5, max_size=9)),
        harm=st.sampled_from(("severe", "death", "none")),
        days=st.sampled_from((0, 0, 0, 2, 20)),
    )
    def a_report_comes(self, who: list[str], harm: str, days: int) -> None:
        report = f"r-{len(self.versions) + 1}"
        self._report(report, {"staff": self._involved(who), "harm": harm}, self.town.now - timedelta(days=days))

    @precondition(lambda self: self.versions)
    @rule(
        n=ANY,
        change=st.sampled_from(("fewer", "fewer", "others", "back", "withdrawn", "calamity", "declined", "no harm")),
        who=st.sampled_from(list(STAFF)),
        held_back=st.booleans(),
    )
    def a_report_is_amended(self, n: int, change: str, who: str, held_back: bool) -> None:
        report = one_of(list(self.versions), n)
        last = self.versions[report][-1]
        named = [one.staff for one in last.staff]
        kinds: dict[str, dict[str, Any]] = {
            "fewer": {"staff": named[1:]},
            "others": {"staff": [*named, who]},
            "back": {"staff": [one.staff for one in self.versions[report][0].staff]},
            "withdrawn": {"status": "withdrawn"},
            "calamity": {"calamity": "yes"},
            "declined": {"support_wish": "declined"},
            "no harm": {"harm": "none", "calamity": "unknown"},
        }
        changes = kinds[change]
        changes["staff"] = self._involved(changes.get("staff", named))
        self._report(report, {"status": "amended"} | changes, last.occurred_at, held_back)

    @precondition(lambda self: self.versions)
    @rule(n=ANY, places=st.lists(st.integers(0, 12), max_size=8))
    def somebody_is_taken_off_and_comes_back(self, n: int, places: list[int]) -> None:
        """Two versions shortly after each other; between them intake hears some of what was on its way."""
        report = one_of(list(self.versions), n)
        last = self.versions[report][-1]
        named = [one.staff for one in last.staff]
        fewer = {"status": "amended", "staff": self._involved(named[1:])}
        self._report(report, fewer, last.occurred_at)
        self.town.deliver("intake", places)
        self._report(report, {"status": "amended", "staff": self._involved(named)}, last.occurred_at)

    def _report(
        self, report: str, changes: dict[str, Any], occurred_at: datetime | None, held_back: bool = False
    ) -> None:
        before = self.versions.setdefault(report, [])
        usual = {"kind": "actual", "harm": "none", "calamity": "unknown", "event_types": ("other",), "staff": ()}
        last = before[-1].model_dump() if before else usual
        number = str(len(before) + 1)
        fields: dict[str, Any] = {
            "report": report,
            "revision": number if report[-1] in "2468" else None,
            "key": f"{report}-{number}",
            "department": "icu",
        }
        fields |= {"reported_at": self.town.now, "occurred_at": occurred_at, "by_role": "feed", "by": "feed"}
        before.append(intake.TakeReport.model_validate(last | {"status": "new"} | fields | changes))
        if not held_back:
            self.town.tell(before[-1])

    @precondition(lambda self: self.versions)
    @rule(n=ANY, m=ANY)
    def a_version_comes_late_or_again(self, n: int, m: int) -> None:
        self.town.tell(one_of(one_of(list(self.versions.values()), n), m))

    @precondition(lambda self: self.versions)
    @rule(n=ANY, word=st.sampled_from(("name", "offer", "dismiss", "department")), who=st.sampled_from(list(STAFF)))
    def the_coordinator_says_about_a_report(self, n: int, word: str, who: str) -> None:
        report = one_of(list(self.versions), n)
        match word:
            case "name":
                self._tell(intake.NameInvolved, report=report, staff=self._involved([who]), **COORDINATOR)
            case "offer":
                self._tell(intake.OfferNow, report=report, **COORDINATOR)
            case "dismiss":
                self._tell(intake.DismissReport, report=report, **COORDINATOR)
            case _:
                self._tell(intake.SetDepartment, report=report, department="er", **COORDINATOR)

    @rule(
        who=st.sampled_from(list(STAFF)), door=st.sampled_from(("self", "colleague", "manager", "coordinator", "group"))
    )
    def support_is_asked_for_without_a_report(self, who: str, door: str) -> None:
        one, report = self._involved([who])[0], f"r-door-{self.minted}"
        if door == "group":
            self._tell(intake.CallGroup, report=report, department="icu", profession="nurse", caller=one, **COORDINATOR)
            return
        by_staff = {"self": who, "colleague": "s-jon", "manager": STAFF[who][2] or "s-ada"}.get(door, "")
        speaker = COORDINATOR if door == "coordinator" else {"by_role": "staff", "by": by_staff}
        self._tell(intake.Refer, report=report, door=door, colleague=one, by_staff=by_staff, **speaker)
