"""What supporters, colleagues and the coordinator say about a case."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.messages import Command, followup, matching
from tests.laws.base import ANY, COORDINATOR, SPEAKER, Base
from tests.laws.people import SUPPORTERS, one_of

#: Tasks that the coordinator may say are done.
TASKS = (
    "contact",
    "attempt",
    "second_attempt",
    "third_attempt",
    "find_supporter",
    "closing",
    "assignment",
    "unassigned",
    "last_check",
    "not_reached",
    "help",
    "withdrawn",
    "extension",
)


class Support(Base):
    """Somebody is asked, says yes, calls, talks, closes."""

    @rule(n=ANY, yes=st.booleans(), speaker=SPEAKER, along=st.integers(0, 2))
    def an_ask_is_answered(self, n: int, yes: bool, speaker: str, along: int) -> None:
        if (case := self._case(n, held=False)) is None:
            return
        who = {"by_role": "supporter", "by": self.watch.asks.cases[case].asked or one_of(SUPPORTERS, n)}
        who = who if speaker == "right" else self._speaker(case, speaker)
        self._tell(matching.AcceptAsk if yes else matching.DeclineAsk, along, case=case, **who)

    @rule(n=ANY, word=st.sampled_from(("decline", "pause", "stop", "close")), first=st.booleans(), yes=st.booleans())
    def two_words_cross(self, n: int, word: str, first: bool, yes: bool) -> None:
        """A supporter answers and the colleague decides, and neither has heard of the other."""
        if (case := self._case(n, held=False)) is None or not self.watch.asks.cases[case].asked:
            return
        answer = matching.AcceptAsk if yes else matching.DeclineAsk
        words: dict[str, type[Command]] = {
            "decline": followup.DeclineSupport,
            "pause": followup.PauseSupport,
            "stop": followup.StopSupport,
            "close": followup.CloseCase,
        }
        if first:
            self._tell(answer, case=case, by_role="supporter", by=self.watch.asks.cases[case].asked)
        who = COORDINATOR if word == "close" else self._speaker(case, "right", "colleague")
        self._tell(words[word], case=case, **who)
        if not first:
            self._tell(answer, case=case, by_role="supporter", by=self.watch.asks.cases[case].asked)

    @rule(seed=st.integers(0, 99), talk=st.booleans())
    def supporters_say_yes(self, seed: int, talk: bool) -> None:
        """Whoever is asked says yes, and some call at once."""
        self.town.settle(random.Random(seed) if seed else None)
        self.watch.look()
        for id, case in list(self.watch.asks.cases.items()):
            if case.asked:
                self._tell(matching.AcceptAsk, case=id, by_role="supporter", by=case.asked)
        self.watch.look()
        if talk:
            # Whoever calls need not wait until the others have heard that she has the case.
            self.town.deliver("followup", range(len(self.town.on_the_way["followup"])))
            self.watch.look()
            for id, held in list(self.watch.cases.cases.items()):
                if held.holder:
                    self._tell(followup.RecordContact, case=id, reached=True, **self._speaker(id, "right"))

    they_say_yes = supporters_say_yes

    @rule(
        n=ANY,
        who=st.sampled_from(SUPPORTERS),
        word=st.sampled_from(("pick", "search", "pick", "wish", "plan")),
        unit=st.sampled_from(("own", "other", "any")),
        speaker=SPEAKER,
    )
    def somebody_is_looked_for(self, n: int, who: str, word: str, unit: str, speaker: str) -> None:
        if (case := self._case(n, held=False)) is None:
            return
        boss = COORDINATOR if speaker != "wrong" else {"by_role": "supporter", "by": who}
        match word:
            case "search":
                self._tell(matching.SearchAgain, case=case, **boss)
            case "pick":
                self._tell(matching.PickSupporter, case=case, supporter=who, reason="urgency", **boss)
            case "wish":
                wishes = {"unit": unit, "own_line": bool(n % 2), "independent": bool(n % 3)}
                self._tell(matching.ChoosePreferences, case=case, **wishes, **self._speaker(case, speaker, "colleague"))
            case _ if self.versions:
                self._tell(matching.ConfirmPlan, report=one_of(list(self.versions), n), **boss)

    @rule(
        n=ANY,
        what=st.sampled_from(("tried", "reached", "conversation", "conversation", "phone_follow_up", "group")),
        hours=st.sampled_from((0, 0, 3, 30)),
        twice=st.booleans(),
        speaker=SPEAKER,
    )
    def they_talk(self, n: int, what: str, hours: int, twice: bool, speaker: str) -> None:
        if (case := self._case(n)) is None:
            return
        fields = {"case": case, "at": self.town.now - timedelta(hours=hours) if hours else None}
        fields |= self._speaker(case, speaker)
        for _ in range(1 + twice):
            if what in ("tried", "reached"):
                self._tell(followup.RecordContact, reached=what == "reached", **fields)
            else:
                people = 6 if what == "group" else 0
                self._tell(followup.RecordConversation, kind=what, minutes=30, people=people, **fields)

    somebody_is_looked_for_again = somebody_is_looked_for
    they_talk_again = they_talk

    @rule(
        n=ANY,
        kinds=st.lists(st.sampled_from(("conversation", "conversation", "phone_follow_up", "more")), max_size=7),
        days=st.integers(0, 3),
    )
    def they_meet_more_than_once(self, n: int, kinds: list[str], days: int) -> None:
        """One talk after the other, some days apart, until the limit and beyond."""
        if (case := self._case(n)) is None:
            return
        for kind in kinds:
            if kind == "more":
                self._tell(followup.GrantExtension, case=case, **COORDINATOR)
            else:
                who = self._speaker(case, "right")
                self.town.tell(
                    followup.RecordConversation.model_validate({"case": case, "kind": kind, "minutes": 20} | who)
                )
            self.town.jump(self.town.now + timedelta(days=days))
            self.watch.tick()

    they_meet_again = they_meet_more_than_once

    @rule(n=ANY, held=st.booleans(), days=st.sampled_from((0, 1, 5, 40)))
    def she_comes_back_after_a_pause(self, n: int, held: bool, days: int) -> None:
        if (case := self._case(n, held=held)) is None:
            return
        her = self._speaker(case, "right", "colleague")
        self._tell(followup.PauseSupport, case=case, **her)
        self.town.jump(self.town.now + timedelta(days=days))
        self.watch.tick()
        self._tell(followup.ResumeSupport, case=case, **her)

    @rule(
        n=ANY,
        word=st.sampled_from(("decline", "another", "pause", "resume", "another", "stop", "more")),
        speaker=SPEAKER,
    )
    def the_colleague_decides(self, n: int, word: str, speaker: str) -> None:
        words: dict[str, type[Command]] = {
            "decline": followup.DeclineSupport,
            "pause": followup.PauseSupport,
            "resume": followup.ResumeSupport,
            "stop": followup.StopSupport,
            "another": followup.ChooseAnother,
            "more": followup.AskMore,
        }
        if (case := self._case(n)) is not None:
            if self.watch.cases.cases[case].paused and word in ("pause", "another", "more"):
                word = "resume"
            self._tell(words[word], case=case, **self._speaker(case, speaker, "colleague"))

    @rule(
        n=ANY, word=st.sampled_from(("extend", "extend", "replace", "over", "close", "finish")), speaker=SPEAKER, m=ANY
    )
    def the_coordinator_decides(self, n: int, word: str, speaker: str, m: int) -> None:
        if (case := self._case(n)) is None:
            return
        boss = COORDINATOR if speaker != "wrong" else self._speaker(case, "right")
        match word:
            case "extend":
                self._tell(followup.GrantExtension, case=case, **boss)
            case "replace":
                self._tell(
                    followup.ReplaceSupporter, case=case, why=one_of(("ill", "involved", "coordinator"), m), **boss
                )
            case "over":
                self._tell(followup.HandOver, case=case, to="psychologist", **boss)
            case "close":
                self._tell(followup.CloseCase, case=case, ending="completed", **self._speaker(case, speaker))
            case _:
                self._tell(followup.FinishTask, regarding=case, task=one_of(TASKS, m + n), **boss)

    @rule(
        n=ANY,
        word=st.sampled_from(("help", "back", "danger", "confirm", "debrief", "check-ins", "milestone")),
        speaker=SPEAKER,
    )
    def the_supporter_speaks(self, n: int, word: str, speaker: str) -> None:
        if (case := self._case(n)) is None:
            return
        who = self._speaker(case, speaker)
        match word:
            case "check-ins":
                agreed = {"later": bool(n % 2), "milestones": True}
                self._tell(followup.AgreeToCheckIns, case=case, **agreed, **self._speaker(case, speaker, "colleague"))
            case "milestone":
                self._tell(followup.ReportMilestone, case=case, milestone="report", **COORDINATOR)
            case "confirm":
                self._tell(followup.ConfirmDanger, case=case, **COORDINATOR)
            case _:
                words: dict[str, type[Command]] = {
                    "help": followup.RequestHelp,
                    "back": followup.HandBack,
                    "danger": followup.ReportDanger,
                    "debrief": followup.AskDebrief,
                }
                self._tell(words[word], case=case, **who)
