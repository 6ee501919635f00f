"""What is said about a report: offers, what waits for the coordinator, and what is taken back. Pure."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime

from services.intake.protocol import dossier, near
from services.intake.protocol.dossier import rules_of
from services.intake.protocol.rules import Receipt
from services.intake.protocol.states import OPEN, Link, Person, Report, Staff
from shared.engine.world import Later, Said, World
from shared.messages import intake
from shared.messages.intake import DismissReport, NameInvolved, OfferNow, SetDepartment
from shared.messages.parts import Role

#: The kind of the one task that a report may have.
TRIAGE = "triage"

#: Steps on a report: what is said on the way, and the report afterwards.
Steps = Generator[Said, None, Report]
Word = NameInvolved | SetDepartment | OfferNow | DismissReport


def take(world: World, version: intake.TakeReport) -> Iterator[Said]:
    before = world.get(Report, version.report)
    if dossier.is_stale(before, version):
        return
    rules = rules_of(world.hospital, world.now)
    known = _known(world, (one.staff for one in version.staff))
    step = dossier.take(_not_let_go(world, before), version, known, world.now, rules)
    report = yield from _take_off(world, step.report, step.removed)
    yield from near.turned_out(world, before, report)
    yield from _reassessed(world, before, report)
    if report.status == "withdrawn" and _open(world, report.with_standing("offered", "kept")):
        report = report.but(withdrawn_late=True)
    report, window = dossier.prepare(report, rules)
    if window:
        yield Later(intake.VetoPassed(report=report.id, round=report.round), world.now + window)
        yield notice(world, report.id, "coordinator", "offer_prepared")
    elif window is not None:
        report = yield from _offer(world, report, report.with_standing("prepared"))
    yield from _keep(world, before, report)


def silence_sends(world: World, veto: intake.VetoPassed) -> Iterator[Said]:
    before, round = world.get(Report, veto.report), veto.round
    if not any(0 < person.round <= round for person in before.with_standing("prepared")):
        return
    report = _look_again(world, before)
    due = [person for person in report.with_standing("prepared") if 0 < person.round <= round]
    report = yield from _offer(world, report, due)
    yield from _keep(world, before, report)


def coordinator_says(world: World, word: Word) -> Iterator[Said]:
    rules, before = rules_of(world.hospital, world.now), world.get(Report, word.report)
    if not rules.may("INTAKE-7", word.by_role):
        yield intake.Refused(regarding=word.report, command=word.name, rule="INTAKE-7")
    elif before.received_at is not None:
        refused, report = yield from _obey(world, before, word)
        if refused:
            yield intake.Refused(regarding=word.report, command=word.name, rule=refused)
        else:
            yield from _keep(world, before, report, asked=True)


def _obey(world: World, report: Report, word: Word) -> Generator[Said, None, tuple[str, Report]]:
    """The rule that forbids it, if any, and the report after the coordinator's word."""
    match word:
        case SetDepartment(department=department):
            return "", report.but(department=department, department_given=True)
        case DismissReport():
            return "", (yield from _dismiss(world, report))
        case NameInvolved(staff=staff):
            known = _known(world, (one.staff for one in staff))
            report, people = dossier.name(report, staff, known, world.now)
            chosen = [person for one in staff if (person := report.person(one.staff)) is not None]
            yield from near.turned_out(world, world.get(Report, report.id), report)
        case OfferNow():
            report = _look_again(world, report)
            report = report.but(dismissed=False, t0=_start_of_clocks(world, report))
            people = report.with_standing("prepared")
            chosen = list(report.present)
    if not people:
        rules = rules_of(world.hospital, world.now)
        forbidding = [rule for person in chosen for rule in dossier.why_not(person, rules)]
        return (forbidding[0] if forbidding else ""), report
    return "", (yield from _offer(world, report, people))


def _start_of_clocks(world: World, report: Report) -> datetime:
    """Where the report is too old to be offered by itself, clocks start with the coordinator's click."""
    started = report.t0 or world.now
    old_by_now = rules_of(world.hospital, world.now).broken(Receipt(world.now - started))
    return world.now if report.too_old or old_by_now else started


def _dismiss(world: World, report: Report) -> Steps:
    unmatched = [person for person, link in _open(world, report.with_standing("offered")) if not link.supporter]
    if unmatched:
        yield intake.SupportWithdrawn(report=report.id, cases=tuple(p.case for p in unmatched), reason="dismissed")
    report = dossier.mark(report, unmatched, "removed")
    report = dossier.mark(report, report.with_standing("prepared"), "prepared")
    dismissed: Report = report.but(dismissed=True, stopped=True)
    return dismissed


def _take_off(world: World, report: Report, removed: Iterable[Person]) -> Steps:
    """An amendment no longer names these, who have an offer: it is taken back, unless a supporter was found already."""
    still_open = _open(world, tuple(removed))
    late = [person for person, link in still_open if link.supporter]
    free = [person for person, link in still_open if not link.supporter]
    if free:
        yield intake.SupportWithdrawn(report=report.id, cases=tuple(p.case for p in free), reason="amended")
    # Whoever's case is closed had her offer; she stays, so that she does not get a second one.
    return dossier.mark(dossier.mark(report, free, "removed"), late, "kept")


def _reassessed(world: World, before: Report, report: Report) -> Iterator[Said]:
    """An amendment that says otherwise how grave the event was; also closed cases hear of it until they are erased."""
    if before.received_at is None or report.status == "withdrawn" or _gravity(before) == _gravity(report):
        return
    links = world.all(Link, (person.case for person in report.with_standing(*OPEN)))
    if cases := tuple(link.id for link in links if not link.erased):
        anew = set(report.causes) - set(before.causes) and report.t0 != before.t0
        event_types, calamity, harm = _gravity(report)
        yield intake.EventReassessed(
            report=report.id,
            event_types=event_types,
            calamity=calamity,
            harm=harm,
            t0=report.t0 if anew else None,
            cases=cases,
        )


def _gravity(report: Report) -> tuple[tuple[str, ...], str, str]:
    return report.event_types, report.calamity, report.harm


def _not_let_go(world: World, report: Report) -> Report:
    """Whoever was taken off and has a supporter all the same, because the two crossed, still has her offer."""
    links = _open(world, report.with_standing("removed"))
    return dossier.mark(report, [person for person, link in links if link.supporter], "kept")


def withdrawn(world: World, case: str) -> Iterator[Said]:
    """A case was closed because its offer was taken back. Whoever was named again in the meantime is offered anew;
    whoever only seemed to have kept hers has lost it.
    """
    link = world.get(Link, case)
    before = world.get(Report, link.report) if link.report else None
    person = next((one for one in before.with_standing(*OPEN) if one.case == case), None) if before else None
    if before is None or person is None:
        return
    if not person.next_case:
        yield from _keep(world, before, dossier.mark(before, [person], "removed"))
        return
    again = dossier.next_case(person)
    report: Report = before.but(people=tuple(again if one is person else one for one in before.people))
    report = yield from _offer(world, report, [again])
    yield from _keep(world, before, report)


def _offer(world: World, report: Report, people: Iterable[Person]) -> Steps:
    """Offers support to these colleagues, in one event, because they are matched together."""
    chosen = tuple(people)
    if not chosen:
        return report
    involved = {other.staff for other in report.present}
    near.look(world, {*involved, *(person.staff for person in chosen)})
    yield intake.SupportOffered(
        report=report.id,
        t0=report.t0 or world.now,
        event_types=report.event_types,
        calamity=report.calamity,
        harm=report.harm,
        colleagues=tuple(near.colleague(world, person, involved) for person in chosen),
    )
    for person in chosen:
        yield Link(
            hospital=world.hospital.id, id=person.case, staff=person.staff, colleague=person.colleague, report=report.id
        )
    return dossier.mark(report, chosen, "offered")


def _keep(world: World, before: Report, report: Report, asked: bool = False) -> Iterator[Said]:
    """Remembers the report and tells what it waits for, if that changed or was `asked`."""
    found, due = dossier.reasons(report), before.due_at
    if found and (asked or found != before.reasons):
        due = due or world.hospital.working_deadline(
            world.now, rules_of(world.hospital, world.now).duration("INTAKE-6")
        )
        yield intake.TaskRaised(regarding=report.id, task=TRIAGE, reasons=found, due_at=due)
        if not before.reasons:
            yield notice(world, report.id, "coordinator", "report_waits")
    elif before.reasons and not found:
        yield intake.TaskDone(regarding=report.id, task=TRIAGE)
    yield report.but(reasons=found, due_at=due if found else None)


def forget(world: World, case: str) -> Iterator[Said]:
    """Takes away what joined a case and a person; what is left knows neither."""
    link = world.get(Link, case)
    if link.report:
        before = world.get(Report, link.report)
        yield from _keep(world, before, dossier.forget(before, case))
    yield Link(hospital=link.hospital, id=case, closed=True)


def _known(world: World, refs: Iterable[str]) -> frozenset[str]:
    return frozenset(one.id for one in world.all(Staff, refs) if one.active)


def _look_again(world: World, report: Report) -> Report:
    return dossier.recognise(report, _known(world, (person.staff for person in report.present)))


def _open(world: World, people: Sequence[Person]) -> list[tuple[Person, Link]]:
    """Those of these people whose case is not closed, with what joins them and it."""
    links = world.all(Link, (person.case for person in people))
    return [(person, link) for person, link in zip(people, links, strict=True) if not link.closed]


def notice(world: World, regarding: str, to: Role, template: str, person: str = "", urgent: bool = False) -> Later:
    """A letter now, or in the morning (INTAKE-9)."""
    at_once = urgent and to in ("supporter", "coordinator")
    at_once &= rules_of(world.hospital, world.now).option("INTAKE-9") == "urgent"
    at = world.now if at_once else world.hospital.next_waking(world.now)
    return Later(intake.Notice(regarding=regarding, to=to, person=person, template=template), at)
