"""The asks of matching, kept a second time from its messages alone, and what the programme allows of them (laws 3, 4).

Nothing of the product decides here: who may be asked is read from the facts as matching had them at that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.hospital import Hospital
from shared.messages import Message, followup, intake, matching, training
from tests.laws.history import Entry

#: What the coordinator may set aside by hand, on record, by rule; what is missing here nobody may.
OVERRULED_BY = {
    "of another profession": "MATCH-1",
    "of the same department": "MATCH-2",
    "suspended": "MATCH-4",
    "over the case limit": "MATCH-5",
    "on leave": "MATCH-14",
}
#: Somebody on leave may be asked when her hours begin again this soon.
BACK_WITHIN = timedelta(hours=24)


@dataclass
class Supporter:
    """Somebody of the pool, as matching has heard of her."""

    card: intake.StaffRecorded | None = None
    left: bool = False
    qualified: bool = False
    suspended: bool = False
    paused: bool = False
    leave: list[tuple[date, date]] = field(default_factory=list)
    on_call: list[tuple[datetime, datetime]] = field(default_factory=list)
    has_hours: bool = False
    places: set[str] = field(default_factory=set)

    @property
    def in_pool(self) -> bool:
        stepped_back = bool(self.card and self.card.stepped_back)
        return (self.qualified or bool(self.card and self.card.supporter)) and not (self.left or stepped_back)


@dataclass
class Case:
    """A colleague who needs somebody, as matching has heard of her."""

    colleague: intake.Colleague | None = None
    wishes: matching.PreferencesChosen | None = None
    involved: set[str] = field(default_factory=set)
    said_no: set[str] = field(default_factory=set)
    asked: str = ""
    overruled: tuple[str, ...] = ()
    matched: str = ""
    searched: bool = False
    passed_by: set[str] = field(default_factory=set)
    held: bool = False
    resting: bool = False
    taken_back: bool = False
    over: bool = False


class Asks:
    """Reads the history of matching; `see` gives the sentences of the laws that an entry breaks."""

    def __init__(self, hospital: Hospital, limit: int) -> None:
        self.hospital, self.limit = hospital, limit
        self.supporters: dict[str, Supporter] = defaultdict(Supporter)
        self.cases: dict[str, Case] = defaultdict(Case)
        self._hours: dict[str, Message] = {}
        self._searches: set[str] = set()

    def see(self, entry: Entry) -> Iterator[str]:
        if entry.service != "matching":
            return
        match entry.data:
            case matching.SearchAgain():
                self._searches.add(entry.event.id)
            case matching.SupporterAsked() as ask:
                self._taken_up(ask.case, ask.kind == "by_hand" or entry.event.cause in self._searches)
                yield from self._asked(ask, entry.at)
            case matching.SupporterMatched(case=id, supporter=who):
                yield from self._matched(id, who, entry.at)
            case matching.MatchFailed() as failed:
                self._taken_up(failed.case, entry.event.cause in self._searches)
                yield from self._failed(failed)
            case matching.PlanMade(cases=ids, confirmed=confirmed):
                for id in ids:
                    self.cases[id].held = not confirmed
            case (
                matching.PlanLeave()
                | matching.CancelLeave()
                | matching.PlanOnCall()
                | matching.CancelOnCall() as command
            ):
                self._hours[entry.event.id] = command
            case matching.AvailabilityChanged(supporter=who) if entry.event.cause in self._hours:
                self._plan(who, self._hours.pop(entry.event.cause or ""))
                self.supporters[who].has_hours = True
            case (
                intake.StaffRecorded() | intake.StaffLeft() | matching.SupporterPaused() | matching.SupporterReturned()
            ):
                self._standing(self.supporters[entry.data.subject], entry.data)
            case training.SupporterQualified() | training.SupporterSuspended() | training.SupporterReinstated():
                self._standing(self.supporters[entry.data.subject], entry.data)
            case _:
                self._heard(entry.data)

    # -- what matching says of a case --

    def _taken_up(self, id: str, by_the_coordinator: bool) -> None:
        """Her word that it goes on after the offer was taken back."""
        self.cases[id].taken_back = self.cases[id].taken_back and not by_the_coordinator

    def _asked(self, ask: matching.SupporterAsked, at: datetime) -> Iterator[str]:
        case, who = self.cases[ask.case], ask.supporter
        if case.asked or case.matched:
            yield f"{who} is asked for {ask.case} while {case.asked or case.matched} is asked or has it"
        if (
            case.colleague is None
            or case.over
            or case.resting
            or case.taken_back
            or (case.held and ask.kind != "by_hand")
        ):
            yield f"{who} is asked for {ask.case}, which needs nobody now"
        for reason in [] if case.colleague is None else self._objections(case, ask.case, who, at):
            if ask.kind != "by_hand" or OVERRULED_BY.get(reason) not in ask.overruled:
                yield f"{who} is asked for {ask.case} but is {reason}"
        if ask.kind == "normal" and ask.eligible + sum(ask.removed.values()) != self._pool():
            yield f"of the ask for {ask.case} the counts do not add up to a pool of {self._pool()}"
        case.asked, case.overruled, case.searched = who, ask.overruled, False
        self.supporters[who].places.add(ask.case)

    def _matched(self, id: str, who: str, at: datetime) -> Iterator[str]:
        case = self.cases[id]
        if case.matched:
            yield f"{id} gets {who} beside {case.matched}"
        if case.asked != who:
            yield f"{who} gets {id} but {case.asked or 'nobody'} is asked for it"
        if case.over or case.resting or case.taken_back:
            yield f"{who} gets {id}, which needs nobody now"
        for reason in [] if case.colleague is None else self._objections(case, id, who, at):
            # Leave that she takes after she was asked does not undo the ask.
            if reason != "on leave" and OVERRULED_BY.get(reason) not in case.overruled:
                yield f"{who} gets {id} but is {reason}"
        case.asked, case.matched = "", who

    def _failed(self, failed: matching.MatchFailed) -> Iterator[str]:
        self.cases[failed.case].searched = True
        if failed.pool != self._pool() or sum(failed.removed.values()) != failed.pool:
            yield f"nobody for {failed.case}: {failed.removed} does not add up to a pool of {self._pool()}"

    def _pool(self) -> int:
        return sum(one.in_pool for one in self.supporters.values())

    def _objections(self, case: Case, id: str, who: str, at: datetime) -> Iterator[str]:
        """What the programme has against this supporter in this case."""
        one, colleague, card = self.supporters[who], case.colleague, self.supporters[who].card
        assert colleague is not None
        wishes = case.wishes
        days = [moment.astimezone(self.hospital.tz).date() for moment in (at, at + BACK_WITHIN)]
        found: dict[str, bool] = {
            "no supporter here": not one.in_pool,
            "not trained": not one.qualified,
            "involved in the event or excluded": who in colleague.not_by or who in case.involved,
            "of another profession": card is None or card.profession != colleague.profession,
            "of the same department": bool(card and card.department == colleague.department)
            and (wishes is None or wishes.unit != "own"),
            "suspended": one.suspended,
            "in her management line": who in colleague.line and not (wishes and wishes.own_line),
            "paused": one.paused,
            "on leave": all(any(first <= day <= last for first, last in one.leave) for day in days)
            and not any(begin <= at + BACK_WITHIN and at < end for begin, end in one.on_call),
            "over the case limit": len(one.places - {id}) >= self.limit,
            "said no": who in case.said_no,
        }
        yield from (reason for reason, holds in found.items() if holds)

    # -- what else matching says and hears --

    def _heard(self, message: Message) -> None:
        match message:
            case matching.AskDeclined(case=id, supporter=who):
                self.cases[id].said_no.add(who)
                self._ended(id, who)
            case matching.AvailabilityChanged(supporter=who):
                self.supporters[who].has_hours = True
            case matching.AskExpired(case=id, supporter=who) | matching.AskWithdrawn(case=id, supporter=who):
                self.cases[id].passed_by.add(who)
                self._ended(id, who)
            case matching.PreferencesChosen(case=id) as wishes:
                self.cases[id].wishes = wishes
            case intake.SupportOffered(colleagues=colleagues):
                for colleague in colleagues:
                    self.cases[colleague.case].colleague = self.cases[colleague.case].colleague or colleague
            case intake.SupportWithdrawn(cases=ids):
                for id in ids:
                    self.cases[id].taken_back = True
            case intake.SupporterInvolved(cases=ids, supporters=supporters):
                for id in ids:
                    self.cases[id].involved |= set(supporters)
            case followup.SupportDeclined(case=id) | followup.SupportPaused(case=id):
                self.cases[id].resting = True
            case followup.SupportResumed(case=id):
                self.cases[id].resting = self.cases[id].searched = False
            case followup.ReplacementNeeded(case=id, supporter=who):
                self._parted(id, who)
                self.cases[id].said_no.add(who)
            case followup.CaseClosed(case=id, supporter=who):
                self._parted(id, who)
                self.cases[id].over = True
            case followup.CaseErased(case=id):
                self._parted(id, self.cases[id].matched)

    def _ended(self, id: str, who: str) -> None:
        self.cases[id].asked, self.cases[id].searched = "", False
        self.supporters[who].places.discard(id)

    def _parted(self, id: str, who: str) -> None:
        if who:
            self.supporters[who].places.discard(id)
            self.cases[id].matched = "" if self.cases[id].matched == who else self.cases[id].matched

    def _standing(self, one: Supporter, message: Message) -> None:
        match message:
            case intake.StaffRecorded():
                one.card, one.left = message, False
            case intake.StaffLeft():
                one.left = True
            case matching.SupporterPaused() | matching.SupporterReturned():
                one.paused = isinstance(message, matching.SupporterPaused)
            case training.SupporterQualified():
                one.qualified = True
            case training.SupporterSuspended() | training.SupporterReinstated():
                one.suspended = isinstance(message, training.SupporterSuspended)

    def _plan(self, who: str, command: Message) -> None:
        one, leave = self.supporters[who], self.supporters[who].leave
        match command:
            case matching.PlanOnCall(begin=begin, end=end):
                one.on_call.append((begin, end))
            case matching.CancelOnCall(begin=begin):
                one.on_call = [turn for turn in one.on_call if turn[0] != begin]
            case matching.PlanLeave(first=first, last=last):
                leave.append((first, last))
            case matching.CancelLeave(first=first):
                one.leave = [days for days in leave if days[0] != first]

    # -- when all is quiet --

    def when_quiet(self, now: datetime, holder: Callable[[str], str], needy: Iterable[str]) -> Iterator[str]:
        """holder: who has a case, by followup's account. needy: open cases that are not paused and have nobody."""
        for id in needy:
            case = self.cases[id]
            if case.colleague is None or case.asked or case.held:
                continue
            if not case.searched:
                yield f"nobody is asked for {id}, and nobody is told why (over {case.over}, resting {case.resting})"
            else:
                yield from self._somebody_could_be(id, case, now)
        yield from self._places(holder)

    def _somebody_could_be(self, id: str, case: Case, now: datetime) -> Iterator[str]:
        """Whoever can be asked again is asked at once, unless she let this case pass, or has hours of her own."""
        for who, one in self.supporters.items():
            if not (one.has_hours or who in case.passed_by) and not list(self._objections(case, id, who, now)):
                yield f"nobody is asked for {id} although {who} could be"

    def _places(self, holder: Callable[[str], str]) -> Iterator[str]:
        for who in sorted(self.supporters):
            wanted = {id for id, case in self.cases.items() if case.asked == who or holder(id) == who}
            if self.supporters[who].places != wanted:
                yield f"{who} has places {sorted(self.supporters[who].places)} for {sorted(wanted)}"
