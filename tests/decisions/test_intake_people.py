"""Whose case it is, who supports, how many work here, and which letters leave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.protocol.domain import PROTOCOL
from services.intake.protocol.offers import TRIAGE
from services.intake.protocol.states import Headcount, Link, Report, Staff
from shared.engine.registry import OfNoKind
from shared.engine.world import Later
from shared.messages import Message, followup, intake, matching, training
from shared.messages.intake import (
    HeadcountMeasured,
    MeasureHeadcount,
    Notice,
    NoticeDue,
    NoticeFailed,
    NoticeGone,
    NoticeSent,
    StaffLeft,
    StaffRecorded,
)
from shared.testing import NOW, Story, a_hospital, heard
from tests.decisions.intake_words import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    DONE,
    HOUR,
    TOMORROW_MORNING,
    closed,
    deadly,
    matched,
    on_list,
    story,
    told,
    waits,
)


def link_after(*messages: Message) -> Link:
    return story(deadly(ANNA), *messages).state(Link, "c-anna")


def test_a_case_belongs_to_whom_was_matched_last_whatever_the_order() -> None:
    second = matching.SupporterMatched(case="c-anna", supporter="s-bram")
    replaced = followup.ReplacementNeeded(case="c-anna", supporter="s-carla")
    assert link_after(matched(ANNA)).supporter == "s-carla"
    assert link_after(matched(ANNA), replaced).supporter == ""
    assert link_after(replaced, matched(ANNA)).supporter == ""
    assert link_after(matched(ANNA), replaced, second).supporter == "s-bram"
    assert link_after(matched(ANNA), second, replaced).supporter == "s-bram"


def test_a_supporter_is_asked_until_the_ask_is_over() -> None:
    asked = matching.SupporterAsked(case="c-anna", supporter="s-carla", ask=1, answer_by=NOW + HOUR)
    assert (link_after(asked).asked, link_after(asked).answer_by) == ("s-carla", NOW + HOUR)
    for over in (matching.AskAccepted, matching.AskDeclined, matching.AskExpired, matching.AskWithdrawn):
        assert link_after(asked, over(case="c-anna", supporter="s-carla", ask=1)).asked == ""


def test_an_erased_case_knows_nobody_any_more() -> None:
    tale = story(deadly(ANNA, BRAM), matched(ANNA), closed(ANNA))
    assert "anna" in tale.state(Report, "r-1").model_dump_json()
    assert tale.when(followup.CaseErased(case="c-anna")) == []
    assert tale.state(Link, "c-anna") == Link(hospital="example", id="c-anna", closed=True)
    kept = tale.state(Report, "r-1")
    assert [person.staff for person in kept.people] == ["s-bram"]
    assert "anna" not in kept.model_dump_json()


def test_with_its_last_case_a_report_forgets_everybody_and_what_it_told() -> None:
    tale = story(deadly(ANNA, BRAM), matched(ANNA), closed(ANNA), closed(BRAM))
    tale.given(followup.CaseErased(case="c-anna"), followup.CaseErased(case="c-bram"))
    tombstone = tale.state(Report, "r-1")
    assert tombstone == Report(hospital="example", id="r-1", revision="1", received_at=NOW, erased=True)
    assert "s-" not in tombstone.model_dump_json()


def test_of_a_report_with_an_erased_case_the_source_names_nobody_any_more() -> None:
    tale = story(deadly(ANNA, BRAM), closed(ANNA), followup.CaseErased(case="c-anna"))
    assert tale.when(deadly(ANNA, BRAM, CARLA, revision="2")) == [waits("erased_before"), told("report_waits")]
    assert [person.staff for person in tale.state(Report, "r-1").people] == ["s-bram"]
    tale.given(followup.TaskFinished(regarding="r-1", task=TRIAGE))
    assert tale.when(deadly(ANNA, BRAM, revision="3")) == [waits("erased_before"), told("report_waits")]


def test_a_task_about_a_report_is_over_when_its_last_case_is_erased() -> None:
    tale = story(deadly(ANNA), matched(ANNA), deadly(revision="2"), closed(ANNA))
    assert tale.when(followup.CaseErased(case="c-anna")) == [DONE]


@pytest.mark.parametrize(
    "late",
    [
        matching.SupporterAsked(case="c-anna", supporter="s-carla", ask=1, answer_by=NOW),
        matching.SupporterMatched(case="c-anna", supporter="s-carla"),
        followup.ReplacementNeeded(case="c-anna", supporter="s-carla"),
        followup.DangerConfirmed(case="c-anna"),
        followup.CheckInsAgreed(case="c-anna", later=True, milestones=True),
        followup.CaseClosed(case="c-anna", ending="completed", supporter="s-carla"),
        followup.CaseErased(case="c-anna"),
    ],
    ids=lambda late: late.name,
)
def test_whatever_comes_late_about_an_erased_case_joins_it_with_nobody_again(late: Message) -> None:
    tale = story(deadly(ANNA), closed(ANNA), followup.CaseErased(case="c-anna"))
    assert tale.when(late) == []
    assert tale.state(Link, "c-anna") == Link(hospital="example", id="c-anna", closed=True)


CARD = StaffRecorded(person="s-dirk", profession="nurse", department="icu", site="north", languages=("nl",))

LISTED = CARD.model_copy(update={"supporter": True})

STEPPED_BACK = CARD.model_copy(update={"stepped_back": True})

NOMINATED = training.SupporterNominated(supporter="s-dirk")

QUALIFIED = training.SupporterQualified(supporter="s-dirk", on=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], on_list(DIRK), [], id="somebody who supports nobody is told to nobody"),
        pytest.param([], on_list(DIRK, supporter=True), [LISTED], id="a supporter on the list"),
        pytest.param([on_list(DIRK, supporter=True)], on_list(DIRK, supporter=True), [], id="the same row again"),
        pytest.param(
            [on_list(DIRK, supporter=True)], on_list(DIRK, supporter=True, line="s-eva"), [], id="another manager"
        ),
        pytest.param(
            [on_list(DIRK, supporter=True)],
            on_list(DIRK, supporter=True, department="surgery"),
            [LISTED.model_copy(update={"department": "surgery"})],
            id="another department",
        ),
        pytest.param(
            [on_list(DIRK, supporter=True)], on_list(DIRK, supporter=True, active=False), [StaffLeft(person="s-dirk")],
            id="a supporter leaves",
        ),
        pytest.param(
            [on_list(DIRK, supporter=True), on_list(DIRK, supporter=True, active=False)],
            on_list(DIRK, supporter=True),
            [LISTED],
            id="and comes back",
        ),
        pytest.param([on_list(DIRK, supporter=True)], on_list(DIRK), [STEPPED_BACK], id="no supporter any more"),
        pytest.param([], on_list(DIRK, supporter=True, active=False), [], id="a supporter who has left before"),
        pytest.param([on_list(DIRK)], NOMINATED, [CARD], id="somebody is nominated"),
        pytest.param([on_list(DIRK), NOMINATED], NOMINATED, [], id="and once more"),
        pytest.param([NOMINATED], on_list(DIRK), [CARD], id="nominated before the list came"),
        pytest.param([on_list(DIRK)], QUALIFIED, [CARD], id="qualified without a nomination"),
        pytest.param([on_list(DIRK, supporter=True)], QUALIFIED, [], id="a supporter qualifies: known already"),
        pytest.param([], NOMINATED, [], id="somebody unknown is nominated"),
        pytest.param([on_list(DIRK), on_list(DIRK, active=False)], NOMINATED, [], id="somebody who left is nominated"),
    ],
)  # fmt: skip
def test_staff_are_told_when_they_support_or_may_come_to(given: list[Message], when: Message, then: list[Any]) -> None:
    assert Story(PROTOCOL).given(*given).when(when) == then


def counted(n: int) -> MeasureHeadcount:
    return MeasureHeadcount(by_role="coordinator", by="", profession="nurse", headcount=n, on=date(2026, 3, 11))


def test_a_headcount_is_told_when_it_changed() -> None:
    tale = Story(PROTOCOL)
    assert tale.when(counted(0)) == [HeadcountMeasured(profession="nurse", headcount=0, on=date(2026, 3, 11))]
    assert tale.when(counted(0)) == []
    assert tale.when(counted(7)) == [HeadcountMeasured(profession="nurse", headcount=7, on=date(2026, 3, 11))]
    assert tale.state(Headcount, "nurse").headcount == 7


def test_a_row_of_the_list_is_remembered_as_it_is() -> None:
    tale = Story(PROTOCOL).given(on_list(DIRK, line="s-eva", supporter=True, trained_on=date(2025, 1, 1)))
    assert tale.state(Staff, "s-dirk") == Staff(
        hospital="example",
        id="s-dirk",
        profession="nurse",
        department="icu",
        site="north",
        languages=("nl",),
        line="s-eva",
        active=True,
        listed=True,
        trained_on=date(2025, 1, 1),
        told=True,
    )


NIGHT = datetime(2026, 3, 11, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("due", [NoticeDue, matching.NoticeDue, followup.NoticeDue, training.NoticeDue])
@pytest.mark.parametrize(
    ("to", "urgent", "now", "policy", "at"),
    [
        ("supporter", False, NOW, "urgent", NOW),
        ("supporter", False, NIGHT, "urgent", TOMORROW_MORNING),
        ("supporter", True, NIGHT, "urgent", NIGHT),
        ("coordinator", True, NIGHT, "urgent", NIGHT),
        ("colleague", True, NIGHT, "urgent", TOMORROW_MORNING),
        ("supporter", True, NIGHT, "none", TOMORROW_MORNING),
        ("coordinator", True, NOW, "none", NOW),
    ],
)
def test_a_notice_leaves_now_or_in_the_morning(
    due: Any, to: Any, urgent: bool, now: datetime, policy: str, at: datetime
) -> None:
    tale = Story(PROTOCOL, a_hospital(rules={"INTAKE-9": policy}), now)
    said = tale.when(due(regarding="c-anna", to=to, template="ask", person="s-carla", urgent=urgent))
    assert said == [Later(Notice(regarding="c-anna", to=to, person="s-carla", template="ask"), at)]


@pytest.mark.parametrize("regarding", ["c-anna", "r-1", "s-carla"])
@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("sent", "", NoticeSent(regarding="", template="ask", to="supporter", channel="mail")),
        ("practice", "", NoticeSent(regarding="", template="ask", to="supporter", channel="practice")),
        ("failed", "smtp_550", NoticeFailed(regarding="", template="ask", to="supporter", reason="smtp_550")),
    ],
)
def test_what_became_of_a_letter_is_told(regarding: str, outcome: Any, reason: str, said: Any) -> None:
    gone = NoticeGone(regarding=regarding, to="supporter", template="ask", outcome=outcome, reason=reason)
    assert Story(PROTOCOL).when(gone) == [said.model_copy(update={"regarding": regarding})]


@pytest.mark.parametrize("due", [NoticeDue, matching.NoticeDue, followup.NoticeDue])
def test_a_notice_about_something_of_no_known_kind_is_not_about_a_profession(due: Any) -> None:
    tale = story()
    for fact in (
        due(regarding="t-42", to="coordinator", template="ask"),
        NoticeGone(regarding="t-42", to="coordinator", template="ask", outcome="sent"),
    ):
        assert list(PROTOCOL.touches(heard(fact))) == []
        with pytest.raises(OfNoKind):
            tale.when(fact)
    assert tale.states(Headcount) == []


def test_of_a_letter_that_nobody_wants_any_more_nothing_is_told() -> None:
    gone = NoticeGone(regarding="c-anna", to="colleague", template="ask", outcome="failed", reason="not_wanted")
    assert Story(PROTOCOL).when(gone) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["before", "after"])
def test_whoever_stops_everything_is_left_alone_also_around_another_ending(order: tuple[int, int]) -> None:
    tale = story(deadly(ANNA))
    ends = (followup.CaseClosed(case="c-anna", ending="handed_over"), followup.SupportDeclined(case="c-anna"))
    for n in order:
        tale.when(ends[n])
    link = tale.state(Link, "c-anna")
    assert (link.closed, link.ending) == (True, "declined")


def test_what_does_not_concern_intake_leaves_no_trace() -> None:
    tale = story(deadly(ANNA))
    before = [tale.states(kind) for kind in PROTOCOL.kinds]
    for message in (
        matching.MatchFailed(case="c-anna", pool=3, removed={"MATCH-1": 3}),
        followup.MoreAsked(case="c-anna"),
        training.SupporterSuspended(supporter="s-carla", rule="TRAIN-1"),
        intake.Refused(regarding="r-1", command="offer_now", rule="INTAKE-7"),
    ):
        assert tale.when(message) == []
    assert [tale.states(kind) for kind in PROTOCOL.kinds] == before
