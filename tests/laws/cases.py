"""The cases of followup, kept a second time from its messages alone (laws 2, 5, 6 and 10)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.messages import Message, Timer, followup, intake, matching
from tests.laws.history import Entry

#: Endings after which the colleague hears one confirmation and nothing more.
PARTED = ("declined", "withdrawn")
TO_CONTACT, TO_ATTEMPT = timedelta(hours=72), timedelta(hours=24)


@dataclass
class Case:
    """A colleague's support as followup tells it."""

    offer: intake.SupportOffered | None = None
    offered_at: datetime | None = None
    matched_at: datetime | None = None
    holders: Counter[str] = field(default_factory=Counter)
    contacted: bool = False
    attempted: bool = False
    withdrawn_after_contact: bool = False
    withdrawn: bool = False
    talks: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    extensions: int = 0
    paused: bool = False
    resumed_at: datetime | None = None
    ending: str = ""
    parted: bool = False
    words: int = 0
    missed: set[tuple[str, datetime]] = field(default_factory=set)
    missed_at: dict[str, datetime] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.offer is not None and not self.ending

    @property
    def needs_somebody(self) -> bool:
        """One that was taken back after a contact waits for the coordinator (law 10), and nobody is looked for."""
        return self.is_open and not (self.paused or self.holder or self.withdrawn_after_contact)

    @property
    def holder(self) -> str:
        return "" if self.ending else next((who for who, n in self.holders.items() if n > 0), "")


class Cases:
    """Reads the history of followup; `see` gives the sentences of the laws that an entry breaks."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.cases: dict[str, Case] = defaultdict(Case)
        self.told: dict[str, Entry] = {}
        self.knew_parted: dict[str, set[str]] = {"matching": set(), "intake": set()}
        self.taken_back: set[str] = set()
        self.letters: Counter[str] = Counter()
        self.left: set[str] = set()
        self.last_tick: datetime | None = None

    def see(self, entry: Entry) -> Iterator[str]:
        self.told[entry.event.id] = entry
        if entry.service == "followup":
            yield from self._followup(entry)
        elif entry.service in self.knew_parted:
            yield from self._elsewhere(entry)

    def _followup(self, entry: Entry) -> Iterator[str]:
        match entry.data:
            case followup.ConversationHeld() as talk:
                yield from self._talk(talk)
            case followup.ExtensionGranted(case=id):
                self.cases[id].extensions += 1
                if self._role_behind(entry) != "coordinator":
                    yield f"{id} is extended, and not by the coordinator"
            case followup.ClockMissed() as missed:
                yield from self._missed(missed, entry)
            case followup.NoticeDue(regarding=id, to="colleague", template=template) if self.cases[id].parted:
                self.cases[id].words += 1
                if self.cases[id].words > 1:
                    yield f"the colleague of {id} is written to again ({template}) after it was over for her"
            case followup.FirstContactMade(case=id) if self.cases[id].withdrawn and not self.cases[id].contacted:
                yield f"the colleague of {id} is contacted after she was taken off"
            case followup.HandedOver() | followup.DangerConfirmed() if not self._role_behind(entry):
                yield f"{entry.data.subject}: {entry.data.name} without anybody's word"
            case followup.CaseClosed(case=id) if self._was_stop(entry):
                self.cases[id].parted = True
        self._add(entry.data, entry.at)

    def _elsewhere(self, entry: Entry) -> Iterator[str]:
        """What matching and intake do about a colleague of whom they know that it is over for her."""
        known = self.knew_parted[entry.service]
        match entry.data:
            case followup.SupportDeclined(case=id):
                known.add(id)
            case followup.CaseClosed(case=id, ending=ending) if ending in PARTED:
                known.add(id)
            case intake.SupportWithdrawn(cases=ids) if entry.service == "matching":
                self.taken_back.update(ids)
            case matching.SupporterAsked(case=id):
                self.taken_back.discard(id)  # by the coordinator's word, as the law of asks says
            case matching.NoticeDue(regarding=id, to="colleague", template=template):
                if entry.way == "says" and id in known | self.taken_back:
                    yield f"matching has the colleague of {id} written to ({template}) after it was over for her"
            case intake.NoticeSent(regarding=id, to="colleague", template=template) if (
                entry.way == "says" and id in known
            ):
                self.letters[id] += 1
                if self.letters[id] > 1:
                    yield f"intake writes to the colleague of {id} again ({template}) after it was over for her"

    def _talk(self, talk: followup.ConversationHeld) -> Iterator[str]:
        case = self.cases[talk.case]
        case.talks[talk.kind] += 1
        counts = talk.kind != "phone_follow_up" or case.talks[talk.kind] > 1
        case.counted += counts
        if talk.counts != counts:
            yield f"{talk.kind} {talk.number} of {talk.case} is said to count: {talk.counts}"
        if case.counted > self.limit + case.extensions:
            yield f"{talk.case} has {case.counted} conversations with {case.extensions} extensions"
        if not case.is_open:
            yield f"a talk is held in {talk.case}, which is not open"

    def _missed(self, missed: followup.ClockMissed, entry: Entry) -> Iterator[str]:
        case = self.cases[missed.case]
        if (missed.clock, missed.due_at) in case.missed:
            yield f"{missed.clock} of {missed.case} is missed twice for the same start"
        if case.ending or case.paused:
            yield f"{missed.clock} of {missed.case} is missed although no clock of it runs"
        if missed.due_at > entry.at:
            yield f"{missed.clock} of {missed.case} is missed before its time"
        woken = isinstance(self.told[entry.event.cause or ""].data, Timer)
        if woken and self.last_tick and missed.due_at <= self.last_tick:
            yield f"{missed.clock} of {missed.case} was due at {missed.due_at:%d %b %H:%M}, a tick ago"
        case.missed.add((missed.clock, missed.due_at))
        case.missed_at[missed.clock] = entry.at

    def _role_behind(self, entry: Entry) -> str:
        return str(getattr(self.told[entry.event.cause or ""].data, "by_role", ""))

    def _was_stop(self, entry: Entry) -> bool:
        return isinstance(self.told[entry.event.cause or ""].data, followup.StopSupport)

    def _add(self, message: Message, at: datetime) -> None:
        match message:
            case intake.SupportOffered(colleagues=colleagues):
                for colleague in colleagues:
                    case = self.cases[colleague.case]
                    case.offer, case.offered_at = case.offer or message, case.offered_at or at
            case intake.SupportWithdrawn(cases=ids):
                for id in ids:
                    self.cases[id].withdrawn = not self.cases[id].contacted
                    self.cases[id].withdrawn_after_contact = self.cases[id].contacted
            case matching.SupporterMatched(case=id, supporter=who):
                self.cases[id].holders[who] += 1
                self.cases[id].matched_at, self.cases[id].attempted = at, False
            case followup.ReplacementNeeded(case=id, supporter=who):
                self.cases[id].holders[who] -= 1
            case intake.StaffLeft(person=who):
                self.left.add(who)
            case intake.StaffRecorded(person=who):
                self.left.discard(who)
            case followup.ContactAttempted(case=id):
                self.cases[id].attempted = True
            case followup.FirstContactMade(case=id):
                self.cases[id].contacted = True
            case followup.SupportPaused(case=id) | followup.SupportResumed(case=id):
                self._pause(self.cases[id], isinstance(message, followup.SupportPaused), at)
            case followup.SupportDeclined(case=id):
                self.cases[id].parted = True
            case followup.CaseClosed(case=id, ending=ending):
                self.cases[id].ending = self.cases[id].ending or ending
                self.cases[id].parted |= ending in PARTED
            case followup.TaskRaised(regarding=id, task=task):
                self.cases[id].tasks.add(task)

    def _pause(self, case: Case, paused: bool, at: datetime) -> None:
        case.paused = paused
        case.resumed_at = case.resumed_at if paused else at

    # -- when all is quiet, and due timers were woken --

    def when_quiet(self, now: datetime) -> Iterator[str]:
        for id, case in self.cases.items():
            if case.withdrawn and not case.contacted and case.offer and not case.ending:
                yield f"{id} was taken back before any contact and is still open"
            if case.withdrawn_after_contact and "withdrawn" not in case.tasks and not case.ending:
                yield f"{id} was taken back after contact and the coordinator is not asked"
            if case.holder in self.left:
                yield f"{case.holder} works here no more and still has {id}"
            if case.is_open and not case.paused:
                yield from self._late(id, case, now)

    def _late(self, id: str, case: Case, now: datetime) -> Iterator[str]:
        assert case.offer is not None
        since = max(case.offer.t0, case.resumed_at or case.offer.t0)
        if not case.contacted and since + TO_CONTACT <= now and not _told(case, "contact", since):
            yield f"{id} was to be contacted by {since + TO_CONTACT:%d %b %H:%M} and nobody is told that it was not"
        if case.holder and case.matched_at and not case.attempted and not case.contacted:
            since = max(case.matched_at, case.resumed_at or case.matched_at)
            if since + TO_ATTEMPT <= now and not _told(case, "attempt", since):
                yield f"the supporter of {id} was to try by {since + TO_ATTEMPT:%d %b %H:%M} and nobody is told"


def _told(case: Case, clock: str, since: datetime) -> bool:
    return clock in case.missed_at and case.missed_at[clock] >= since
