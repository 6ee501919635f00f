"""Proves that the laws would notice: each planted fault must break one.

Run it with `python -m tests.laws.sabotage [word]`; a word chooses the faults whose name has it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import sabotage
from tests.sabotage import Fault, planted

PLAY = """
from hypothesis import Phase
from tests.laws.machine import Outsiders
from tests.laws.test_laws import PARTS, play
try:
    for part in PARTS:
        play(part, phases=[Phase.generate])
except Exception as broken:
    print(Outsiders.steps, "steps:", str(broken).split(chr(10))[0] or repr(broken))
    raise SystemExit(1)
"""


MATCHING, FOLLOWUP, INTAKE = (f"services/{name}/protocol/" for name in ("matching", "followup", "intake"))
CLOCKS = FOLLOWUP + "clocks.py"
FAULTS = (
    # Law 1
    Fault(
        "every version offers again",
        INTAKE + "dossier.py",
        'if person.standing in ("offered", "settled"):',
        "if False:",
    ),
    Fault("a version is taken twice", INTAKE + "dossier.py", "if version.key in report.seen:", "if False:"),
    Fault("silence sends nothing", INTAKE + "offers.py", "if not any(0 < person.round", "if any(0 < person.round"),
    # Law 2
    Fault(
        "one conversation too many",
        FOLLOWUP + "rules.py",
        "talk.conversations_held < limit",
        "talk.conversations_held <= limit",
    ),
    Fault(
        "everybody extends",
        FOLLOWUP + "commands.py",
        'GrantExtension: Act("FOLLOW-2"',
        'GrantExtension: Act("FOLLOW-7"',
    ),
    Fault("a phone call never counts", FOLLOWUP + "rules.py", "call.follow_ups_held < limit", "True"),
    # Law 3
    Fault("whoever said no is asked again", MATCHING + "rules.py", "return not fit.said_no", "return True"),
    Fault("one case too many", MATCHING + "rules.py", "standing.open_cases < limit", "standing.open_cases <= limit"),
    Fault(
        "open asks are no cases",
        MATCHING + "changes.py",
        "return supporter.but(places=(*supporter.places, ask.case))",
        "return supporter",
    ),
    Fault("the suspended are asked", MATCHING + "rules.py", "return standing.intervisie_in_order", "return True"),
    Fault("the untrained are asked", MATCHING + "rules.py", "return standing.qualified", "return True"),
    Fault("the paused are asked", MATCHING + "rules.py", "return not standing.paused", "return True"),
    Fault("those on leave are asked", MATCHING + "rules.py", "standing.off_duty <= limit", "True"),
    Fault(
        "a pick of another profession is not on record",
        MATCHING + "rules.py",
        "return fit.same_profession",
        "return True",
    ),
    Fault("of any department", MATCHING + "rules.py", "return fit.own_unit or not fit.same_department", "return True"),
    Fault("the line is asked", MATCHING + "rules.py", "return fit.own_line or not fit.in_line", "return True"),
    Fault("those who were involved are asked", MATCHING + "rules.py", "return not fit.involved", "return True"),
    Fault("who was not wanted is asked again", MATCHING + "rules.py", "return not fit.excluded", "return True"),
    Fault(
        "anything is overruled",
        MATCHING + "by_hand.py",
        "return command.by_role in RULES.rule(rule).overruled_by",
        "return True",
    ),
    Fault("a pick beside an open ask", MATCHING + "by_hand.py", "            yield ended\n", ""),
    Fault("a plan does not wait", MATCHING + "changes.py", "case.but(held=not plan.confirmed)", "case.but(held=False)"),
    Fault(
        "a place is lost when an ask expires",
        MATCHING + "domain.py",
        "    AskExpired: _ASK_ENDED,\n",
        "    AskExpired: _case(changes.ask_ended),\n",
    ),
    Fault(
        "a late match keeps its place",
        FOLLOWUP + "replacing.py",
        'yield from end(case, case.ending or "withdrawn", supporter=supporter)',
        "pass",
    ),
    Fault(
        "whoever left keeps her cases",
        FOLLOWUP + "replacing.py",
        "if case.is_open and case.supporter == supporter:",
        "if False:",
    ),
    Fault("an ask stands although it may not", MATCHING + "search.py", "or desk.refuses(case, off_duty=off_duty)", ""),
    Fault("an ask stands after a no", MATCHING + "search.py", "case.asked and (ended or desk", "case.asked and (desk"),
    Fault("anybody says yes", MATCHING + "domain.py", "own=bool(case.asked) and command.by == case.asked", "own=True"),
    # Law 4
    Fault(
        "why nobody is asked is kept quiet",
        MATCHING + "search.py",
        "if removed != known:\n        yield",
        "if False:\n        yield",
    ),
    Fault("counts that do not add up", MATCHING + "pool.py", "counted[bits] += 1", "counted[bits] += 2"),
    Fault(
        "who can be asked again is not",
        MATCHING + "search.py",
        "if not desk.may_have_a_case(who):\n        return\n",
        "return\n",
    ),
    # Law 5
    Fault("clocks are missed at once", FOLLOWUP + "saying.py", "if clock.due_at <= world.now:", "if True:"),
    Fault("paused clocks run", CLOCKS, "if case.paused or case.is_over:", "if case.is_over:"),
    Fault(
        "clocks do not start again",
        FOLLOWUP + "commands.py",
        "yield from start_new(world, case, after(case, world.now, resumed))",
        "pass",
    ),
    Fault(
        "a match starts no clock",
        FOLLOWUP + "replacing.py",
        'yield from start(world, case, "attempt", "second_attempt", "third_attempt")',
        "pass",
    ),
    # Law 6
    Fault(
        "two farewells",
        FOLLOWUP + "closing.py",
        'yield from to_colleague(case, _FAREWELLS.get(ending, "closed"))',
        'yield from [*to_colleague(case, _FAREWELLS.get(ending, "closed"))] * 2',
    ),
    # Law 10
    Fault(
        "the taken off keep their case", FOLLOWUP + "closing.py", 'yield from over(world, case, "withdrawn")', "pass"
    ),
    Fault(
        "nobody is told of a late withdrawal",
        FOLLOWUP + "closing.py",
        "yield task(world, case.id, WITHDRAWN, reason)",
        "pass",
    ),
    Fault("whoever was taken off is not told", INTAKE + "offers.py", "    if free:\n", "    if False:\n"),
    # The order, the repeats and the restarts
    Fault(
        "a state is not stored whole",
        FOLLOWUP + "case.py",
        "    extensions: int = 0\n",
        "    extensions: int = Field(default=0, exclude=True)\n",
    ),
    Fault(
        "early facts are lost",
        "shared/engine/work.py",
        "                self._apply(left, doomed)\n            if self.one_by_one",
        "                pass\n            if self.one_by_one",
    ),
    Fault("repeated facts are taken", "shared/engine/work.py", "if not position.is_new(n) or", "if"),
    Fault(
        "a hearer is told the number among all",
        "shared/engine/decision.py",
        "return replace(event, sequence=now.pop(ALL), nth=now)",
        "return replace(event, sequence=now[ALL], nth=dict.fromkeys(hearers, now[ALL]))",
    ),
)


def run(fault: Fault, folder: Path) -> str:
    """What the laws say to the source in this folder."""
    done = subprocess.run([sys.executable, "-c", PLAY], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and "steps:" not in done.stdout:
        raise sabotage.Spoiled(f"'{fault.name}' breaks no law but the source: {done.stderr[-400:]}")
    return done.stdout.strip() if done.returncode else ""


def broken_already() -> str:
    nothing = Fault("nothing", "pyproject.toml", "[project]", "[project]")
    with planted(nothing) as folder:
        return run(nothing, folder)


if __name__ == "__main__":
    if broken := broken_already():
        raise SystemExit(f"a law is broken already, so nothing can be told: {broken}")
    raise SystemExit(sabotage.main(FAULTS, run, "Plants faults in the rules of matching and follow-up."))
