"""What becomes of a report: an offer by itself, an offer after the coordinator's word, or a task with reasons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.protocol.domain import PROTOCOL
from services.intake.protocol.offers import TRIAGE
from services.intake.protocol.states import Headcount, Link, Report, Staff
from shared.engine.world import Later
from shared.messages import Message, Role, followup, intake, matching, training
from shared.messages.intake import (
    Colleague,
    DismissReport,
    HeadcountMeasured,
    Involved,
    MeasureHeadcount,
    NameInvolved,
    Notice,
    NoticeDue,
    NoticeFailed,
    NoticeGone,
    NoticeSent,
    OfferNow,
    RecordStaff,
    Refused,
    SetDepartment,
    StaffLeft,
    StaffRecorded,
    SupporterInvolved,
    SupportOffered,
    SupportWithdrawn,
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
SET_DEPARTMENT = SetDepartment(report="r-1", department="icu", **COORDINATOR)


def story(*messages: Message, **hospital: Any) -> Story:
    """Anna, Bram and Carla are on the staff list; nobody else is."""
    return Story(PROTOCOL, a_hospital(**hospital)).given(*map(on_list, (ANNA, BRAM, CARLA)), *messages)


# -- a report comes in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "then"),
    [
        pytest.param(
            severe(ANNA),
            [veto(1), told("offer_prepared")],
            id="what gives cause is prepared, and the coordinator may stop it",
        ),
        pytest.param(
            deadly(ANNA, BRAM), [offered(ANNA, BRAM, harm="death")], id="after a death all offers go out at once"
        ),
        pytest.param(
            report(ANNA, calamity="yes"),
            [offered(ANNA, calamity="yes")],
            id="after an established calamity the offer goes out at once",
        ),
        pytest.param(
            report(ANNA), [waits("awaits_coordinator"), told("report_waits")], id="without a cause it waits for a click"
        ),
        pytest.param(report(), [waits("nobody_named"), told("report_waits")], id="nobody is named"),
        pytest.param(report(anonymous=True), [waits("anonymous"), told("report_waits")], id="an anonymous report"),
        pytest.param(
            deadly(DIRK), [waits("staff_unknown"), told("report_waits")], id="somebody unknown is offered nothing"
        ),
        pytest.param(
            deadly(ANNA, DIRK),
            [
                offered(ANNA, harm="death"),
                waits("staff_unknown"),
                told("report_waits"),
            ],
            id="who is known does not wait for who is unknown",
        ),
        pytest.param(
            deadly(ANNA, department=None, department_given=False),
            [offered(ANNA, harm="death"), waits("department_missing"), told("report_waits")],
            id="a missing department holds back no offer",
        ),
        pytest.param(
            report(ANNA, department=None),
            [waits("department_unknown", "awaits_coordinator"), told("report_waits")],
            id="an unknown department and no cause are one task",
        ),
        pytest.param(
            deadly(ANNA, occurred_at=NOW - 15 * DAY, reported_at=NOW - HOUR),
            [waits("too_old"), told("report_waits")],
            id="an old report is taken in and offers nothing by itself",
        ),
        pytest.param(
            deadly(ANNA, occurred_at=NOW - 14 * DAY, reported_at=NOW - DAY),
            [offered(ANNA, harm="death", t0=NOW - DAY)],
            id="an event of exactly the limit is not too old; the clocks start at the later moment",
        ),
        pytest.param(
            report(
                DIRK, occurred_at=None, reported_at=NOW - 900 * DAY, department=None, department_given=False
            ),
            [waits("department_missing", "staff_unknown", "too_old"), told("report_waits")],
            id="everything that is wrong is in one task, in a fixed order",
        ),
        pytest.param(deadly(ANNA, support_wish="declined"), [], id="who declined in the report is offered nothing"),
        pytest.param(
            report(ANNA, kind="near_miss", harm="severe"),
            [waits("awaits_coordinator"), told("report_waits")],
            id="a near miss gives no cause by its harm",
        ),
        pytest.param(report(ANNA, status="withdrawn"), [], id="a report that was withdrawn before it came is kept"),
    ],
)  # fmt: skip
def test_a_report_comes_in(when: TakeReport, then: list[Any]) -> None:
    assert story().when(when) == then


def test_where_the_hospital_always_offers_an_ordinary_report_is_prepared_as_well() -> None:
    assert story(rules={"INTAKE-4": "always"}).when(report(ANNA)) == [veto(1), told("offer_prepared")]


def test_at_night_the_coordinator_is_told_in_the_morning_and_the_offer_goes_out_all_the_same() -> None:
    night = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)
    tale = story()
    tale.now = night
    assert tale.when(severe(ANNA)) == [veto(1, night + 2 * HOUR), told("offer_prepared", TOMORROW_MORNING)]
    assert tale.wait(night + 2 * HOUR) == [offered(ANNA, harm="severe")]


def test_silence_sends_what_was_prepared() -> None:
    tale = story(severe(ANNA, BRAM))
    assert tale.wait(NOW + 2 * HOUR - timedelta(seconds=1)) == []
    assert tale.wait(NOW + 2 * HOUR) == [offered(ANNA, BRAM, harm="severe")]
    assert tale.state(Link, "c-anna") == Link(
        hospital="example", id="c-anna", staff="s-anna", colleague="p-anna", report="r-1"
    )


def test_who_left_while_the_window_ran_is_not_offered_anything() -> None:
    tale = story(severe(ANNA, BRAM), on_list(ANNA, active=False))
    assert tale.wait(NOW + 2 * HOUR) == [
        offered(BRAM, harm="severe"),
        waits("staff_unknown", due_at=datetime(2026, 3, 11, 15, 0, tzinfo=UTC)),
        told("report_waits", NOW + 2 * HOUR),
    ]


def test_supporters_who_are_involved_who_manage_her_or_who_are_she_are_not_to_be_asked() -> None:
    tale = story(
        on_list(ANNA, line="s-dirk", supporter=True),
        on_list(BRAM, line="s-dirk", supporter=True),
        on_list(DIRK, line="s-eva"),
        on_list(EVA, supporter=True),
    )
    assert tale.when(deadly(ANNA, CARLA)) == [
        SupportOffered(
            report="r-1",
            t0=NOW - HOUR,
            event_types=("medication",),
            calamity="no",
            harm="death",
            colleagues=(
                colleague(ANNA, "s-anna").model_copy(update={"line": ("s-eva",)}),
                colleague(CARLA, "s-anna"),
            ),
        )
    ]


def test_managers_who_manage_each_other_are_each_seen_once() -> None:
    tale = story(on_list(ANNA, line="s-bram", supporter=True), on_list(BRAM, line="s-anna", supporter=True))
    [said] = tale.when(deadly(ANNA))
    assert isinstance(said, SupportOffered)
    assert (said.colleagues[0].not_by, said.colleagues[0].line) == (("s-anna",), ("s-bram",))


# -- it comes again ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([deadly(ANNA)], deadly(ANNA), [], id="the same version again"),
        pytest.param([deadly(ANNA, revision="2")], deadly(BRAM), [], id="an older version late"),
        pytest.param([deadly(ANNA, revision="10")], deadly(BRAM, revision="9"), [], id="revisions count as numbers"),
        pytest.param([deadly(ANNA)], deadly(BRAM, key="other"), [], id="another content under the same revision"),
        pytest.param([deadly(ANNA)], deadly(ANNA, revision="2"), [], id="a new version that says the same"),
        pytest.param(
            [deadly(ANNA, revision=None)], deadly(ANNA, revision=None, key="again"), [], id="other content, same people"
        ),
        pytest.param(
            [deadly(ANNA)],
            deadly(ANNA, BRAM, revision="2"),
            [offered(BRAM, harm="death", t0=NOW)],
            id="an amendment names one more; her clocks start now",
        ),
        pytest.param(
            [severe(ANNA)],
            severe(ANNA, BRAM, revision="2"),
            [veto(2), told("offer_prepared")],
            id="one more in the window has a window of her own",
        ),
        pytest.param(
            [severe(ANNA)],
            severe(ANNA, calamity="yes", revision="2"),
            [offered(ANNA, harm="severe", calamity="yes", t0=NOW)],
            id="a calamity ends the window",
        ),
        pytest.param(
            [report(ANNA)],
            report(ANNA, calamity="yes", revision="2"),
            [offered(ANNA, calamity="yes", t0=NOW), DONE],
            id="a calamity decided later triggers, and what waited is done",
        ),
        pytest.param(
            [severe(ANNA)],
            report(ANNA, revision="2"),
            [waits("awaits_coordinator"), told("report_waits")],
            id="the cause is taken back before the window is over: it waits",
        ),
        pytest.param([severe(ANNA, BRAM)], severe(ANNA, revision="2"), [], id="taken off before the offer: silently"),
        pytest.param(
            [deadly(ANNA, BRAM)],
            deadly(ANNA, revision="2"),
            [SupportWithdrawn(report="r-1", cases=("c-bram",), reason="amended")],
            id="taken off after the offer: it is taken back",
        ),
        pytest.param(
            [deadly(ANNA, BRAM), matched(BRAM)],
            deadly(ANNA, revision="2"),
            [waits("person_removed_after_contact"), told("report_waits")],
            id="taken off after a supporter was found: the coordinator decides",
        ),
        pytest.param(
            [deadly(ANNA, BRAM), matched(BRAM), closed(BRAM)],
            deadly(ANNA, revision="2"),
            [],
            id="taken off after the case was closed: nothing is left to do",
        ),
        pytest.param(
            [deadly(ANNA, BRAM), closed(BRAM), deadly(ANNA, revision="2")],
            deadly(ANNA, BRAM, revision="3"),
            [],
            id="and named again: she had her offer",
        ),
        pytest.param(
            [deadly(ANNA, BRAM), deadly(ANNA, revision="2"), matched(BRAM)],
            deadly(ANNA, BRAM, revision="3"),
            [],
            id="taken off while a supporter said yes, and named again: no second offer",
        ),
        pytest.param(
            [deadly(ANNA, BRAM), matched(BRAM), deadly(ANNA, revision="2")],
            deadly(ANNA, BRAM, revision="3"),
            [DONE],
            id="and named again: she still has her supporter, and no second offer",
        ),
        pytest.param(
            [deadly(ANNA), deadly(revision="2")],
            deadly(revision="3", staff=(named(ANNA, n="-3"),)),
            [
                SupportOffered(
                    report="r-1",
                    t0=NOW,
                    event_types=("medication",),
                    calamity="no",
                    harm="death",
                    colleagues=(colleague(ANNA).model_copy(update={"case": "c-anna-3", "colleague": "p-anna-3"}),),
                ),
                DONE,
            ],
            id="an offer that was taken back does not count: named again she has a new case",
        ),
        pytest.param(
            [deadly(ANNA, support_wish="declined")],
            deadly(ANNA, revision="2", support_wish="requested"),
            [offered(ANNA, harm="death", t0=NOW)],
            id="who declined asks for it later",
        ),
        pytest.param([severe(ANNA)], severe(ANNA, status="withdrawn"), [], id="withdrawn in the window"),
        pytest.param(
            [deadly(ANNA)],
            deadly(ANNA, status="withdrawn"),
            [waits("withdrawn_after_offer"), told("report_waits")],
            id="withdrawn after the offer: the coordinator decides",
        ),
        pytest.param(
            [deadly(ANNA), closed(ANNA)], deadly(ANNA, status="withdrawn"), [], id="withdrawn after it all was over"
        ),
        pytest.param(
            [report()], report(status="withdrawn"), [DONE], id="withdrawn while it waited: nothing waits any more"
        ),
        pytest.param(
            [report(ANNA), DISMISS], report(ANNA, revision="2"), [], id="put aside, and nothing new: it stays aside"
        ),
        pytest.param(
            [report(ANNA), DISMISS],
            report(ANNA, calamity="yes", revision="2"),
            [offered(ANNA, calamity="yes", t0=NOW)],
            id="put aside, then a new cause: that was not what was put aside",
        ),
        pytest.param(
            [severe(ANNA), DISMISS],
            severe(ANNA, BRAM, revision="2"),
            [waits("awaits_coordinator"), told("report_waits")],
            id="put aside, then one more is named: the coordinator is told and nothing goes out by itself",
        ),
        pytest.param(
            [report(ANNA), followup.TaskFinished(regarding="r-1", task=TRIAGE)],
            report(ANNA, revision="2"),
            [],
            id="a task that was ended by hand does not come back",
        ),
        pytest.param(
            [report(ANNA), followup.TaskFinished(regarding="r-1", task=TRIAGE)],
            report(ANNA, DIRK, revision="2"),
            [waits("staff_unknown"), told("report_waits")],
            id="a task that was ended by hand comes back for a new reason only",
        ),
        pytest.param(
            [deadly(ANNA), matched(ANNA), closed(ANNA), followup.CaseErased(case="c-anna")],
            deadly(ANNA, revision="2"),
            [waits("erased_before"), told("report_waits")],
            id="after an erased case a later version is a task, and never an offer",
        ),
    ],
)  # fmt: skip
def test_a_report_comes_again(given: list[Message], when: TakeReport, then: list[Any]) -> None:
    assert story(*given).when(when) == then


def test_a_calamity_decided_weeks_later_starts_its_clocks_then() -> None:
    tale = story(report(ANNA))
    tale.now = NOW + 42 * DAY
    assert tale.when(report(ANNA, calamity="yes", revision="2")) == [
        offered(ANNA, calamity="yes", t0=NOW + 42 * DAY),
        DONE,
    ]


def test_an_amendment_of_a_report_that_was_too_old_when_it_came_offers_nothing_by_itself() -> None:
    tale = story(report(ANNA, **LONG_AGO))
    assert tale.when(deadly(ANNA, **LONG_AGO, revision="2")) == []
    assert tale.state(Report, "r-1").reasons == ("too_old",)


def test_each_window_sends_only_what_was_prepared_in_it() -> None:
    tale = story(severe(ANNA))
    tale.now = NOW + HOUR
    tale.given(severe(ANNA, BRAM, revision="2"))
    assert tale.wait(NOW + 2 * HOUR) == [offered(ANNA, harm="severe", t0=NOW + HOUR)]
    assert tale.wait(NOW + 3 * HOUR) == [offered(BRAM, harm="severe", t0=NOW + HOUR)]


ASKED_FOR_ANNA = matching.SupporterAsked(case="c-anna", supporter="s-dirk", ask=1, answer_by=NOW)


def involved_too(*supporters: str, cases: tuple[str, ...] = ("c-anna",)) -> SupporterInvolved:
    return SupporterInvolved(report="r-1", cases=cases, supporters=supporters)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(
            [deadly(ANNA), on_list(BRAM, supporter=True)],
            deadly(ANNA, BRAM, revision="2"),
            [involved_too("s-bram"), SupportOffered],
            id="a supporter is named later",
        ),
        pytest.param(
            [on_list(DIRK), deadly(ANNA), ASKED_FOR_ANNA],
            deadly(ANNA, DIRK, revision="2"),
            [involved_too("s-dirk"), SupportOffered],
            id="who is asked is named later, whatever the list says of her",
        ),
        pytest.param(
            [on_list(BRAM, supporter=True), deadly(ANNA)],
            name_involved(BRAM),
            [involved_too("s-bram"), SupportOffered],
            id="the coordinator names a supporter",
        ),
        pytest.param(
            [on_list(BRAM, supporter=True), deadly(ANNA, BRAM)],
            deadly(ANNA, BRAM, revision="2"),
            [],
            id="she was known to be involved",
        ),
        pytest.param(
            [on_list(BRAM, supporter=True), deadly(ANNA), closed(ANNA)],
            deadly(ANNA, BRAM, revision="2"),
            [SupportOffered],
            id="there is no other open case",
        ),
        pytest.param([deadly(ANNA)], deadly(ANNA, BRAM, revision="2"), [SupportOffered], id="she supports nobody"),
    ],
)  # fmt: skip
def test_a_supporter_turns_out_to_be_involved(given: list[Message], when: Message, then: list[Any]) -> None:
    said = story(*given).when(when)
    assert [type(one) if isinstance(one, SupportOffered) else one for one in said] == then


# -- the coordinator's word --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([report(ANNA)], OFFER_NOW, [offered(ANNA), DONE], id="one click offers what waited"),
        pytest.param([severe(ANNA)], OFFER_NOW, [offered(ANNA, harm="severe")], id="one click ends the window"),
        pytest.param(
            [report(ANNA, **LONG_AGO)],
            OFFER_NOW,
            [offered(ANNA, t0=NOW), DONE],
            id="what is too old can be offered by hand; its clocks start now",
        ),
        pytest.param(
            [deadly(ANNA)],
            OFFER_NOW,
            [Refused(regarding="r-1", command="offer_now", rule="INTAKE-5")],
            id="everybody has an offer already",
        ),
        pytest.param(
            [deadly(ANNA, support_wish="declined")],
            OFFER_NOW,
            [Refused(regarding="r-1", command="offer_now", rule="INTAKE-10")],
            id="who declined is not offered anything by hand either",
        ),
        pytest.param(
            [report(DIRK)], OFFER_NOW, [waits("staff_unknown")], id="nobody is known: the answer is what it waits for"
        ),
        pytest.param(
            [report(DIRK), on_list(DIRK)], OFFER_NOW, [offered(DIRK), DONE], id="who was unknown is on the list by now"
        ),
        pytest.param(
            [report(ANNA), on_list(ANNA, active=False)],
            OFFER_NOW,
            [waits("staff_unknown")],
            id="who was known has left by now",
        ),
        pytest.param(
            [report()],
            name_involved(ANNA),
            [offered(ANNA, t0=NOW), DONE],
            id="the coordinator names who was involved; her clocks start now",
        ),
        pytest.param(
            [report(DIRK)],
            name_involved(ANNA),
            [offered(ANNA, t0=NOW), DONE],
            id="and so says who the unknown one was",
        ),
        pytest.param(
            [report()], name_involved(DIRK), [waits("staff_unknown")], id="the coordinator names somebody unknown"
        ),
        pytest.param(
            [deadly(ANNA)],
            name_involved(ANNA),
            [Refused(regarding="r-1", command="name_involved", rule="INTAKE-5")],
            id="she has an offer already",
        ),
        pytest.param(
            [deadly(ANNA)],
            name_involved(ANNA, BRAM),
            [offered(BRAM, harm="death", t0=NOW)],
            id="one has an offer already, the other gets one",
        ),
        pytest.param(
            [report(ANNA)],
            name_involved(BRAM),
            [offered(BRAM, t0=NOW), waits("awaits_coordinator")],
            id="one is named, the other still waits",
        ),
        pytest.param(
            [deadly(ANNA, department=None)], SET_DEPARTMENT, [DONE], id="the department was all that was missing"
        ),
        pytest.param(
            [report(ANNA, department=None)],
            SET_DEPARTMENT,
            [waits("awaits_coordinator")],
            id="the department was not all: the rest still waits, until the same moment",
        ),
        pytest.param([deadly(ANNA)], SET_DEPARTMENT, [], id="the department was known"),
        pytest.param([report(ANNA)], DISMISS, [DONE], id="put aside"),
        pytest.param([severe(ANNA)], DISMISS, [], id="put aside in the window: nothing goes out"),
        pytest.param(
            [deadly(ANNA)],
            DISMISS,
            [SupportWithdrawn(report="r-1", cases=("c-anna",), reason="dismissed")],
            id="put aside after the offer: it is taken back",
        ),
        pytest.param(
            [deadly(ANNA), matched(ANNA)], DISMISS, [], id="put aside after a supporter was found: she keeps her"
        ),
        pytest.param([report(ANNA), DISMISS], OFFER_NOW, [offered(ANNA)], id="put aside, and taken up again"),
        pytest.param([], OFFER_NOW, [], id="there is no such report"),
    ],
)  # fmt: skip
def test_the_coordinator_says(given: list[Message], when: Message, then: list[Any]) -> None:
    assert story(*given).when(when) == then


def test_a_report_that_was_put_aside_in_its_window_sends_nothing() -> None:
    assert story(severe(ANNA), DISMISS).wait(NOW + 3 * HOUR) == []


def test_an_amendment_does_not_take_off_whom_the_coordinator_named() -> None:
    tale = story(report(), name_involved(ANNA))
    assert tale.when(report(revision="2")) == []
    assert [person.standing for person in tale.state(Report, "r-1").people] == ["offered"]


def test_an_amendment_that_still_names_no_department_does_not_undo_the_coordinators_word() -> None:
    tale = story(deadly(ANNA, department=None), SET_DEPARTMENT)
    assert tale.when(deadly(ANNA, department=None, revision="2")) == []


@pytest.mark.parametrize("role", [role for role in get_args(Role) if role != "coordinator"])
@pytest.mark.parametrize("word", [OFFER_NOW, DISMISS, SET_DEPARTMENT, name_involved(ANNA)], ids=lambda word: word.name)
def test_only_the_coordinator_has_a_say_on_a_report(word: Any, role: str) -> None:
    tale = story(report(ANNA))
    before = tale.state(Report, "r-1")
    refused = tale.when(word.model_copy(update={"by_role": role, "by": "s-anna"}))
    assert refused == [Refused(regarding="r-1", command=word.name, rule="INTAKE-7")]
    assert tale.state(Report, "r-1") == before


# -- every state, every message ----------------------------------------------------------------------------------------

STATES: dict[str, list[Message]] = {
    "unknown": [],
    "waiting": [report(ANNA)],
    "window": [severe(ANNA)],
    "offered": [deadly(ANNA)],
    "matched": [deadly(ANNA), matched(ANNA)],
    "closed": [deadly(ANNA), closed(ANNA)],
    "aside": [report(ANNA), DISMISS],
    "withdrawn": [severe(ANNA), severe(ANNA, status="withdrawn")],
    "erased": [deadly(ANNA), closed(ANNA), followup.CaseErased(case="c-anna")],
}
NEXT: dict[str, Message] = {
    "death": deadly(ANNA, revision="2"),
    "without": deadly(revision="2"),
    "withdrawal": report(ANNA, revision="2", status="withdrawn"),
    "veto": VetoPassed(report="r-1", round=1),
    "offer": OFFER_NOW,
    "name": name_involved(ANNA),
    "aside": DISMISS,
    "by hand": followup.TaskFinished(regarding="r-1", task=TRIAGE),
    "match": matched(ANNA),
    "close": closed(ANNA),
    "erase": followup.CaseErased(case="c-anna"),
}
#                unknown   waiting    window    offered  matched  closed   aside     withdrawn  erased
ANSWERS = {
    "death":      "offer    offer+done offer     -        -        -        offer     offer      wait",
    "without":    "wait     wait       wait      back+wait wait    -        wait      wait       wait",
    "withdrawal": "-        done       -         wait     wait     -        -         -          -",
    "veto":       "-        -          offer     -        -        -        -         -          -",
    "offer":      "-        offer+done offer     refused  refused  refused  offer     -          -",
    "name":       "-        offer+done offer     refused  refused  refused  offer     offer      offer",
    "aside":      "-        done       -         back     -        -        -         -          -",
    "by hand":    "-        -          -         -        -        -        -         -          -",
    "match":      "-        -          -         -        -        -        -         -          -",
    "close":      "-        -          -         -        -        -        -         -          -",
    "erase":      "-        -          -         -        -        -        -         -          -",
}  # fmt: skip
WORDS = {SupportOffered: "offer", TaskRaised: "wait", TaskDone: "done", SupportWithdrawn: "back", Refused: "refused"}


@pytest.mark.parametrize("message", NEXT)
@pytest.mark.parametrize("state", STATES)
def test_every_message_is_answered_in_every_state(state: str, message: str) -> None:
    said = story(*STATES[state]).when(NEXT[message])
    expected = ANSWERS[message].split()[list(STATES).index(state)]
    assert ("+".join(WORDS[type(one)] for one in said if not isinstance(one, Later)) or "-") == expected


# -- any history -------------------------------------------------------------------------------------------------------

VERSIONS = st.integers(1, 5)


def version(n: int, harm: str = "death") -> TakeReport:
    """Each version names one more; the last names Dirk as well, whom nobody knows."""
    return report(*(ANNA, BRAM, CARLA, CARLA, DIRK)[:n], harm=harm, revision=str(n), **_fresh_refs(n))


def _fresh_refs(n: int) -> dict[str, Any]:
    people = dict.fromkeys((ANNA, BRAM, CARLA, CARLA, DIRK)[:n])
    return {"staff": tuple(named(who, n=f"-{n}") for who in people)}


def offers_of(said: Iterable[Any]) -> list[str]:
    return [one.case for offer in said if isinstance(offer, SupportOffered) for one in offer.colleagues]


@given(st.lists(VERSIONS, min_size=1, max_size=12), st.sampled_from(["death", "severe"]), st.randoms())
def test_whatever_the_feed_repeats_or_reorders_everybody_known_has_exactly_one_offer(
    history: list[int], harm: str, chance: Any
) -> None:
    tale, said = story(), []
    for n in [*history, 5]:
        said += tale.when(version(n, harm))
        if chance.random() < 0.3:
            said += tale.wait(tale.now + HOUR)
    said += tale.wait(tale.now + DAY)
    people = sorted(tale.state(Link, case).staff for case in offers_of(said))
    assert people == ["s-anna", "s-bram", "s-carla"]
    assert tale.state(Report, "r-1").reasons == ("staff_unknown",)


ANYTHING = st.sampled_from(
    [
        *(version(n, harm) for n in (1, 2, 3) for harm in ("low", "severe", "death")),
        report(ANNA, revision="4"),
        report(BRAM, revision="5", calamity="yes"),
        report(ANNA, revision="6", status="withdrawn"),
        deadly(ANNA, BRAM, revision="7"),
        deadly(ANNA, revision=None, key="x"),
        deadly(BRAM, revision=None, key="y"),
        OFFER_NOW,
        DISMISS,
        name_involved(ANNA),
        name_involved(BRAM, DIRK),
        on_list(DIRK),
        on_list(ANNA, active=False),
        on_list(ANNA),
    ]
)


@given(st.lists(ANYTHING | st.sampled_from(["match", "close", "wait"]), max_size=25))
def test_nobody_ever_has_two_open_offers_for_one_report(history: list[Any]) -> None:
    tale, fresh = story(), iter(range(10_000))
    open_cases: dict[str, str] = {}
    for step in history:
        if step == "wait":
            said = tale.wait(tale.now + HOUR)
        elif isinstance(step, str):
            case = next(iter(open_cases), "c-nobody")
            said = tale.when(
                matching.SupporterMatched(case=case, supporter="s-carla")
                if step == "match"
                else followup.CaseClosed(case=case, ending="completed")
            )
        else:
            staff = getattr(step, "staff", None)
            refs = [named(one.staff[2:], n=f"-{next(fresh)}") for one in staff or ()]
            said = tale.when(step.model_copy(update={"staff": tuple(refs)}) if staff else step)
        for one in said:
            if isinstance(one, SupportWithdrawn):
                for case in one.cases:
                    del open_cases[case]
        for case in offers_of(said):
            assert tale.state(Link, case).staff not in open_cases.values()
            open_cases[case] = tale.state(Link, case).staff


# -- cases, staff, headcounts ------------------------------------------------------------------------------------------


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
        pytest.param([on_list(DIRK, supporter=True)], on_list(DIRK), [CARD], id="no supporter any more"),
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


# -- notices -----------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("regarding", ["c-anna", "r-1", "s-carla", "nurse"])
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
