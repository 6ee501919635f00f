"""What becomes of a report: an offer by itself, an offer after the window, or a task with reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.protocol.states import Link
from shared.messages.intake import (
    SupportOffered,
    TakeReport,
)
from shared.testing import NOW
from tests.decisions.intake_words import (
    ANNA,
    BRAM,
    CARLA,
    DAY,
    DIRK,
    EVA,
    HOUR,
    TOMORROW_MORNING,
    colleague,
    deadly,
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
