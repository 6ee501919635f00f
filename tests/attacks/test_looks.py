"""Nobody reads of a case or a person without it being known who did, and of whom."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.journeys.staff import ANNA, CARLA, EVA
from tests.journeys.town import Town, a_report

#: What a coordinator reads in a morning, the code of the look, and whom it is about.
READS = {
    "cases": ("cases", "case"),
    "cases/{case}": ("case", "case"),
    "cases/{case}/explain": ("clocks", "case"),
    "cases/{case}/match": ("match", "case"),
    "tasks": ("tasks", "waiting"),
    "asks": ("asks", ""),
    "availability": ("availability", "supporter"),
    "on-call": ("on_call", "supporter"),
    "plans": ("plans", ""),
    "supporters": ("supporters", "supporter"),
    "reports": ("reports", "report"),
    "reports/{report}": ("report", "report"),
    "names?refs={case},{supporter}": ("names", "case"),
    "staff": ("staff", ""),
}


async def read_all(town: Town) -> tuple[dict[str, str], list[dict[str, Any]]]:
    refs = await town.move_in()
    feed = await town.key("feed")
    for report in (a_report(ANNA.staff_id), a_report(number="2026-2")):
        await town.ask("POST", "incidents", feed, report)
    await town.press(await town.open(town.letters_of(CARLA)[-1]), "accept")
    other = await town.key("coordinator")
    [case] = (await town.get("cases", other))["cases"]
    reports = (await town.get("reports", other))["reports"]
    waiting = next(one["report"] for one in reports if one["status"] == "waiting" or one["reasons"])
    ids = {"case": case["case"], "supporter": refs[CARLA.staff_id], "report": waiting, "waiting": waiting}
    key = await town.key("coordinator", refs[EVA.staff_id])
    turn = {"begin": "2026-04-01T08:00:00Z", "end": "2026-04-01T20:00:00Z"}
    await town.ask("POST", f"on-call/{refs[CARLA.staff_id]}", other, turn)
    for path in READS:
        await town.get(path.format(**ids), key)
    log = (await town.get("access-log?limit=1000", await town.key("auditor")))["access_log"]
    return ids, [one for one in log if one["by"] == refs[EVA.staff_id]]


async def test_each_read_of_a_coordinator_leaves_who_and_whom(town: Town) -> None:
    ids, looks = await read_all(town)
    assert sorted(one["what"] for one in looks) == sorted(what for what, _ in READS.values())
    for what, about in READS.values():
        [look] = [one for one in looks if one["what"] == what]
        assert look["by_role"] == "coordinator"
        assert not about or ids[about] in look["about"], what


async def test_whoever_asks_about_one_case_sees_its_looks_alone_and_brings_no_other_name_into_the_log(
    town: Town,
) -> None:
    ids, looks = await read_all(town)
    auditor = await town.key("auditor")
    of_case = (await town.get(f"access-log?about={ids['case']}", auditor))["access_log"]
    assert {one["what"] for one in looks if ids["case"] in one["about"]} <= {one["what"] for one in of_case}
    assert all(ids["case"] in one["about"] for one in of_case)
    assert (await town.get("access-log?about=c-nobody", auditor))["access_log"] == []
    log = (await town.get("access-log?limit=1000", auditor))["access_log"]
    asked = [one["about"] for one in log if one["what"] == "access_log"]
    assert [ids["case"]] in asked
    assert ["c-nobody"] not in asked


async def test_a_key_that_is_nobodys_own_is_told_by_its_id(town: Town) -> None:
    await town.move_in()
    key = await town.key("coordinator")
    await town.get("reports", key)
    log = (await town.get("access-log", key))["access_log"]
    [look] = [one for one in log if one["what"] == "reports"]
    made = {one.id for one in await town.house.common.access.keys("example") if one.role == "coordinator"}
    assert look["by"] in made


async def test_what_cannot_be_noted_is_not_shown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
    key = await town.key("coordinator")
    [case] = (await town.get("cases", key))["cases"]

    async def full(looks: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(town.house.common.access.looks, "_writing", Refusing(full))
    for path in ("cases", f"cases/{case['case']}", "tasks", "staff", "reports", "availability", "supporters"):
        answer = await town.ask("GET", path, key)
        assert (answer.status_code, answer.json()["error"]) == (503, "try_again"), path
        assert case["case"] not in answer.text


class Refusing:
    """Keeps nothing."""

    def __init__(self, of: Any) -> None:
        self.of = of
