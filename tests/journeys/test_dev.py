"""Every line in which `./dev` says how it is called is understood by what it calls. Nothing of it is run here."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import asked_for
from tests.journeys.dev_script import DevScript, tasks, usage, ways
from tests.journeys.lines import ROOT, in_blocks, in_prose, mistake_in
from tests.journeys.test_what_texts_promise import PAGES, PROGRAMS

#: What its usage, pages and programs say to type; of what `./dev naast` hands on, one line stands for all.
TEXTS = [text.read_text("utf-8") for text in (*PAGES, *PROGRAMS)]
NAMED = [line for text in TEXTS for line in (*in_blocks(text), *in_prose(text))]
LINES = sorted(
    {way for line in usage() for way in ways(line)}
    | {line for line in NAMED if line.startswith("./dev ") and not line.startswith("./dev naast ")}
)


@pytest.fixture
def dev(tmp_path: Path) -> DevScript:
    return DevScript(tmp_path)


def understood(call: list[str]) -> str:
    """Why a program would not take these arguments; empty where it does."""
    match call:
        case ["naast", *words]:
            return mistake_in(shlex.join(["naast", *words]), whole=True)
        case ["python", "-m", "pytest", *words]:
            return _tried([sys.executable, "-m", "pytest", *words, "--markers"])
        case ["python", "-m", "tests.benchmarks", *words]:
            return _takes(words)
        case ["python", "-m", module, "--check"]:
            return "" if importlib.util.find_spec(module) else f"no module {module}"
        case ["python", file, "--check"]:
            return "" if (ROOT / file).exists() else f"no file {file}"
        case [program, *words]:
            found = shutil.which(program, path=str(Path(sys.executable).parent))
            if found is None:
                return f"no program {program}"
            return _tried([found, *words, "--help"]) if words else ""
    return "nothing is called"


def _tried(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _takes(words: list[str]) -> str:
    try:
        asked_for(words)
    except SystemExit:
        return f"bench does not take {words}"
    return ""


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_dev_is_understood_by_what_it_calls(dev: DevScript, line: str) -> None:
    code, says, calls = dev.run(line)
    assert (code, bool(calls)) == (0, True), says
    assert [mistake for call in calls if (mistake := understood(call))] == []


@pytest.mark.parametrize(
    "line",
    [
        "./dev demo --keep",
        "./dev demo --keeps year",
        "./dev naast taskz",
        "./dev naast tasks --al",
        "./dev test --quick",
        "./dev bench pipelines",
        "./dev bench --jsn",
        "./dev up --loud",
        "./dev paint",
    ],
)
def test_a_line_that_means_nothing_would_be_found(dev: DevScript, line: str) -> None:
    code, _, calls = dev.run(line)
    assert code != 0 or any(understood(call) for call in calls)


def test_the_usage_names_every_task_and_no_other(dev: DevScript) -> None:
    assert {line.split()[1] for line in usage()} == tasks()
    for line in ("./dev", "./dev help", "./dev --help"):
        code, says, calls = dev.run(line)
        assert (code, calls) == (0, [])
        assert all(f"./dev {task}" in says for task in tasks())


def test_a_task_that_there_is_not_is_told_with_those_there_are(dev: DevScript) -> None:
    code, says, calls = dev.run("./dev tset")
    assert (code, calls, "there is no task 'tset'" in says, "./dev test" in says) == (2, [], True, True)
