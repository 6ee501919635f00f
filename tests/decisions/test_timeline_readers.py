"""Who reads what of a timeline, and when it says that it happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.followup.protocol.timeline import Told, cases_of, tell, told
from shared.messages import followup, intake, matching, training
from shared.testing import NOW, a_hospital
from tests.decisions.timeline_words import ANNA, ASK, CASE, DUE, OFFER, OTHER, TALK, TASK, WITHDRAWAL, heard


def test_a_fact_about_a_report_is_told_in_each_of_its_cases_and_in_no_other() -> None:
    assert cases_of(heard(OFFER)) == (CASE, OTHER)
    assert cases_of(heard(WITHDRAWAL)) == (CASE, OTHER)
    assert cases_of(heard(followup.SupportPaused(case=CASE))) == (CASE,)
    assert cases_of(heard(intake.TaskDone(regarding="r-1", task="triage"))) == ()
    assert cases_of(heard(training.SupporterSuspended(supporter=ANNA, rule="TRAIN-3"))) == ()


def test_commands_and_timers_are_not_told() -> None:
    command = followup.PauseSupport(case=CASE, by_role="colleague", by="p-1")
    timer = followup.ClockDue(case=CASE, clock="attempt", since=NOW)
    assert [cases_of(heard(message)) for message in (command, timer)] == [(), ()]


def test_of_an_offer_nothing_is_kept_about_the_others_of_the_event() -> None:
    assert told(heard(OFFER)) == Told(NOW, "intake", "support_offered", {"door": "self"})


def test_everybody_reads_what_is_theirs() -> None:
    lines = [
        told(heard(message))
        for message in (
            OFFER,
            matching.AskDeclined(**ASK),
            followup.ClockMissed(case=CASE, clock="attempt", rule="FOLLOW-3", due_at=DUE),
        )
    ]
    offer, no, late = tell(lines, a_hospital(), "en", "coordinator")
    assert tell(lines, a_hospital(), "en", "supporter") == [offer, late]
    assert tell(lines, a_hospital(), "en", "colleague") == [offer]
    assert no.text == "Ask 2 was declined."


def test_nobody_can_tell_who_said_no_or_let_an_ask_pass() -> None:
    asks = [matching.SupporterAsked(**ASK, answer_by=DUE), matching.AskAccepted(**ASK), matching.AskDeclined(**ASK)]
    passed = [matching.AskExpired(**ASK), matching.AskWithdrawn(**ASK)]
    given_back = followup.ReplacementNeeded(case=CASE, supporter=ANNA, why="handed_back")
    kept = [told(heard(message)) for message in (*asks, *passed, given_back)]
    assert not [one for one in kept if ANNA in str(one.data) or "handed_back" in str(one.data)]
    assert told(heard(matching.SupporterMatched(case=CASE, supporter=ANNA))).data == {"supporter": ANNA}


def test_what_is_told_late_stands_where_it_happened() -> None:
    talk = followup.ConversationHeld(**TALK, kind="conversation", counts=True, at=NOW - timedelta(days=2))
    assert told(heard(talk)).at == NOW - timedelta(days=2)


def test_moments_are_told_in_the_time_of_the_hospital() -> None:
    summer = datetime.fromisoformat("2026-07-01T22:30:00+00:00")
    task = intake.TaskRaised(**TASK, due_at=summer)
    [line] = tell([told(heard(task, summer))], a_hospital(timezone="Europe/Lisbon"), "en")
    assert line.at.isoformat() == "2026-07-01T23:30:00+01:00"
    assert line.text == "On the list of the coordinator, due by 2026-07-01 23:30: find a supporter."


def test_what_an_older_version_kept_is_still_told() -> None:
    assert tell([Told(NOW, "followup", "case_paused_long_ago", {})], a_hospital(), "en") == []
    [line] = tell([Told(NOW, "followup", "case_closed", {"ending": "a_new_ending"})], a_hospital(), "en")
    assert line.text == "The case was closed: a new ending."
