"""A large event: one plan for all its colleagues, whose asks go out together (MATCH-27, MATCH-28, MATCH-29). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.matching.protocol.rules import Together
from services.matching.protocol.search import Desk, divided, settle, together
from services.matching.protocol.states import Case, Plan
from shared.engine.world import Said
from shared.messages import intake
from shared.messages.matching import ConfirmPlan, NoticeDue, PlanMade, Refused


def offered(desk: Desk, offer: intake.SupportOffered) -> Iterator[Said]:
    """Those of an offer who need somebody are matched together; of a large event in a plan."""
    new = []
    for case in desk.world.all(Case, dict.fromkeys(one.case for one in offer.colleagues)):
        if case.needs_somebody and case.failed is None:
            new.append(case)
        else:
            yield from settle(case, desk)
    if not new:
        return
    plan = desk.world.get(Plan, offer.report)
    running = _running(desk, plan)
    departments = len(set(running))
    if desk.rules.broken(Together(len(running), departments)):
        yield from _in_a_plan(desk, plan, new, departments)
    else:
        yield from together(divided(new, desk), desk)


def _running(desk: Desk, plan: Plan) -> list[str]:
    """The department of each case of the event that is not over: it may have grown by several offers."""
    cases = desk.world.all(Case, [id for id, _ in plan.event])
    return [where for case, (_, where) in zip(cases, plan.event, strict=True) if not (case.over or case.withdrawn)]


def _in_a_plan(desk: Desk, plan: Plan, new: Sequence[Case], departments: int) -> Iterator[Said]:
    """One plan per event: colleagues who are named later join it while it waits, and else are matched like any."""
    division = divided(new, desk)
    if plan.confirmed:
        yield from together(division, desk)
        return
    waits = desk.rules.option("MATCH-29") == "confirmed"
    asked = sum(turn is not None for _, _, turn in division)
    yield PlanMade(
        report=plan.id,
        cases=(*plan.cases, *(case.id for case in new)),
        departments=max(departments, plan.departments),
        asked=asked + plan.asked,
        left=len(new) - asked + plan.left,
        confirmed=not waits,
    )
    if not plan.cases:
        yield NoticeDue(regarding=plan.id, to="coordinator", template="large_event", urgent=True)
    if not waits:
        yield from together(division, desk, "large_event", planned=True)


def confirm(desk: Desk, command: ConfirmPlan) -> Iterator[Said]:
    """The asks go out, to those who can be asked now."""
    if not desk.rules.may("MATCH-25", command.by_role):
        yield Refused(regarding=command.report, command=command.name, rule="MATCH-25")
        return
    plan = desk.world.get(Plan, command.report)
    if plan.confirmed or not plan.cases:
        return
    cases = [case.but(held=False) for case in desk.world.all(Case, plan.cases)]
    division = divided([case for case in cases if case.needs_somebody], desk)
    asked = sum(turn is not None for _, _, turn in division)
    told = {"asked": asked, "left": len(division) - asked, "departments": plan.departments}
    yield PlanMade(report=plan.id, cases=plan.cases, confirmed=True, **told)
    yield from together(division, desk, "large_event", planned=True)
