"""The offers of intake, kept a second time from its messages alone (laws 1 and 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta

from shared.messages import Message, followup, intake
from tests.laws.history import Entry

#: An event this long ago is too old for an offer by itself when it is first reported.
TOO_OLD = timedelta(days=14)


class Offers:
    """Reads the history of intake; `see` gives the sentences of the laws that an entry breaks."""

    def __init__(self) -> None:
        self.versions: dict[str, list[intake.TakeReport]] = defaultdict(list)
        self.whose: dict[str, tuple[str, str]] = {}
        self.offered: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.withdrawn: set[str] = set()
        self.by_hand: set[str] = set()
        self.waiting: dict[str, tuple[str, ...]] = {}
        self.unsteady: set[str] = set()
        self.erased: set[str] = set()
        self.gone: set[str] = set()
        self.words: set[str] = set()

    def see(self, entry: Entry) -> Iterator[str]:
        if entry.service != "intake":
            return
        match entry.data:
            case intake.TakeReport() as version if not self._is_stale(version):
                self.versions[version.report].append(version)
            case intake.DismissReport(report=id) | intake.NameInvolved(report=id) | intake.OfferNow(report=id):
                self.by_hand.add(id)
                self.words.add(entry.event.id)
            case followup.CaseErased(case=id) if id in self.whose:
                self.erased.add(self.whose[id][0])
                self.gone.add(id)
            case followup.TaskFinished(regarding=id):
                self.by_hand.add(id)
            case intake.RecordStaff(person=who, active=False):
                self.unsteady.add(who)
            case intake.TaskRaised(regarding=id, reasons=reasons):
                self.waiting[id] = reasons
            case intake.TaskDone(regarding=id):
                self.waiting.pop(id, None)
            case intake.SupportWithdrawn(cases=cases):
                self.withdrawn |= set(cases)
            case intake.SupportOffered() as offer:
                yield from self._offer(offer, entry.event.cause in self.words)
        self._name(entry.data)

    def _name(self, message: Message) -> None:
        report = getattr(message, "report", "")
        for one in getattr(message, "staff", ()):
            self.whose[one.case] = report, one.staff
        for one in (getattr(message, "colleague", None), getattr(message, "caller", None)):
            if isinstance(one, intake.Involved):
                self.whose[one.case] = report, one.staff

    def _offer(self, offer: intake.SupportOffered, by_hand: bool) -> Iterator[str]:
        """Nothing tells whose an erased case was, so the coordinator may offer again; nothing else may."""
        for colleague in offer.colleagues:
            report, staff = self.whose[colleague.case]
            forgotten = self.gone if by_hand else set()
            standing = [case for case in self.offered[report, staff] if case not in self.withdrawn | forgotten]
            if standing or colleague.case in self.offered[report, staff]:
                yield f"{staff} is offered {colleague.case} after {report} beside {' '.join(standing)}"
            self.offered[report, staff].append(colleague.case)

    def _is_stale(self, version: intake.TakeReport) -> bool:
        before = self.versions[version.report]
        known = [one.key for one in before]
        return version.key in known or any(int(one.revision or 0) > int(version.revision or 0) for one in before)

    # -- when all is quiet --

    def when_quiet(self, ended_as: Callable[[str], str], waits: set[str]) -> Iterator[str]:
        """ended_as: how followup ended a case, empty while it is open. waits: reports with a veto window."""
        for report, versions in self.versions.items():
            if not versions or report in self.by_hand:
                continue
            if _gives_cause(versions) and report not in waits:
                yield from self._everybody_has_one(report, versions, ended_as)
            yield from self._nobody_is_left_over(report, versions[-1], ended_as)

    def _everybody_has_one(
        self, report: str, versions: list[intake.TakeReport], ended_as: Callable[[str], str]
    ) -> Iterator[str]:
        for one in versions[-1].staff:
            unwilling = any(version.support_wish == "declined" for version in versions)
            # After an erasure a later version is a task and no offer by itself.
            if unwilling or one.staff in self.unsteady or (report in self.erased and report in self.waiting):
                continue
            cases = self.offered[report, one.staff]
            if not [case for case in cases if case not in self.withdrawn or ended_as(case) != "withdrawn"]:
                yield f"{one.staff} of {report} has no offer ({' '.join(cases) or 'never had one'})"

    def _nobody_is_left_over(
        self, report: str, last: intake.TakeReport, ended_as: Callable[[str], str]
    ) -> Iterator[str]:
        """Whoever was taken off has her offer taken back, or the coordinator hears of it (law 10)."""
        named = {one.staff for one in last.staff} if last.status != "withdrawn" else set()
        for (of, staff), cases in self.offered.items():
            left = [case for case in cases if case not in self.withdrawn and not ended_as(case)]
            if of == report and staff not in named and left and report not in self.waiting:
                yield f"{staff} was taken off {report}, still has {' '.join(left)}, and nobody is told"


def _gives_cause(versions: list[intake.TakeReport]) -> bool:
    first, last = versions[0], versions[-1]
    too_old = first.reported_at - (first.occurred_at or first.reported_at) > TOO_OLD
    cause = last.calamity in ("yes", "possible") or last.harm in ("severe", "death")
    return cause and last.status != "withdrawn" and not too_old
