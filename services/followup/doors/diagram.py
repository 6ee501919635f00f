"""The states of a case as a diagram, found by trying: every message on a case of every state, as it is really decided.

`python -m services.followup.doors.diagram` writes docs/case.md; `--check` says whether it is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.followup.protocol.case import Case
from services.followup.protocol.commands import COMMANDS
from services.followup.protocol.domain import PROTOCOL
from services.followup.protocol.rules import RULES
from shared.messages import Command, Message, intake, matching
from shared.messages import followup as said
from shared.testing import NOW, Story

FILE = Path(__file__).parents[3] / "docs" / "case.md"
_CASE, _COLLEAGUE, _SUPPORTER, _COORDINATOR = "c-1", "p-1", "s-1", "s-coordinator"
_PEOPLE = {"coordinator": _COORDINATOR, "own supporter": _SUPPORTER, "own colleague": _COLLEAGUE}
_ERASED = "erased"
#: What a command must say beside its case.
_SAYING: dict[type[Command], dict[str, Any]] = {
    said.RecordContact: {"reached": True},
    said.RecordConversation: {"minutes": 40},
    said.HandOver: {"to": "occupational_physician"},
    said.AgreeToCheckIns: {"later": False, "milestones": True},
    said.ReportMilestone: {"milestone": "report"},
}


def _offered() -> intake.SupportOffered:
    one = intake.Colleague(case=_CASE, colleague=_COLLEAGUE, profession="nurse", department="icu")
    return intake.SupportOffered(report="r-1", t0=NOW, event_types=("aggression",), colleagues=(one,))


def _matched() -> matching.SupporterMatched:
    return matching.SupporterMatched(case=_CASE, supporter=_SUPPORTER)


def _command(kind: type[Command]) -> Message:
    """By the first whom the rule names: who may is one thing, what comes of it another."""
    who = next(one for one in _PEOPLE if one in RULES.rule(COMMANDS[kind].rule).only)
    by = {"by_role": who.removeprefix("own "), "by": _PEOPLE[who]}
    return kind.model_validate({"case": _CASE, **by, **_SAYING.get(kind, {})})


def _histories() -> Iterator[tuple[Message, ...]]:
    """A history that leads to each state; to a pause there are two ways, because one comes back to where one was."""
    reached, talk = _command(said.RecordContact), _command(said.RecordConversation)
    pause, close = _command(said.PauseSupport), _command(said.CloseCase)
    yield from ((), (_offered(),), (_offered(), _matched()), (_offered(), _matched(), reached))
    yield from ((_offered(), pause), (_offered(), _matched(), pause), (_offered(), _matched(), reached, pause))
    yield (_offered(), _matched(), talk, close)


def _messages() -> Iterator[Message]:
    yield from (_offered(), _matched(), intake.StaffLeft(person=_SUPPORTER))
    yield intake.SupportWithdrawn(report="r-1", cases=(_CASE,), reason="amended")
    yield intake.EventReassessed(report="r-1", event_types=("other",), calamity="yes", harm="death", cases=(_CASE,))
    yield intake.SupporterInvolved(report="r-1", cases=(_CASE,), supporters=(_SUPPORTER,))
    yield matching.MatchFailed(case=_CASE, pool=0, removed={})
    yield from (_command(kind) for kind in COMMANDS)


def arrows() -> dict[tuple[str, str], list[str]]:
    """(from, to) -> the messages that lead there, in the order of their names."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for history in _histories():
        before = _state(Story(PROTOCOL).given(*history))
        for message in _messages():
            after = _state(Story(PROTOCOL).given(*history, message))
            if after != before:
                found[before, after].add(type(message).__name__)
        waited = Story(PROTOCOL).given(*history)
        waited.wait(NOW + timedelta(days=3650))
        if _state(waited) != before:
            found[before, _state(waited)].add(said.MomentDue.__name__)
    return {states: sorted(names) for states, names in sorted(found.items())}


def _state(story: Story) -> str:
    case = story.state(Case, _CASE)
    return _ERASED if case.erased else case.status


def page() -> str:
    lines = [f"    {_called(old)} --> {_called(new)}: {', '.join(names)}" for (old, new), names in arrows().items()]
    return "\n".join((_HEAD, "```mermaid", "stateDiagram-v2", *lines, f"    {_ERASED} --> [*]", "```", ""))


def _called(state: str) -> str:
    return "[*]" if state == "unknown" else state


_HEAD = """# The states of a case
Written by `python -m services.followup.doors.diagram`, which tries every message on a case of every state;
`./dev check` says when it is stale. What leaves a case in its state is not drawn. A case that lost its supporter
after a first contact stays `in_contact` while another is looked for.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or checks. 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the page is stale")
    options = parser.parse_args(arguments)
    if not options.check:
        FILE.write_text(page(), "utf-8")
    elif not FILE.exists() or FILE.read_text("utf-8") != page():
        print(f"{FILE.name} is stale: python -m services.followup.doors.diagram", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
