"""A report that comes again: amended, withdrawn, repeated, or with somebody more involved."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.protocol.offers import TRIAGE
from services.intake.protocol.states import Report
from shared.messages import Message, followup, matching
from shared.messages.intake import (
    SupporterInvolved,
    SupportOffered,
    SupportWithdrawn,
    TakeReport,
)
from shared.testing import NOW
from tests.decisions.intake_words import (
    ANNA,
    BRAM,
    DAY,
    DIRK,
    DISMISS,
    DONE,
    HOUR,
    LONG_AGO,
    closed,
    colleague,
    deadly,
    matched,
    name_involved,
    named,
    offered,
    on_list,
    report,
    severe,
    story,
    told,
    veto,
    waits,
)


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
