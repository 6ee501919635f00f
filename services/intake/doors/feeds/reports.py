"""Where reports come in, whatever brought them: bytes become commands, what cannot be taken is set apart with a reason.
What could be read and came to nothing all the same stands there too, for whoever brings it over a bus gets no answer.

Here a staff number and a report number become refs; neither is seen behind this door.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from services.intake import tables
from services.intake.doors.feeds import canonical
from services.intake.doors.feeds.receipt import Placed, Reject
from services.intake.doors.feeds.report import Person, Report, report_key, version_key
from services.intake.doors.refs import Refs, report_refs, staff_refs
from services.intake.protocol.states import Report as ReportState
from shared.beside import beside
from shared.engine.engine import BATCH, Outcome
from shared.engine.position import clean
from shared.hospital import Hospital, NotInForce
from shared.messages import Event
from shared.messages.intake import Involved, SupportOffered, TakeReport, TaskRaised
from shared.passing import error_code, is_passing
from shared.service import Door, Running

#: Of somebody who is named twice, the part that counts most.
_PARTS = ("victim", "involved", "subject_of_complaint", "witness", "reporter")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not taken, and in which field of which part of the input."""

    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class Waits:
    """A report that waits for the coordinator, and why."""

    report: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an input. rejected: what cannot be read; set_aside: what nothing could be decided on, and is to be
    sent again; each with its place. Everything else was taken, or had come before. offers: colleagues who are offered
    support at once; tasks: what waits for a person.
    """

    taken: int = 0
    duplicates: int = 0
    rejected: tuple[Refusal, ...] = ()
    set_aside: tuple[Refusal, ...] = ()
    offers: int = 0
    tasks: int = 0
    waiting: tuple[Waits, ...] = ()


def involved(running: Running, refs: Refs, staff: Iterable[tuple[str, str]]) -> tuple[Involved, ...]:
    """Those whom (staff number, part) names, each once, with fresh refs for a case that may be opened for her."""
    parts: dict[str, str] = {}
    for number, part in staff:
        parts[number] = min(parts.get(number, part), part, key=_PARTS.index)
    mint = running.mint
    return tuple(
        Involved(staff=refs[number], role=part, case=mint.ref("c"), colleague=mint.ref("p"))
        for number, part in parts.items()
    )


async def take(running: Running, hospital: str, raw: bytes, content_type: str, source: str, system: str = "") -> Taken:
    """Takes whatever reports a body or a file holds. `source` is a code for where it came from, such as http. system:
    the one whose reports whoever sends them may bring; empty: any.
    """
    settings, now = running.hospital(hospital), running.clock.now()
    read = partial(canonical.read_any, raw, content_type, hospital, now, zone=settings.tz)
    found = await beside(len(raw), read)
    return await _take(running, settings, [_of_system(one, system) for one in found], source)


def _of_system(one: Placed | Reject, system: str) -> Placed | Reject:
    """A report of another system than the key's is refused: a feed speaks for itself alone."""
    if isinstance(one, Placed) and system not in ("", one.report.source.system):
        return Reject("other_system", ".".join(filter(None, (one.path, "source.system"))), one.digest)
    return one


async def take_message(
    running: Running, hospital: str, body: bytes, headers: Mapping[str, str], doomed: str = "", system: str = ""
) -> Taken:
    """Takes the reports of a message from a broker: CloudEvents in any mode, or whatever a file may hold. doomed: why
    all of them are set aside. system: the one whose reports whoever sends them may bring; empty: any. Raises
    NotInForce.
    """
    now = running.clock.now()
    if not running.knows(hospital):
        reject = canonical.read(body, headers, hospital, now)[0]
        return await _refuse(running, clean(hospital), [Reject("unknown_hospital", "", reject.digest)], "amqp")
    settings = running.hospital(hospital)
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if canonical.is_binary(headers):
        found = canonical.read(body, headers, hospital, now)
    else:
        read = partial(canonical.read_any, body, content_type, hospital, now, zone=settings.tz)
        found = await beside(len(body), read)
    return await _take(running, settings, [_of_system(one, system) for one in found], "amqp", doomed)


def door(running: Running) -> Door:
    """The door for what a broker brings from outside the house."""

    async def enter(whose: str, body: bytes, headers: Mapping[str, str], doomed: str = "") -> None:
        hospital, _, system = whose.partition(".")
        try:
            await take_message(running, hospital, body, headers, doomed, system)
        except NotInForce:
            raise
        except Exception as error:
            if not doomed or is_passing(error):
                raise
            # Nothing can be read of it; its hospital sees that it came, and why nothing became of it.
            reject = Reject(error_code(error), "", hashlib.sha256(body).hexdigest())
            await _refuse(running, clean(hospital), [reject], "amqp")

    return enter


async def _take(
    running: Running, hospital: Hospital, found: Sequence[Placed | Reject], source: str, doomed: str = ""
) -> Taken:
    placed = [one for one in found if isinstance(one, Placed)]
    rejected = await _refuse(running, hospital.id, [one for one in found if isinstance(one, Reject)], source)
    commands, outcome = await _decided(running, hospital, placed, doomed)
    dead = [
        Reject(outcome.dead[event.id], one.path, one.digest)
        for event, one in zip(commands, placed, strict=True)
        if event.id in outcome.dead
    ]
    aside = await _refuse(running, hospital.id, dead, source, kept=True)
    stale = await _stale(running, hospital.id, commands, outcome)
    said = [event.data for events in outcome.answers.values() for event in events]
    taken = Taken(
        taken=outcome.taken - stale,
        duplicates=len(commands) - outcome.taken - len(dead) + stale,
        rejected=rejected.rejected,
        set_aside=aside.rejected,
        offers=sum(len(one.colleagues) for one in said if isinstance(one, SupportOffered)),
        tasks=sum(isinstance(one, TaskRaised) for one in said),
        waiting=tuple(Waits(one.regarding, one.reasons) for one in said if isinstance(one, TaskRaised)),
    )
    _count(running, hospital.id, taken)
    return taken


async def _decided(
    running: Running, hospital: Hospital, placed: Sequence[Placed], doomed: str
) -> tuple[list[Event], Outcome]:
    """The commands that these make and what became of them, as many at a time as one transaction takes."""
    commands, outcome, most = list[Event](), Outcome(), running.engine.at_once
    for start in range(0, len(placed), most):
        part = await _commands(running, hospital, [one.report for one in placed[start : start + most]])
        outcome.add(await (running.engine.set_aside(part, doomed) if doomed else running.engine.take(part)))
        commands += part
    return commands, outcome


async def _commands(running: Running, hospital: Hospital, reports: Sequence[Report]) -> list[Event]:
    ids = await report_refs(running, hospital.id, (report_key(hospital.id, one) for one in reports))
    staff = await staff_refs(running, hospital.id, (person.ref for one in reports for person in one.staff))
    return [_command(running, hospital, one, ids[report_key(hospital.id, one)], staff) for one in reports]


def _command(running: Running, hospital: Hospital, report: Report, id: str, staff: Refs) -> Event:
    key = version_key(hospital.id, report)
    department = hospital.department(report.department) if report.department is not None else None
    command = TakeReport(
        by_role="feed",
        by="",
        report=id,
        key=key,
        system=report.source.system,
        number=report.source.report_id,
        revision=report.source.revision,
        status=report.status,
        kind=report.kind,
        occurred_at=report.occurred_at.value,
        reported_at=report.reported_at,
        event_types=report.event_types,
        harm=report.harm,
        calamity=report.calamity,
        department=department,
        department_given=report.department is not None,
        staff=involved(running, staff, map(_number_and_part, report.staff)),
        support_wish=report.support_wish,
        anonymous=report.anonymous,
    )
    # Its id makes the same version the same message, however often and by whichever door it comes.
    return Event(f"report|{key}", hospital.id, running.clock.now(), command, correlation=running.mint.event_id())


def _number_and_part(person: Person) -> tuple[str, str]:
    return person.ref, person.role


async def _stale(running: Running, hospital: str, commands: Sequence[Event], outcome: Outcome) -> int:
    """How many were taken and then found to be older than what is known."""
    quiet = {event.id: event.data for event in commands if not outcome.answers.get(event.id)}
    fresh = {id: one for id, one in quiet.items() if id not in outcome.duplicates and id not in outcome.dead}
    if not fresh:
        return 0
    async with running.database.read() as c:
        known = await tables.read_states(c, ReportState, hospital, (one.subject for one in fresh.values()))
    return sum(
        isinstance(one, TakeReport) and one.report in known and one.key not in known[one.report].seen
        for one in fresh.values()
    )


async def _refuse(
    running: Running, hospital: str, rejects: Sequence[Reject], source: str, *, kept: bool = False
) -> Taken:
    """Notes these. kept: their content stands among the dead letters."""
    same = {"hospital": hospital, "source": source, "at": running.clock.now(), "kept": kept}
    rows = [same | {"digest": r.digest, "path": r.path, "reason": r.reason} for r in rejects]
    for start in range(0, len(rows), BATCH):
        async with running.database.begin() as c:
            await tables.save_rejects(c, rows[start : start + BATCH])
    return Taken(rejected=tuple(Refusal(r.reason, r.path) for r in rejects))


def _count(running: Running, hospital: str, taken: Taken) -> None:
    outcomes = Counter(
        taken=taken.taken,
        duplicate=taken.duplicates,
        rejected=len(taken.rejected),
        set_aside=len(taken.set_aside),
    )
    for outcome, times in outcomes.items():
        for _ in range(times):
            running.metrics.report(hospital, outcome)
