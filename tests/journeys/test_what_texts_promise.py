"""Whatever a text tells somebody to type can be typed: examples of commands, hints of programs, pages, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.journeys.lines import NAAST, ROOT, in_blocks, in_program, in_prose, mistake_in, parsed
from tests.journeys.test_cli_ends_well import COMMANDS

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS = sorted({*(ROOT / "services").rglob("*.toml"), *(ROOT / "deploy").rglob("*.toml")})
PROGRAMS = sorted(path for room in ("services", "shared") for path in (ROOT / room).rglob("*.py"))


def ours(lines: list[str]) -> list[str]:
    """Those that `naast` itself takes."""
    return [line.removeprefix("./dev ") for line in lines if line.removeprefix("./dev ").startswith("naast ")]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that lines name."""
    for name in ("staff.csv", "reports.ndjson", "reports/2026-03.ndjson", "reports/fhir/one.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_is_that_command_and_can_be_typed(name: str) -> None:
    example = COMMANDS[name].epilog.removeprefix("Example: ")
    assert parsed(example)[0] == name


def test_what_naast_says_to_begin_with_can_be_typed() -> None:
    lines = re.findall(r"naast [^,.]+", NAAST.epilog)
    assert len(lines) == 3
    assert [mistake_in(line, whole=True) for line in lines] == ["", "", ""]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_to_type_can_be_typed(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [found for line in ours(in_blocks(text)) if (found := mistake_in(line, whole=True))] == []
    assert [found for line in ours(in_prose(text)) if (found := mistake_in(line))] == []


@pytest.mark.parametrize("file", SETTINGS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_what_texts_and_settings_say_to_type_can_be_typed(file: Path) -> None:
    assert [found for line in ours(in_prose(file.read_text("utf-8"))) if (found := mistake_in(line))] == []


def test_what_programs_say_to_type_can_be_typed() -> None:
    lines = [line for program in PROGRAMS for line in in_program(program)]
    assert [found for line in ours(lines) if (found := mistake_in(line))] == []
    assert {"naast case search {id}", "naast hospital new <id>", "naast db upgrade"} <= set(lines)


def test_every_setting_that_a_text_names_is_one() -> None:
    options = {option.envvar for command in COMMANDS.values() for option in command.params if option.envvar}
    known = options | {f"NAAST_{name.upper()}" for name in Settings.model_fields} | {"NAAST_TRACE", "NAAST_CRASH_AT"}
    texts = [*PAGES, *SETTINGS, *PROGRAMS, ROOT / "dev"]
    named = {name for text in texts for name in re.findall(r"\bNAAST_[A-Z_]*[A-Z]\b", text.read_text("utf-8"))}
    assert named - known == set()
    assert {"NAAST_HOME", "NAAST_HOSPITALS", "NAAST_AMQP_URL", "NAAST_HOSPITAL"} <= named


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("See it: naast hospital shwo", "No such command 'shwo'"),
        ("→ naast kees list", "No such command 'kees'"),
        ("`naast keys list --every`", "No such option: --every"),
        ("`./dev naast tasks --al`", "No such option: --al"),
        ("Explore: NAAST_HOME=x ./dev naast demo --keep", "requires an argument"),
        ("`naast case close c-… --ending happily`", "'happily' is not one of"),
        ("`naast keys list nothing`", "unexpected extra argument"),
        ("First make it, then naast hospital old x.", "No such command 'old'"),
    ],
)
def test_a_line_that_nobody_can_type_is_found(text: str, says: str) -> None:
    [line] = ours(in_prose(text))
    assert says in mistake_in(line)


def test_what_is_left_out_is_found_where_a_line_stands_alone() -> None:
    [line] = ours(in_blocks("```\n./dev naast case open 104     support is offered\n```\n"))
    assert (mistake_in(line), "door" in mistake_in(line, whole=True)) == ("", True)
