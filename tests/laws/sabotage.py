"""Proves that the laws would notice: each planted fault must break one.

Run it with `python -m tests.laws.sabotage [word]`; a word chooses the faults whose name has it. Every fault is planted
in a copy of the source; a fault that no longer fits the source is an error as well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAY = """
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.laws.history import LawBroken
from tests.laws.machine import Outsiders
from tests.laws.test_laws import HISTORIES
try:
    run_state_machine_as_test(Outsiders, settings=settings(HISTORIES, phases=[Phase.generate]))
except LawBroken as broken:
    print(Outsiders.steps, "steps:", str(broken).split(chr(10))[0])
    raise SystemExit(1)
"""


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    old: str
    new: str


MATCHING, FOLLOWUP, INTAKE = "services/matching/", "services/followup/", "services/intake/"
FAULTS = (
    Fault("whoever said no is asked again", MATCHING + "pool.py", "who in case.declined_by,", "False,"),
    Fault(
        "one case too many",
        MATCHING + "rules.py",
        "return candidate.open_cases < limit",
        "return candidate.open_cases <= limit",
    ),
    Fault(
        "open asks are no cases",
        MATCHING + "states.py",
        "case SupporterAsked(case=id):\n",
        "case SupporterMatched(case=id):\n",
    ),
    Fault("the suspended are asked", MATCHING + "pool.py", "not one.suspended,", "True,"),
    Fault("the untrained are asked", MATCHING + "pool.py", "one.qualified,\n", "True,\n"),
    Fault("of any profession", MATCHING + "pool.py", "if one.profession == profession]", "]"),
    Fault("of any department", MATCHING + "pool.py", "one.department == department,", "False,"),
    Fault("those who were involved are asked", MATCHING + "pool.py", "who in case.not_by,", "False,"),
    Fault(
        "a place is lost when an ask expires",
        MATCHING + "states.py",
        "case AskDeclined(case=id) | AskExpired(case=id) | AskWithdrawn(case=id):\n            after = _freed",
        "case AskDeclined(case=id) | AskWithdrawn(case=id):\n            after = _freed",
    ),
    Fault(
        "a late match keeps its place",
        FOLLOWUP + "domain.py",
        "yield from _end(case, case.ending)",
        "return",
    ),
    Fault(
        "an ask stands although its supporter may not be asked",
        MATCHING + "domain.py",
        "or pool.refuses(pool.world.get(Supporter, case.asked), case)",
        "",
    ),
    Fault("anybody says yes", MATCHING + "domain.py", "own=bool(case.asked) and command.by == case.asked", "own=True"),
    Fault(
        "one conversation too many",
        FOLLOWUP + "rules.py",
        "talk.conversations_held < limit",
        "talk.conversations_held <= limit",
    ),
    Fault("everybody extends", FOLLOWUP + "domain.py", 'GrantExtension: ("FOLLOW-2"', 'GrantExtension: ("FOLLOW-7"'),
    Fault("a phone call never counts", FOLLOWUP + "rules.py", "call.follow_ups_held < limit", "True"),
    Fault(
        "word after the parting",
        FOLLOWUP + "domain.py",
        'if ending == "declined" and not case.parted:',
        'if ending == "declined":',
    ),
    Fault("clocks are missed at once", FOLLOWUP + "domain.py", "if clock.due_at <= world.now:", "if True:"),
    Fault("an ask stands after a no", MATCHING + "domain.py", "case.resting or case.over or", ""),
    Fault("whoever was taken off is not told", INTAKE + "offers.py", "    if free:\n", "    if False:\n"),
    Fault("paused clocks run", FOLLOWUP + "clocks.py", "case.paused or", ""),
    Fault(
        "clocks do not start again", FOLLOWUP + "domain.py", "resumed_at=world.now), *CLOCKS)", "resumed_at=world.now))"
    ),
    Fault("a match starts no clock", FOLLOWUP + "domain.py", 'yield from _start(world, case, "attempt")', "pass"),
    Fault(
        "the taken off keep their case",
        FOLLOWUP + "domain.py",
        'yield from _end(case, "withdrawn")',
        "pass",
    ),
    Fault(
        "nobody is told of a late withdrawal",
        FOLLOWUP + "domain.py",
        "yield _task(world, case.id, WITHDRAWN, reason)",
        "pass",
    ),
    Fault(
        "every version offers again",
        INTAKE + "dossier.py",
        'if person.standing in ("offered", "settled"):',
        "if False:",
    ),
    Fault("a version is taken twice", INTAKE + "dossier.py", "if version.key in report.seen:", "if False:"),
    Fault(
        "silence sends nothing",
        INTAKE + "offers.py",
        "if not any(0 < person.round <= round",
        "if any(0 < person.round <= round",
    ),
    Fault(
        "why nobody is asked is kept quiet",
        MATCHING + "domain.py",
        "if removed != known:\n        yield",
        "if False:\n        yield",
    ),
    Fault(
        "counts that do not add up",
        MATCHING + "pool.py",
        'removed[rule or "MATCH-8"] = removed.get(rule or "MATCH-8", 0) + 1',
        'removed[rule or "MATCH-8"] = 1',
    ),
    Fault(
        "a state is not stored whole", MATCHING + "states.py", "passed_by: tuple[str, ...] = ()", "passed_by: Any = ()"
    ),
    Fault("early facts are lost", "shared/work.py", 'self._apply(event, "")', "pass"),
    Fault("repeated facts are taken", "shared/work.py", "if sequence <= last or", "if"),
)


def main() -> int:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    missed = [fault.name for fault in FAULTS if word in fault.name and not _noticed(fault)]
    print(f"{len(missed)} not noticed" + "".join(f"\n  {name}" for name in missed))
    return 1 if missed else 0


def _noticed(fault: Fault) -> bool:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for part in ("shared", "services", "tests", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, Path(folder) / part)
        path = Path(folder) / fault.file
        source = path.read_text()
        if source.count(fault.old) != 1:
            raise SystemExit(f"'{fault.name}' no longer fits {fault.file}")
        path.write_text(source.replace(fault.old, fault.new))
        command = [sys.executable, "-c", PLAY]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    noticed = done.returncode == 1 and "steps:" in done.stdout
    word = done.stdout.strip() or done.stderr.strip().splitlines()[-1:]
    print(
        f"{'noticed' if noticed else 'MISSED ':8} {time.monotonic() - begun:4.0f} s  {fault.name}: {word}", flush=True
    )
    return noticed


if __name__ == "__main__":
    raise SystemExit(main())
