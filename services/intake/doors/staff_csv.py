"""The staff list of a hospital, read strictly: a row with a mistake is left out and told by line, column and reason.

Comma separated, UTF-8, a header of exactly `COLUMNS` in any order. Errors never repeat what a cell holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.hospital import STAFF_ID, Hospital, tidy

COLUMNS = (
    "staff_id",
    "name",
    "function",
    "profession",
    "department",
    "site",
    "manager",
    "languages",
    "mail",
    "phone",
    "channel",
    "active",
    "supporter",
    "trained_on",
    "intervisie_on",
)
MAX_FILE = 16 * 1024 * 1024
MAX_CELL = 200


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody of the staff. Codes are the hospital's own; `manager` is a staff_id or empty, languages are never empty.

    What tells who she is stays out of the repr.
    """

    staff_id: str = field(repr=False)
    name: str = field(repr=False)
    function: str = field(repr=False)
    profession: str
    department: str
    site: str
    manager: str = field(repr=False)
    languages: tuple[str, ...]
    mail: str = field(repr=False)
    phone: str = field(repr=False)
    channel: str
    active: bool
    supporter: bool
    trained_on: date | None
    intervisie_on: date | None


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in which line (the header is line 1) and column; no column when it is the line as a whole."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffFile:
    """The good rows and what is wrong with the others. A file that cannot be read to its end has no rows at all."""

    rows: tuple[StaffRow, ...]
    errors: tuple[RowError, ...]


class _Unreadable(Exception):
    def __init__(self, line: int, column: str, reason: str) -> None:
        super().__init__(reason)
        self.error = RowError(line, column, reason)


Cells = Mapping[str, str]


def read_staff(raw: bytes, hospital: Hospital) -> StaffFile:
    """The staff of this hospital as the file has them."""
    try:
        table = list(_cells(_text(raw)))
    except _Unreadable as unreadable:
        return StaffFile((), (unreadable.error,))
    wrong_across = _across_rows([(line, cells) for line, cells in table if cells is not None])
    rows, errors = [], []
    for line, cells in table:
        wrong = list(_wrong(cells, hospital)) if cells is not None else [("", "wrong_number_of_cells")]
        wrong += wrong_across.get(line, [])
        errors += [RowError(line, column, reason) for column, reason in wrong]
        if cells is not None and not wrong:
            rows.append(_row(cells, hospital))
    return StaffFile(tuple(rows), tuple(errors))


def _text(raw: bytes) -> str:
    if len(raw) > MAX_FILE:
        raise _Unreadable(1, "", "too_large")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(raw.count(b"\n", 0, error.start) + 1, "", "not_utf8") from None
    if "\x00" in text:
        raise _Unreadable(text.count("\n", 0, text.index("\x00")) + 1, "", "unusable_character")
    return text


def _cells(text: str) -> Iterator[tuple[int, Cells | None]]:
    """Per row the line on which it begins and its cells by column; no cells when there are too many or too few."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header, begins = None, 1
    try:
        for cells in reader:
            if header is None:
                header = _header(cells)
            elif any(cell.strip() for cell in cells):
                complete = len(cells) == len(header)
                yield begins, dict(zip(header, map(tidy, cells), strict=True)) if complete else None
            begins = reader.line_num + 1
    except csv.Error:
        raise _Unreadable(begins, "", "bad_quoting") from None
    if header is None:
        raise _Unreadable(1, "", "empty_file")


def _header(cells: list[str]) -> list[str]:
    header = [tidy(cell).lower() for cell in cells]
    if len(header) == 1 and ";" in header[0]:
        raise _Unreadable(1, "", "not_comma_separated")
    for column in COLUMNS:
        if header.count(column) != 1:
            raise _Unreadable(1, column, "missing_column" if column not in header else "duplicate_column")
    for place, column in enumerate(header, 1):
        if column not in COLUMNS:
            raise _Unreadable(1, f"#{place}", "unknown_column")
    return header


Wrong = tuple[str, str]


def _across_rows(table: list[tuple[int, Cells]]) -> dict[int, list[Wrong]]:
    """What only shows when rows are seen together, by line. Of two rows with one number neither is trusted."""
    counted = Counter(cells["staff_id"] for _, cells in table)
    manager_of = {cells["staff_id"]: cells["manager"] for _, cells in table}
    circular = in_circles(manager_of)
    wrong: dict[int, list[Wrong]] = {}
    for line, cells in table:
        own = wrong.setdefault(line, [])
        if counted[cells["staff_id"]] > 1:
            own.append(("staff_id", "duplicate"))
        if cells["manager"] and cells["manager"] not in manager_of:
            own.append(("manager", "not_in_the_file"))
        if cells["staff_id"] in circular:
            own.append(("manager", "circle"))
    return wrong


def in_circles(manager_of: Mapping[str, str]) -> set[str]:
    """Everybody who is her own manager, directly or through others. Nobody's manager is looked up twice, however long
    the line is.
    """
    found, seen = set[str](), set[str]()
    for one in manager_of:
        way: list[str] = []
        while one and one not in seen:
            seen.add(one)
            way.append(one)
            one = manager_of.get(one, "")
        if one in way:
            found.update(way[way.index(one) :])
    return found


def _wrong(cells: Cells, hospital: Hospital) -> Iterator[Wrong]:
    for column, cell in cells.items():
        reason = _wrong_cell(column, cell, hospital)
        if reason:
            yield column, reason
    if cells["active"] == "yes" and cells["channel"] in ("mail", "phone") and not cells[cells["channel"]]:
        yield cells["channel"], "missing"


def _wrong_cell(column: str, cell: str, hospital: Hospital) -> str | None:
    if len(cell) > MAX_CELL:
        return "too_long"
    if not cell.isprintable():
        return "unusable_character"
    # A cell that a spreadsheet would run as a formula is refused; a phone number may begin with +.
    if cell.startswith(("=", "+", "-", "@")) and not (column == "phone" and cell.startswith("+")):
        return "formula"
    if not cell:
        return "missing" if column in _REQUIRED else None
    reason, accepts = _FORMS.get(column, ("", _anything))
    return None if accepts(cell, hospital) else reason


def _anything(cell: str, hospital: Hospital) -> bool:
    return True


def _form(pattern: str) -> Callable[[str, Hospital], bool]:
    compiled = re.compile(pattern)
    return lambda cell, hospital: compiled.fullmatch(cell) is not None


def _is_date(cell: str, hospital: Hospital) -> bool:
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


_REQUIRED = frozenset({"staff_id", "name", "profession", "department", "channel", "active", "supporter"})
_STAFF_ID = ("wrong_form", _form(STAFF_ID))
_YES_OR_NO = ("not_yes_or_no", _form("yes|no"))
_DATE = ("no_date", _is_date)
_FORMS: Mapping[str, tuple[str, Callable[[str, Hospital], bool]]] = {
    "staff_id": _STAFF_ID,
    "profession": ("unknown_profession", lambda cell, hospital: cell in hospital.professions),
    "department": ("unknown_department", lambda cell, hospital: hospital.department(cell) is not None),
    "site": ("wrong_form", _form(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")),
    "manager": _STAFF_ID,
    "languages": ("no_language", _form(r"[a-z]{2}(\|[a-z]{2}){0,9}")),
    "mail": ("no_address", _form(r"[A-Za-z0-9._%+'-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")),
    "phone": ("no_phone_number", _form(r"\+?[0-9][0-9 ()/.-]{4,24}")),
    "channel": ("not_mail_or_phone", _form("mail|phone")),
    "active": _YES_OR_NO,
    "supporter": _YES_OR_NO,
    "trained_on": _DATE,
    "intervisie_on": _DATE,
}


def _row(cells: Cells, hospital: Hospital) -> StaffRow:
    return StaffRow(
        staff_id=cells["staff_id"],
        name=cells["name"],
        function=cells["function"],
        profession=cells["profession"],
        department=hospital.department(cells["department"]) or "",
        site=cells["site"],
        manager=cells["manager"],
        languages=tuple(dict.fromkeys(cells["languages"].split("|"))) if cells["languages"] else hospital.languages[:1],
        mail=cells["mail"],
        phone=cells["phone"],
        channel=cells["channel"],
        active=cells["active"] == "yes",
        supporter=cells["supporter"] == "yes",
        trained_on=date.fromisoformat(cells["trained_on"]) if cells["trained_on"] else None,
        intervisie_on=date.fromisoformat(cells["intervisie_on"]) if cells["intervisie_on"] else None,
    )
