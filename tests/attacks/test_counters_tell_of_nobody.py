"""Whoever reads the figures all day learns of nobody what she said or pressed; and not everybody reads them."""

from __future__ import annotations

from typing import get_args

import pytest

from shared.messages import CATALOGUE, Role
from shared.metrics import ABOUT_SOMEBODY, shown_as
from tests.journeys.staff import ANNA, BRAM, CARLA
from tests.journeys.town import Town, a_report

#: What is about a report, a plan or a profession, and said by the house and not by a person.
SHOWN = {
    "naast.intake.support_offered.v1",
    "naast.intake.support_withdrawn.v1",
    "naast.intake.event_reassessed.v1",
    "naast.intake.supporter_involved.v1",
    "naast.intake.headcount_measured.v1",
    "naast.intake.veto_passed.v1",
    "naast.matching.plan_made.v1",
    "naast.training.coverage_measured.v1",
}


def test_only_what_is_about_nobody_has_a_label_of_its_own() -> None:
    ours = {type for type, kind in CATALOGUE.items() if kind.__module__.startswith("shared.messages.")}
    assert {type for type in ours if shown_as(type) == type} == SHOWN
    assert {shown_as(type) for type in ours - SHOWN} == {ABOUT_SOMEBODY}


async def test_a_press_of_danger_shows_as_no_more_than_that_something_was_said(town: Town) -> None:
    refs = await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
    keys = {refs[one.staff_id]: await town.key("supporter", refs[one.staff_id]) for one in (BRAM, CARLA)}
    [(key, ask)] = [(key, ask) for key in keys.values() for ask in (await town.get("asks", key))["asks"]]
    await town.ask("POST", f"cases/{ask['case']}/ask/accept", key)
    before = (await town.figures()).splitlines()
    assert (await town.ask("POST", f"cases/{ask['case']}/danger", key)).status_code == 200
    after = (await town.figures()).splitlines()
    assert not [line for line in after if "danger" in line]
    moved = {line.rpartition(" ")[0] for line in set(after) - set(before) if "type=" in line}
    assert moved
    assert all(f'type="{ABOUT_SOMEBODY}"' in line for line in moved)


@pytest.mark.parametrize("role", get_args(Role))
async def test_the_figures_are_for_whoever_operates_all_hospitals(town: Town, role: Role) -> None:
    ask = town.house.client.get
    assert (await ask("/metrics")).status_code == 401
    assert (await ask("/metrics", headers=await town.key(role))).status_code == 403
    everywhere = await ask("/metrics", headers=await town.key(role, hospital="*"))
    assert everywhere.status_code == (200 if role == "ops" else 403)
