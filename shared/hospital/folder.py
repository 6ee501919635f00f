"""Hospitals on disk: `<root>/<id>/` holds `hospital.toml`, `staff.csv` and `feeds/`; the folder is named by the id."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.hospital.advice import mistakes
from shared.hospital.settings import HOSPITAL_ID, Away, Hospital
from shared.mistake import Mistake

FILE = "hospital.toml"

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # a command line says it in its own words


class HospitalError(ValueError):
    """A hospital's file cannot be used. The text names the file, the fields and what to do; it never repeats a value.

    since: when the file was written that began it, where somebody looked.
    """

    def __init__(self, path: Path, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        self.since: datetime | None = None
        super().__init__("\n".join(f"{path}: {field}: {en}" if field else f"{path}: {en}" for field, _, en in mistakes))

    def told(self) -> dict[str, Any]:
        """As it is told over HTTP: since when, and per field what to do."""
        problems = [{"field": field or FILE, "do": {"nl": nl, "en": en}} for field, nl, en in self.mistakes]
        return {"since": self.since.isoformat() if self.since else None, "problems": problems}


class NotInForce(KeyError):
    """There is such a hospital, but nothing that it has settled is in force: its file was wrong from the beginning."""

    def __init__(self, problem: HospitalError) -> None:
        super().__init__("settings_not_in_force")
        self.problem = problem


#: What else is wrong with settings, such as a value that fits no rule.
Check = Callable[[Hospital], Iterable[Mistake]]


def is_hospital_id(text: str) -> bool:
    """Whether it has the form of a hospital's id."""
    return re.fullmatch(HOSPITAL_ID, text) is not None


def nothing_else(_: Hospital) -> Iterable[Mistake]:
    """Settings are good as soon as they can be read."""
    return ()


def load(folder: Path, check: Check = nothing_else) -> Hospital:
    """The hospital of `folder/hospital.toml`. Raises `HospitalError`."""
    path = folder / FILE
    table = _table(path)
    try:
        hospital = Hospital.model_validate(table)
    except ValidationError as error:
        raise HospitalError(path, *mistakes(error)) from None
    if hospital.id != folder.name:
        name = folder.name
        nl, en = f"moet de naam van zijn map zijn, {name}", f"must be the name of its folder, {name}"
        raise HospitalError(path, Mistake("id", nl, en))
    found = tuple(check(hospital))
    if found:
        raise HospitalError(path, *found)
    return hospital


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        make = f"`naast hospital new {path.parent.name}`"
        said = f"is niet te lezen; maak het met {make}", f"cannot be read; make it with {make}"
        raise HospitalError(path, Mistake("", *said)) from error
    except UnicodeDecodeError as error:
        raise HospitalError(
            path, Mistake("", "is geen UTF-8; bewaar het als UTF-8", "is not UTF-8; save it as UTF-8")
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at .*\)$", str(error))
        at = place[0] if place else ""
        raise HospitalError(
            path, Mistake("", f"is geen TOML{at}; verbeter het daar", f"is no TOML{at}; correct it there")
        ) from error


def out_of_force(hospital: Callable[[str], Hospital], id: str) -> NotInForce | None:
    """Why what is asked of a hospital must wait; None: it need not, or there is no such hospital."""
    try:
        hospital(id)
    except NotInForce as problem:
        return problem
    except KeyError:
        pass
    return None


class Hospitals(Mapping[str, Hospital]):
    """All hospitals under a root, by id. A file that changed is read again; a bad one leaves the old settings in force.

    root: the folder of folders. check: what must hold beside the form of a file, before it is in force. every: seconds
    between two looks at the disk. timer: a monotonic clock in seconds. `problems` holds, per folder, what is wrong with
    it now; each new problem is logged once. Of a hospital that never was in force, [] raises NotInForce.
    """

    def __init__(
        self,
        root: Path,
        check: Check = nothing_else,
        *,
        every: float = 2.0,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self.problems: dict[str, HospitalError] = {}
        self._check = check
        self._every = every
        self._timer = timer
        self._next_look = float("-inf")
        self._stamps: dict[str, tuple[int, int]] = {}
        self._known: dict[str, Hospital] = {}

    def __getitem__(self, id: str) -> Hospital:
        self._look()
        if id not in self._known and id not in self.problems:
            # A hospital that was just made must not wait: what another process says of it may already be here.
            self.look()
        if id not in self._known and id in self.problems:
            raise NotInForce(self.problems[id])
        return self._known[id]

    def __iter__(self) -> Iterator[str]:
        self._look()
        return iter(sorted(self._known))

    def __len__(self) -> int:
        self._look()
        return len(self._known)

    def look(self) -> None:
        """Looks at the disk now."""
        self._next_look = float("-inf")
        self._look()

    def _look(self) -> None:
        if self._timer() < self._next_look:
            return
        self._next_look = self._timer() + self._every
        with contextlib.suppress(OSError):  # a disk that does not answer: the settings in force stay
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
            self._known[id] = self._loaded(path)
            self.problems.pop(id, None)
        except HospitalError as error:
            earlier = self.problems.get(id)
            error.since = earlier.since if earlier else datetime.fromtimestamp(stat.st_mtime, UTC)
            self.problems[id] = error
            log.warning("%s", error)

    def _loaded(self, path: Path) -> Hospital:
        try:
            return load(path.parent, self._check)
        except HospitalError:
            raise
        except Exception as error:
            # Whatever one file holds, the others are read.
            name = type(error).__name__
            said = f"is niet te begrijpen ({name}); vereenvoudig het", f"cannot be understood ({name}); simplify it"
            raise HospitalError(path, Mistake("", *said)) from None


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
        "# Its public holidays count; `naast hospital show` says which days these are, and why.",
        _pairs({"country": hospital.country}),
        "# Days on which this hospital is closed, or open, whatever its country keeps: a date or the name of a holiday;"
        "\n# for a half day with the hour at which it closes. For example:"
        '\n# closed = ["Good Friday", 2026-12-28, {day = "Christmas Eve", from = "13:00"}]',
        _pairs({"closed": tuple(one.model_dump() for one in hospital.closed), "open": hospital.open}),
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
