"""The coordinator picks somebody by hand: what she may set aside, what not, and what is shown of it afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.journeys.scene import Scene, scene
from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, ELS, EVA, EVERYBODY, HUGO, IRIS, write_hospital
from tests.journeys.terminal import Terminal
from tests.journeys.test_the_whole_path import AtTheTerminal


def told_of(s: Scene, shown: Any) -> set[str]:
    """Which supporters something tells of."""
    return {s.named(s.ref(one)) for one in (BRAM, CARLA, ELS) if s.ref(one) in json.dumps(shown)}


async def test_a_pick_overrules_what_may_be_and_nobody_who_let_it_pass_is_named(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.report(ANNA)
        case = await s.case()
        await s.press(CARLA, "decline")
        assert await s.asked() == ["Bram"]
        await s.town.wait(hours=5)
        # Bram let it pass and may be asked again; a doctor is asked instead, and that is on record.
        pick = {"supporter": s.ref(ELS), "reason": "colleague_asks"}
        assert await s.do("supporter", BRAM, f"cases/{case}/pick", pick) == "MATCH-21"
        assert await s.do("coordinator", EVA, f"cases/{case}/pick", pick) == ""
        assert await s.asked() == ["Els"]
        await s.press(ELS, "accept")
        assert await s.card("supporter", ELS, case) == "Anna"
        match = await s.town.get(f"cases/{case}/match", await s.key("coordinator", EVA))
        last = match["searches"][-1]
        assert (s.named(last["supporter"]), last["answer"], last["first_by"]["rule"], last["reason"]) == (
            "Els",
            "accepted",
            "MATCH-21",
            "colleague_asks",
        )
        assert [one["rule"] for one in last["overruled"]] == ["MATCH-1"]
        for shown in (match, await s.town.get(f"cases/{case}/explain", await s.key("coordinator", EVA))):
            assert told_of(s, shown) <= {"Els"}
        assert told_of(s, match) == told_of(s, (await s.show(case))["timeline"]) == {"Els"}


async def test_who_was_involved_or_is_not_trained_is_never_picked(tmp_path: Path) -> None:
    untrained = replace(IRIS, supporter="yes", trained_on="2026-04-01")
    people = tuple(untrained if one is IRIS else one for one in EVERYBODY)
    async with scene(tmp_path, staff=people) as s:
        await s.report(ANNA, DAAN)
        key, cases = await s.key("coordinator", EVA), [one["case"] for one in await s.cases()]
        names = (await s.town.get(f"names?refs={','.join(cases)}", key))["names"]
        [case] = [one for one in cases if ANNA.name in str(names[one])]
        asked = await s.asked()
        refused = {
            one.name: await s.do(
                "coordinator", EVA, f"cases/{case}/pick", {"supporter": s.ref(one), "reason": "nobody_else"}
            )
            for one in (DAAN, untrained, ANNA)
        }
        assert refused == {DAAN.name: "MATCH-13", untrained.name: "MATCH-3", ANNA.name: "MATCH-3"}
        assert await s.asked() == asked
        assert (
            await s.do("coordinator", EVA, f"cases/{case}/pick", {"supporter": s.ref(HUGO), "reason": "urgency"}) == ""
        )
        searches = (await s.town.get(f"cases/{case}/match", await s.key("coordinator", EVA)))["searches"]
        assert [one["rule"] for one in searches[-1]["overruled"]] == ["MATCH-4"]


def test_what_the_terminal_explains_names_nobody_who_said_no(terminal: Terminal) -> None:
    write_hospital(terminal.hospitals, "example", EVERYBODY)
    path = AtTheTerminal(terminal)
    terminal.home.mkdir(parents=True, exist_ok=True)
    path.wait(timedelta(0))
    terminal.ok(f"keys create --role coordinator --person {EVA.staff_id} --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    keys = {
        one: terminal.json(f"keys create --role supporter --person {one.staff_id}")["key"] for one in (BRAM, CARLA, ELS)
    }
    terminal.ok(f"case open {ANNA.staff_id} --door coordinator")
    [ask] = terminal.json("asks")["asks"]
    case = ask["case"]
    first = next(one for one in (BRAM, CARLA) if one.name in terminal.ok("asks").out)
    terminal.ok(f"case decline {case} --key {keys[first]}")
    path.wait(timedelta(hours=5))
    terminal.ok(f"case pick {case} {ELS.staff_id} --reason language")
    terminal.ok(f"case accept {case} --key {keys[ELS]}")
    refused = terminal(f"case pick {case} {DAAN.staff_id} --reason urgency --lang en")
    assert (refused.code, "(MATCH-33)" in refused.talk) == (1, True)
    for shown in (terminal.ok(f"explain {case} --lang en").out, terminal.ok(f"case show {case} --lang en").out):
        assert ELS.name in shown
        assert not any(one.name in shown for one in (BRAM, CARLA, DAAN))
    assert "Reason to pick: " in terminal.ok(f"explain {case} --lang en").out
