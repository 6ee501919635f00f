"""What each does in a case at a terminal, with her own key, before the services themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA, EVERYBODY, HUGO, MIA, write_hospital
from tests.journeys.terminal import Answer, Terminal

TODAY = date.today()  # noqa: DTZ011
RECENTLY = (TODAY - timedelta(days=30)).isoformat()
STAFF = [replace(one, intervisie_on=RECENTLY) if one.supporter == "yes" else one for one in EVERYBODY]
PICKED = CARLA.staff_id, HUGO.staff_id, DAAN.staff_id, BRAM.staff_id


@pytest.fixture
def ward(terminal: Terminal) -> Ward:
    """A hospital with its staff, whose coordinator sits at the terminal; it is eleven in the morning."""
    write_hospital(terminal.hospitals, "example", STAFF)
    terminal.ok(f"keys create --role coordinator --person {EVA.staff_id} --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    (terminal.home / "clock").write_text(f"{TODAY.isoformat()}T10:00:00+00:00")
    return Ward(terminal)


class Ward:
    """The people of a hospital, each with the key of her role."""

    def __init__(self, terminal: Terminal) -> None:
        self.at = terminal
        make = "keys create --role supporter --person"
        self.keys = {number: str(terminal.json(f"{make} {number}")["key"]) for number in PICKED}

    def says(self, line: str, who: str = "") -> Answer:
        """Runs a command in English, of a supporter or of the coordinator."""
        return self.at(f"{line} --lang en" + (f" --key {self.keys[who]}" if who else ""))

    def opened(self, line: str) -> str:
        """The case that a door opens."""
        return self.says(line).talk.split()[-1]

    def taken(self, case: str) -> str:
        """The staff number of the supporter who has the case: whoever is asked for it says yes."""
        for number, key in self.keys.items():
            if case in {ask["case"] for ask in self.at.json(f"asks --key {key}")["asks"]}:
                self.at.ok(f"case accept {case} --key {key}")
                return number
        raise AssertionError("nobody of them is asked")


def named(shown: str) -> list[str]:
    """The staff numbers of the supporters whom a text names."""
    return [one.staff_id for one in (BRAM, CARLA, DAAN, HUGO) if one.name in " ".join(shown.split())]


def test_a_case_passes_through_the_hands_of_everybody_who_may_do_something_in_it(ward: Ward) -> None:
    case = ward.opened(f"case open {ANNA.staff_id} --door coordinator --event aggression")
    assert "of another unit" in ward.says(f"case wishes {case} --unit other").talk
    supporter = ward.taken(case)
    assert "debrief" in ward.says(f"case debrief {case}", supporter).talk
    assert "(FOLLOW-41)" in ward.says(f"case check-ins {case} --later", supporter).talk
    assert "(FOLLOW-39)" in ward.says(f"case more {case}").talk
    assert "(FOLLOW-49)" in ward.says(f"case milestone {case} interview").talk
    assert "in the future. (FOLLOW-27)" in ward.says(f"case contact {case} --at 2099-01-01T10:00", supporter).talk

    assert "the alarm number" in ward.says(f"case danger {case}", supporter).talk
    assert f"→ naast case confirm-danger {case}" in ward.says("tasks").out
    assert ward.says(f"case confirm-danger {case}", supporter).code == 1
    assert f"naast case card {case}" in ward.says(f"case confirm-danger {case}").talk
    assert ANNA.phone in ward.says(f"case card {case}").out

    looks = ward.at.json(f"access-log {case}")["access_log"]
    assert [one["by_role"] for one in looks if one["what"] == "card_in_danger"] == ["coordinator"]
    assert all(case in one["about"] for one in looks)
    assert "the details in danger" in ward.says(f"access-log {case}").out
    assert "de gegevens bij gevaar" in ward.at.ok(f"access-log {case} --lang nl").out

    assert "gave the case back" in ward.says(f"case hand-back {case}", supporter).talk
    following = ward.taken(case)
    assert following != supporter
    assert "the supporter is ill" in ward.says(f"case replace {case} --why ill").talk
    third = next(number for number in (DAAN.staff_id, HUGO.staff_id) if number not in (supporter, following))
    assert ward.says(f"case pick {case} {third} --reason continuity").code == 0
    assert ward.taken(case) == third
    assert named(ward.says(f"explain {case}").out) == [third]
    assert "a psychologist" in ward.says(f"case hand-over {case} --to psychologist").talk

    shown = " ".join(ward.says(f"explain {case}").out.split())
    assert f"{case}: closed" in shown
    assert "by the coordinator's request" in shown
    assert named(shown) == []


def test_a_team_is_supported_counted_by_heads_and_minutes_alone(ward: Ward) -> None:
    case = ward.opened(f"group call --department icu --profession nurse --caller {MIA.staff_id}")
    supporter = ward.taken(case)
    assert (
        "a talk of 60 minutes" in ward.says(f"case conversation {case} --minutes 60 --group --people 8", supporter).talk
    )
    assert "Another supporter is looked for: the colleague chose another." in ward.says(f"case another {case}").talk
    assert "The case is closed: the support was declined." in ward.says(f"case stop {case}").talk


def test_hours_leave_pauses_and_turns_are_set_by_whoever_they_belong_to(ward: Ward) -> None:
    day = TODAY + timedelta(days=7)
    turn = f"{day}T17:00"
    for line in (
        f"availability week {BRAM.staff_id} --monday 08:00-17:00 --no-holidays",
        f"availability leave {BRAM.staff_id} {day} {day + timedelta(days=13)}",
        f"availability pause {CARLA.staff_id}",
        f"on-call add {CARLA.staff_id} --from {turn} --to {day + timedelta(days=1)}T08:00",
    ):
        assert ward.says(line).code == 0, line
    shown = ward.at.json("availability show")["availability"]
    assert [one["paused"] for one in shown if one["week"] or one["on_call"]].count(True) == 1
    assert [one["week"] for one in shown if one["leave"]] == [{"monday": "08:00-17:00"}]
    assert CARLA.name in ward.says("on-call list").out

    assert ward.says(f"availability leave {BRAM.staff_id} {day} --cancel").code == 0
    assert ward.says(f"on-call cancel {CARLA.staff_id} --from {turn}").code == 0
    assert "asked again" in ward.says("availability return me", CARLA.staff_id).talk
    after = ward.at.json("availability show")["availability"]
    assert [(one["paused"], one["leave"], one["on_call"]) for one in after] == [(False, [], [])] * len(shown)
    assert ward.says(f"availability pause {BRAM.staff_id}", DAAN.staff_id).code == 1


def test_the_numbers_are_for_the_coordinator_and_a_plan_that_is_none_is_answered(ward: Ward) -> None:
    assert "What waits" in ward.says("overview").out
    refused = ward.says("overview", BRAM.staff_id)
    assert (refused.code, "This is for: coordinator" in refused.talk) == (1, True)
    assert ward.says("plan confirm r-7k3m9q2hzd4f").code == 1
    assert "no plans" in ward.says("plan list").talk
