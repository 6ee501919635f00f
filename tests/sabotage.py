"""Plants faults in copies of the source, one in each, and tells which of them the tests notice.

What the tests are is for the caller to say; a fault that no longer fits the source is an error as well.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
PARTS = ("shared", "services", "tests", "pyproject.toml")


@dataclass(frozen=True)
class Fault:
    """One change to one file of the source."""

    name: str
    file: str
    old: str
    new: str


Planted = TypeVar("Planted", bound=Fault)
#: Runs the tests in a copy of the source, and gives what noticed the fault; "" when nothing did.
Try = Callable[[Planted, Path], str]


@dataclass(frozen=True)
class Outcome:
    name: str
    noticed: bool
    seconds: float
    by: str


class Spoiled(Exception):
    """Nothing can be told of this fault; the text says why."""


def main(faults: Sequence[Planted], run: Try[Planted], about: str) -> int:
    """The command line of a set of faults: 0 when all were noticed, 1 when not."""
    options = _options(about)
    chosen = [fault for fault in faults if options.word in fault.name]
    if stale := [fault.name for fault in chosen if _spoiled(fault) is None]:
        raise SystemExit("These no longer fit the source:\n  " + "\n  ".join(stale))
    outcomes = []
    with ThreadPoolExecutor(options.jobs) as workers:
        running = [workers.submit(_tried, fault, run) for fault in chosen]
        for done in as_completed(running):
            outcomes.append(done.result())
            _tell(outcomes[-1], f"{len(outcomes)}/{len(chosen)}")
    missed = sorted(outcome.name for outcome in outcomes if not outcome.noticed)
    print(f"{len(missed)} not noticed" + "".join(f"\n  {name}" for name in missed), file=sys.stderr)
    if options.json:
        print(json.dumps([dataclasses.asdict(outcome) for outcome in outcomes], indent=2))
    return 1 if missed else 0


@contextmanager
def planted(fault: Fault) -> Iterator[Path]:
    """A copy of the source with this fault in it."""
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, Path(folder) / part)
        spoiled = _spoiled(fault)
        if spoiled is None:
            raise Spoiled(f"'{fault.name}' no longer fits {fault.file}")
        (Path(folder) / fault.file).write_text(spoiled)
        yield Path(folder)


def _spoiled(fault: Fault) -> str | None:
    """The file with the fault in it; None where it does not fit."""
    path = ROOT / fault.file
    source = path.read_text() if path.exists() else ""
    return source.replace(fault.old, fault.new) if source.count(fault.old) == 1 else None


def _tried(fault: Planted, run: Try[Planted]) -> Outcome:
    begun = time.monotonic()
    with planted(fault) as folder:
        by = run(fault, folder)
    return Outcome(fault.name, bool(by), round(time.monotonic() - begun, 1), by)


def _tell(outcome: Outcome, how_far: str) -> None:
    word = "noticed" if outcome.noticed else "MISSED"
    print(f"{how_far:>7} {word:7} {outcome.seconds:5.0f} s  {outcome.name}: {outcome.by}", file=sys.stderr, flush=True)


def _options(about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("word", nargs="?", default="", help="only the faults whose name has it")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--json", action="store_true", help="the outcomes on standard output")
    return parser.parse_args()
