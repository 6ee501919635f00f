"""How cases and tasks look from outside, as JSON: codes, numbers, and moments in the hospital's time.

A colleague sees her case without the clocks and tasks of those who support her.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.followup.protocol.case import Case, Task
from services.followup.protocol.clocks import CLOCKS, Running, running
from services.followup.protocol.rules import RULES
from services.followup.protocol.saying import conversations_allowed
from services.followup.protocol.timeline import Line, Reader
from shared.hospital import Hospital
from shared.messages import Role
from shared.rule import Lang

_LANGS: tuple[Lang, ...] = ("nl", "en")
#: What ends a task, where it is more than saying that it is done.
_COMMANDS = {
    "assignment": "naast case search {id}",
    "unassigned": "naast case search {id}",
    "find_supporter": "naast case search {id}",
    "attempt": "naast case contact {id}",
    "second_attempt": "naast case contact {id}",
    "third_attempt": "naast case contact {id}",
    "contact": "naast case contact {id}",
    "follow_up": "naast case conversation {id} --follow-up --minutes …",
    "second_conversation": "naast case conversation {id} --minutes …",
    "third_conversation": "naast case conversation {id} --minutes …",
    "last_check": "naast case conversation {id} --follow-up --minutes …",
    "closing": "naast case close {id}",
    "not_reached": "naast case close {id} --ending not_reached",
    "extension": "naast case extend {id}",
    "danger": "naast case confirm-danger {id}",
    "look_again": "naast case close {id}",
    "pause": "naast case resume {id}",
    "stepped_back": "naast case replace {id} --why coordinator",
    "withdrawn": "naast case close {id} --ending withdrawn",
    "triage": "naast report show {id}",
    "intervisie": "naast supporters intervisie {id}",
}


_DONE = "naast task done {id} {kind}"
_CONFIRM = "naast plan confirm {id}"


def reader(role: Role) -> Reader:
    """As whom somebody of this role reads a timeline."""
    return "colleague" if role == "colleague" else "supporter" if role == "supporter" else "coordinator"


def language(hospital: Hospital) -> Lang:
    """The first of the hospital's languages that there are sentences in."""
    return next((lang for code in hospital.languages for lang in _LANGS if lang == code), "en")


def case_in_short(case: Case, hospital: Hospital, reader: Reader, now: datetime) -> dict[str, Any]:
    """One line of a list of cases."""
    allowed = conversations_allowed(RULES.at(now, hospital), case)
    short: dict[str, Any] = {
        "case": case.id,
        "state": case.status,
        "supporter": case.supporter or None,
        "offered_at": _local(case.offered_at, hospital),
        "first_contact_at": _local(case.first_contact_at, hospital),
        "conversations_held": case.counted,
        "conversations_left": max(allowed - case.counted, 0),
    }
    if reader != "colleague":
        clocks = running(case, hospital)
        short |= {"next_clock": _clock(clocks[0], hospital) if clocks else None, "tasks": sorted(case.tasks)}
    return short


def whole_case(case: Case, hospital: Hospital, reader: Reader, now: datetime) -> dict[str, Any]:
    """Everything that a reader may know of a case, but for its timeline."""
    whole = case_in_short(case, hospital, reader, now) | {
        "matched_at": _local(case.matched_at, hospital),
        "phone_follow_ups": case.phone_follow_ups,
        "extensions": case.extensions,
        "closed_at": _local(case.closed_at, hospital),
        "ending": case.ending or None,
        "check_ins": {"later": case.later, "milestones": case.milestones},
    }
    return whole if reader == "colleague" else whole | _for_who_supports(case, hospital, now)


def _for_who_supports(case: Case, hospital: Hospital, now: datetime) -> dict[str, Any]:
    return {
        "t0": _local(case.t0, hospital),
        "event_types": case.event_types,
        "calamity": case.calamity,
        "harm": case.harm,
        "door": case.door,
        "attempts": case.attempts,
        "danger": case.danger or None,
        "erased": case.erased,
        "clocks": [_clock(clock, hospital) for clock in running(case, hospital)],
        "missed": {name: _local(at, hospital) for name, at in case.missed.items()},
        "tasks": [task(case.id, one, hospital, now) for one in case.tasks.values()],
    }


def task(id: str, task: Task, hospital: Hospital, now: datetime) -> dict[str, Any]:
    """A task with the command that ends it."""
    return {
        "regarding": id,
        "task": task.kind,
        "owner": task.owner,
        "reasons": task.reasons,
        "raised_at": _local(task.raised_at, hospital),
        "due_at": _local(task.due_at, hospital),
        "overdue": task.due_at <= now,
        "command": _command(task).format(id=id, kind=task.kind),
    }


def _command(task: Task) -> str:
    """A plan that waits for a word is confirmed; any other task of its kind is only looked at."""
    return _CONFIRM if "to_confirm" in task.reasons else _COMMANDS.get(task.kind, _DONE)


def timeline(lines: Iterable[Line]) -> list[dict[str, str]]:
    return [{"at": line.at.isoformat(), "text": line.text} for line in lines]


def _clock(clock: Running, hospital: Hospital) -> dict[str, str | None]:
    return {
        "clock": clock.clock,
        "rule": CLOCKS[clock.clock].rule,
        "since": _local(clock.since, hospital),
        "due_at": _local(clock.due_at, hospital),
    }


def _local(moment: datetime | None, hospital: Hospital) -> str | None:
    return None if moment is None else moment.astimezone(hospital.tz).isoformat()
