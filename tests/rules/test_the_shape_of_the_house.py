"""The house has rooms: the same in every service. No file is too long to read, no import goes in a circle, and what is
imported is declared.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from shared.messages import SERVICES

ROOT = Path(__file__).parents[2]
OWN = ("services", "shared", "tests")
ROOMS = {"__init__.py", "app.py", "tables.py", "protocol", "doors", "migrations"}
LONGEST = 300
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
#: Declared, and reached without an import of ours.
BY_NAME = {
    "asyncpg": "SQLAlchemy opens PostgreSQL with it",
    "python-multipart": "FastAPI reads forms with it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
#: What developers run and nothing imports.
TOOLS = {"import-linter", "mypy", "pytest-xdist", "ruff"}


@cache
def sources() -> tuple[Path, ...]:
    """Every Python file of the project, those that somebody is just writing as well."""
    found = (path for folder in (*OWN, "deploy", "docs") for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(found))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The modules that a file names in its imports, as written."""
    names: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


def module(path: Path) -> str:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


# -- rooms


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_these_rooms_and_no_other(service: str) -> None:
    found = {path.name for path in (ROOT / "services" / service).iterdir() if path.name != "__pycache__"}
    assert found == ROOMS


@pytest.mark.parametrize("service", SERVICES)
def test_the_protocol_stands_in_its_room_as_sentences_checks_and_decisions(service: str) -> None:
    found = {path.name for path in (ROOT / "services" / service / "protocol").iterdir()}
    assert found >= {"__init__.py", "rules.toml", "rules.py", "domain.py"}


def test_contracts_and_types_name_rooms_and_no_modules() -> None:
    linter, mypy = PROJECT["tool"]["importlinter"], PROJECT["tool"]["mypy"]
    sources = {name for contract in linter["contracts"] for name in contract.get("source_modules", ())}
    strict = next(one["module"] for one in mypy["overrides"] if one.get("strict"))
    assert sources == {"shared", "services.*.protocol"}
    assert strict == ["shared.*", "services.*.protocol.*"]


# -- files


def test_no_file_is_too_long_to_read() -> None:
    long = {str(path.relative_to(ROOT)): n for path in sources() if (n := _lines(path)) > LONGEST}
    assert sources()
    assert long == {}


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in sources() if path.stat().st_size and not ast.get_docstring(tree(path))
    ]
    assert silent == []


# -- arrows


def test_imports_go_round_in_no_circle() -> None:
    modules = {module(path): path for path in sources() if path.relative_to(ROOT).parts[0] in ("services", "shared")}
    arrows = {name: {to for to in imports(path) if to in modules and to != name} for name, path in modules.items()}
    assert list(_circles(arrows)) == []


def _circles(arrows: dict[str, set[str]]) -> Iterator[list[str]]:
    """Modules on a circle, or above one: what is left when those that import nothing more are taken away."""
    left = {name: set(to) for name, to in arrows.items()}
    while free := {name for name, to in left.items() if not to}:
        left = {name: to - free for name, to in left.items() if name not in free}
    yield from ([name, *sorted(to)] for name, to in left.items())


def test_a_circle_would_be_found() -> None:
    assert list(_circles({"a": {"b"}, "b": {"c"}, "c": set()})) == []
    assert list(_circles({"a": {"b"}, "b": {"a"}, "c": set()})) == [["a", "b"], ["b", "a"]]


# -- dependencies


def declared(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[\[<>=; ]", requirement)[0]) for requirement in requirements}


def imported(*folders: str) -> set[str]:
    """The distributions that the files in these folders import."""
    of = packages_distributions()
    names = {
        name.split(".")[0] for path in sources() if path.relative_to(ROOT).parts[0] in folders for name in imports(path)
    }
    beside = {path.stem for path in (ROOT / "deploy" / "examples").glob("*.py")}  # a script finds its neighbours
    foreign = names - set(sys.stdlib_module_names) - set(OWN) - beside
    return {_normal(of[name][0]) if name in of else f"not installed: {name}" for name in foreign}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


PRODUCT, DEVELOPERS = declared(PROJECT["project"]["dependencies"]), declared(PROJECT["dependency-groups"]["dev"])


def test_whatever_is_imported_is_declared() -> None:
    assert imported("services", "shared") - PRODUCT == set()
    assert imported("tests", "deploy", "docs") - PRODUCT - DEVELOPERS == set()


def test_whatever_is_declared_is_used() -> None:
    assert PRODUCT - imported("services", "shared") == set(BY_NAME)
    left = DEVELOPERS - imported("tests", "deploy") - TOOLS
    assert {name for name in left if not name.startswith("types-")} == set()


def test_the_tools_are_those_that_developers_run() -> None:
    run = (ROOT / "dev").read_text()
    words = {"import-linter": "lint-imports", "pytest-xdist": "-n auto"}
    assert {tool for tool in TOOLS if words.get(tool, tool) in run} == TOOLS
