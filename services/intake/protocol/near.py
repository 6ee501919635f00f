"""Who is near to whom: who must not be asked for a colleague, and who turns out to have been involved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.intake.protocol.states import OPEN, Link, Person, Report, Staff
from shared.engine.world import Said, World
from shared.messages import intake


def colleague(world: World, person: Person, involved: Iterable[str]) -> intake.Colleague:
    """A colleague as the other services know her. `involved`: everybody whom the event is about, by staff ref."""
    staff = world.get(Staff, person.staff)
    return intake.Colleague(
        case=person.case,
        colleague=person.colleague,
        profession=staff.profession,
        department=staff.department,
        site=staff.site,
        languages=staff.languages,
        not_by=_supporters(world, {person.staff, *involved}),
        line=_supporters(world, set(line(world, staff))),
    )


def look(world: World, staff: Iterable[str]) -> None:
    """Looks at these people and all their managers, a level at a time, so that nobody is asked for alone."""
    level, seen = set(staff), set[str]()
    while level := level - seen:
        seen |= level
        level = {one.line for one in world.all(Staff, sorted(level)) if one.line}


def line(world: World, staff: Staff) -> Iterator[str]:
    """Her managers, nearest first."""
    seen = {staff.id}
    while staff.line and staff.line not in seen:
        seen.add(staff.line)
        yield staff.line
        staff = world.get(Staff, staff.line)


def turned_out(world: World, before: Report, report: Report) -> Iterator[Said]:
    """Supporters who are named now and were not: whoever has another case of this report must not be helped by them."""
    known = {person.staff for person in before.present}
    fresh = [person.staff for person in report.present if person.staff not in known]
    links = world.all(Link, (person.case for person in report.with_standing(*OPEN)))
    running = [link for link in links if not link.closed]
    busy = {ref for link in running for ref in (link.asked, link.supporter)}
    supporters = [one.id for one in world.all(Staff, fresh) if one.id in busy or one.supporter]
    cases = [link.id for link in running if any(link.staff != ref for ref in supporters)]
    if cases:
        yield intake.SupporterInvolved(report=report.id, cases=tuple(cases), supporters=tuple(sorted(supporters)))


def _supporters(world: World, refs: set[str]) -> tuple[str, ...]:
    return tuple(sorted(one.id for one in world.all(Staff, refs) if one.supporter))
