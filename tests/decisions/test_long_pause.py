"""A pause has no end of its own, and is asked about again and again while it lasts; the way back stays open."""

from __future__ import annotations

from services.followup.protocol.case import Case
from shared.engine.world import Said
from shared.messages.followup import FinishTask, NoticeDue, TaskRaised
from shared.testing import NOW
from tests.decisions.followup_tale import (
    CASE,
    CLEO,
    COORDINATOR,
    DAY,
    DECLINE,
    IN_CONTACT,
    MATCHED,
    PAUSE,
    RESUME,
    STOP,
    notice,
    story,
)

LASTS = 28 * DAY
STILL_PAUSED = notice("colleague", "still_paused", CLEO)


def heard(said: list[Said]) -> list[str]:
    """Which tasks are raised, and what is written to whom."""
    tasks = [one.task for one in said if isinstance(one, TaskRaised)]
    return tasks + [f"{one.to} {one.template}" for one in said if isinstance(one, NoticeDue)]


def test_a_pause_is_put_to_the_coordinator_and_the_colleague_keeps_a_way_back() -> None:
    paused = story(*MATCHED, PAUSE)
    assert paused.wait(NOW + LASTS - DAY) == []
    assert heard(paused.wait(NOW + LASTS)) == ["pause", "coordinator pause", "colleague still_paused"]
    assert "pause" in paused.state(Case, CASE).tasks


def test_it_is_asked_about_again_and_again_and_written_about_once_each_time() -> None:
    paused = story(*MATCHED, PAUSE)
    paused.wait(NOW + LASTS)
    assert heard(paused.wait(NOW + 2 * LASTS)) == ["colleague still_paused"]
    paused.given(FinishTask(regarding=CASE, task="pause", **COORDINATOR))
    assert heard(paused.wait(NOW + 3 * LASTS)) == ["pause", "coordinator pause", "colleague still_paused"]
    assert len([one for one in paused.wait(NOW + 3650 * DAY) if one == STILL_PAUSED]) == 3650 // 28 - 3


def test_whoever_resumes_or_ends_it_is_asked_about_no_more() -> None:
    for word in (RESUME, DECLINE, STOP):
        after = story(*IN_CONTACT, PAUSE)
        after.wait(NOW + LASTS)
        after.given(word)
        assert "pause" not in after.state(Case, CASE).tasks
        assert not [line for line in heard(after.wait(NOW + 400 * DAY)) if "pause" in line]


def test_a_second_pause_lasts_from_its_own_beginning() -> None:
    paused = story(*MATCHED, PAUSE)
    paused.wait(NOW + 20 * DAY)
    paused.given(RESUME, PAUSE)
    assert not [line for line in heard(paused.wait(NOW + 47 * DAY)) if line == "pause"]
    assert "pause" in heard(paused.wait(NOW + 48 * DAY))
