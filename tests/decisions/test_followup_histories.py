"""Random histories of one case, step by step: whatever comes and in whatever order, these things stay true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.followup.protocol.case import CLOCK_TASKS, Case, Waiting
from services.followup.protocol.clocks import is_needless, running
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.moments import to_come
from shared.engine.world import Said
from shared.messages import Command, Message, matching
from shared.messages.followup import (
    AgreeToCheckIns,
    CaseClosed,
    CaseErased,
    CheckInDue,
    ClockDue,
    ClockMissed,
    ConversationHeld,
    EvaluationDue,
    ExtensionGranted,
    MomentDue,
    RecordContact,
    RecordConversation,
    ReplacementNeeded,
)
from shared.messages.parts import NoticeDueBase
from shared.testing import NOW
from tests.decisions.followup_tale import (
    ANNA,
    BRAM,
    CASE,
    COLLEAGUE,
    COORDINATOR,
    SAYING,
    SUPPORTER,
    asked,
    by,
    involved,
    left,
    matched,
    nobody_found,
    not_sent,
    offered,
    person,
    story,
    suspended,
    to_do,
    withdrawn,
)
from tests.effort import effort

HISTORIES = effort(200, long=10_000)
PER_HISTORY = 50
FACTS: tuple[Message, ...] = (
    *(offered(harm="death"), offered(NOW + timedelta(days=3), harm="death"), matched(ANNA), matched(BRAM)),
    *(involved(ANNA), left(BRAM), suspended(), asked(ANNA), nobody_found(), not_sent(), to_do(), withdrawn()),
)
PEOPLE = (SUPPORTER, person("supporter", BRAM), COLLEAGUE, COORDINATOR, person("coordinator", "s-deputy"))
CHANNELS = ("phone", "message", "video")
#: Ends the histories that most steps are spent in; chosen less often.
ENDINGS = {"decline_support", "stop_support", "close_case", "hand_over"}


class ACase(RuleBasedStateMachine):
    """One case of one hospital."""

    def __init__(self) -> None:
        super().__init__()
        self.tale = story()
        self.said: list[Said] = []
        self.holders: set[str] = set()
        self.after_no: list[NoticeDueBase] | None = None

    @property
    def case(self) -> Case:
        return self.tale.state(Case, CASE)

    def hear(self, message: Message) -> None:
        self._note([message, *self.tale.when(message)])

    def _note(self, said: list[Said]) -> None:
        for one in said:
            if isinstance(one, matching.SupporterMatched):
                self.holders.add(one.supporter)
            elif isinstance(one, CaseClosed | ReplacementNeeded):
                self.holders.discard(one.supporter)
            if self.after_no is not None and isinstance(one, NoticeDueBase) and one.to == "colleague":
                self.after_no.append(one)
            if isinstance(one, CaseClosed) and one.ending in ("declined", "withdrawn") and self.after_no is None:
                self.after_no = []
        self.said += said

    @rule(fact=st.sampled_from(FACTS))
    def a_fact(self, fact: Message) -> None:
        self.hear(fact)

    @precondition(lambda self: not self.case.is_open)
    @rule()
    def a_match(self) -> None:
        self.hear(offered(harm="death"))
        self.hear(matched(ANNA))

    @rule(kind=st.sampled_from([kind for kind in COMMANDS if kind.name not in ENDINGS]), who=st.sampled_from(PEOPLE))
    def a_command(self, kind: type[Command], who: dict[str, str]) -> None:
        self.hear(by(kind, who, **SAYING.get(kind, {})))

    @rule(kind=st.sampled_from(list(COMMANDS)), sure=st.integers(0, 5))
    def an_ending(self, kind: type[Command], sure: int) -> None:
        if sure == 0:
            self.hear(by(kind, COORDINATOR, **SAYING.get(kind, {})))

    @rule(hours=st.integers(0, 200), channel=st.sampled_from(CHANNELS), reached=st.booleans())
    def a_contact_told_later(self, hours: int, channel: str, reached: bool) -> None:
        at = self.tale.now - timedelta(hours=hours)
        self.hear(by(RecordContact, COORDINATOR, reached=reached, channel=channel, at=at))

    @rule(hours=st.integers(0, 200), kind=st.sampled_from(("conversation", "phone_follow_up", "group")))
    def a_talk_told_later(self, hours: int, kind: str) -> None:
        at = self.tale.now - timedelta(hours=hours)
        self.hear(by(RecordConversation, SUPPORTER, kind=kind, minutes=30, at=at, people=4))

    @rule(later=st.booleans(), milestones=st.booleans())
    def a_yes_or_no(self, later: bool, milestones: bool) -> None:
        self.hear(by(AgreeToCheckIns, COLLEAGUE, later=later, milestones=milestones))

    @rule(hours=st.integers(0, 900))
    def time(self, hours: int) -> None:
        self._note(self.tale.wait(self.tale.now + timedelta(hours=hours)))

    @invariant()
    def at_most_the_limit_and_what_the_coordinator_allowed(self) -> None:
        held = sum(isinstance(one, ConversationHeld) and one.counts for one in self.said)
        assert held <= 3 + sum(isinstance(one, ExtensionGranted) for one in self.said)

    @invariant()
    def every_clock_that_runs_and_every_moment_to_come_has_its_timer(self) -> None:
        timers = {(one.message, one.at) for one in self.tale.later}
        for clock in running(self.case, self.tale.hospital):
            assert (ClockDue(case=CASE, clock=clock.clock, since=clock.since), clock.due_at) in timers
        for due in to_come(self.case, self.tale.hospital):
            if due.at > self.tale.now:
                timer = MomentDue(case=CASE, moment=due.moment, since=due.since)
                assert any(message == timer for message, _ in timers), due

    @invariant()
    def each_missed_clock_is_told_once(self) -> None:
        told = [(one.clock, one.due_at) for one in self.said if isinstance(one, ClockMissed)]
        assert len(told) == len(set(told))

    @invariant()
    def each_moment_comes_once(self) -> None:
        came = [one for one in self.said if isinstance(one, CheckInDue | EvaluationDue | CaseErased)]
        assert len(came) == len({one.model_dump_json() + one.name for one in came})

    @invariant()
    def nobody_has_a_place_who_has_no_case(self) -> None:
        assert self.holders == ({self.case.supporter} - {""} if self.case.is_open else set())
        assert {who for who in (ANNA, BRAM) if CASE in self.tale.state(Waiting, who).cases} == self.holders

    @invariant()
    def no_task_asks_for_what_nobody_needs(self) -> None:
        case = self.case
        assert not [kind for kind in CLOCK_TASKS if kind in case.tasks and (case.is_over or is_needless(case, kind))]
        assert not (case.paused and set(CLOCK_TASKS) & set(case.tasks))

    @invariant()
    def after_a_no_there_is_one_confirmation_at_most(self) -> None:
        assert len(self.after_no or ()) <= 1

    @invariant()
    def an_erased_case_is_nothing_but_erased(self) -> None:
        assert not self.case.erased or self.case == Case(hospital="example", id=CASE, erased=True)


TestACase = pytest.mark.thorough(ACase.TestCase)
TestACase.settings = settings(max_examples=HISTORIES, stateful_step_count=PER_HISTORY, deadline=None)
