"""Hospitals on disk: `<root>/<id>/` holds `hospital.toml`, `staff.csv` and `feeds/`; the folder is named by the id."""

from __future__ import annotations

import json
import logging
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.hospital.settings import Away, Hospital

FILE = "hospital.toml"

log = logging.getLogger(__name__)


class HospitalError(ValueError):
    """A hospital's file cannot be used. The text names the file, the field and what to do; it never repeats a value."""


def load(folder: Path) -> Hospital:
    """The hospital of `folder/hospital.toml`. Raises `HospitalError`."""
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HospitalError(f"{path}: cannot be read; make it with `naast hospital new {folder.name}`") from error
    except UnicodeDecodeError as error:
        raise HospitalError(f"{path}: is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)$", str(error))
        raise HospitalError(f"{path}: is no TOML{' ' + place[0] if place else ''}; correct it there") from error
    try:
        hospital = Hospital.model_validate(table)
    except ValidationError as error:
        raise HospitalError("\n".join(f"{path}: {line}" for line in _advice(error))) from None
    if hospital.id != folder.name:
        raise HospitalError(f"{path}: id: must be the name of its folder, {folder.name}")
    return hospital


_SAYS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a setting; remove it or correct its name",
    "string_pattern_mismatch": "has a form that is not allowed; use plain letters, digits, dot, dash or underscore",
    "too_short": "is empty; give at least one",
    "string_too_short": "is empty; fill it in",
    "literal_error": "is not one of the known words; write for example monday",
    "string_type": "must be text between quotes",
}


def _advice(error: ValidationError) -> list[str]:
    lines = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        field = ".".join(str(part) for part in one["loc"] if part != "[key]") or "the whole file"
        lines.append(f"{field}: {_SAYS.get(one['type'], one['msg'].removeprefix('Value error, '))}")
    return lines


class Hospitals(Mapping[str, Hospital]):
    """All hospitals under a root, by id. A file that changed is read again; a bad one leaves the old settings in force.

    root: the folder of folders. every: seconds between two looks at the disk. timer: a monotonic clock in seconds.
    `problems` holds, per folder, what is wrong with it now; each new problem is logged once.
    """

    def __init__(self, root: Path, every: float = 2.0, timer: Callable[[], float] = time.monotonic) -> None:
        self.root = root
        self.problems: dict[str, HospitalError] = {}
        self._every = every
        self._timer = timer
        self._next_look = float("-inf")
        self._stamps: dict[str, tuple[int, int]] = {}
        self._known: dict[str, Hospital] = {}

    def __getitem__(self, id: str) -> Hospital:
        self._look()
        if id not in self._known:
            # A hospital that was just made must not wait: what another process says of it may already be here.
            self._next_look = float("-inf")
            self._look()
        return self._known[id]

    def __iter__(self) -> Iterator[str]:
        self._look()
        return iter(sorted(self._known))

    def __len__(self) -> int:
        self._look()
        return len(self._known)

    def _look(self) -> None:
        if self._timer() < self._next_look:
            return
        self._next_look = self._timer() + self._every
        for path in sorted(self.root.glob(f"*/{FILE}")):
            self._read_if_changed(path)

    def _read_if_changed(self, path: Path) -> None:
        id = path.parent.name
        try:
            stat = path.stat()
        except OSError:
            return  # gone since the folder was listed; the settings in force stay
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self._stamps.get(id) == stamp:
            return
        self._stamps[id] = stamp
        try:
            self._known[id] = load(path.parent)
            self.problems.pop(id, None)
        except HospitalError as error:
            self.problems[id] = error
            log.warning("%s", error)


def write(folder: Path, hospital: Hospital) -> Path:
    """Writes `folder/hospital.toml`, making the folder where needed, and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    new = folder / f".{FILE}.new"
    new.write_text(to_toml(hospital), encoding="utf-8")
    new.replace(path)
    return path


def to_toml(hospital: Hospital) -> str:
    """The settings as a file that people can edit: what `load` reads, with short comments."""
    quiet = hospital.quiet_hours
    departments = {
        code: department.names
        | {key: getattr(department, key) for key in ("codes", "doors") if getattr(department, key)}
        for code, department in hospital.departments.items()
    }
    sections = (
        f"# {hospital.name}: what this hospital has settled. A change is taken over within seconds.",
        _pairs({"id": hospital.id, "name": hospital.name, "timezone": hospital.timezone}),
        "# Its public holidays count.",
        _pairs({"country": hospital.country}),
        "# The first is used where nothing else is known.",
        _pairs({"languages": hospital.languages}),
        "# Staff numbers, as in staff.csv.",
        _pairs({"coordinators": hospital.coordinators, "deputies": hospital.deputies}),
        "# When one of them is not there: the others, or else the deputies, are told instead." if hospital.away else "",
        _pairs({"away": tuple(_absence(one) for one in hospital.away)}) if hospital.away else "",
        "# Professions that work many shifts, and so need more supporters.",
        _pairs({"shifts": hospital.shifts}),
        "\n# Local time; a day that is missing is closed.\n[working_hours]",
        _pairs(hospital.working_hours),
        "\n# Nobody is disturbed in these hours.\n[quiet_hours]" if quiet else "",
        _pairs({"from": quiet.from_, "to": quiet.to}) if quiet else "",
        "\n[professions]",
        _pairs(hospital.professions),
        "\n# codes: what else the feeds call a department. doors: ways to support without a report that it agreed to."
        "\n[departments]",
        _pairs(departments),
        "\n# A rule's number or option where this hospital differs; `naast rules` shows them.\n[rules]",
        _pairs(hospital.rules),
        "\n# As long as an answer is empty, naast practises: no notice leaves.\n[answers]",
        _pairs(hospital.answers.model_dump()),
    )
    return "\n".join(section for section in sections if section) + "\n"


def _absence(one: Away) -> dict[str, object]:
    return {"who": one.who, "from": one.from_, "to": one.to}


def _pairs(table: Mapping[Any, object]) -> str:
    return "\n".join(f"{_key(key)} = {_value(value)}" for key, value in table.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # A JSON string is a TOML string as well: settings hold no control characters.
    return json.dumps(value, ensure_ascii=False)
