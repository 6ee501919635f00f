"""The staff list is read strictly: good rows stay, bad ones are told by line, column and reason, never by content."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.doors.staff_csv import COLUMNS, RowError, StaffFile, StaffRow, read_staff
from shared.hospital import Hospital

MARKER = "Mevrouw-Jansen-viel"
ANNA = Hospital.model_validate(
    {
        "id": "st-anna",
        "name": "Sint Anna",
        "timezone": "Europe/Amsterdam",
        "languages": ["nl", "en"],
        "country": "NL",
        "working_hours": {"monday": "08:00-17:00"},
        "professions": {"nurse": {"nl": "Verpleegkundige"}},
        "departments": {"ic": {"nl": "Intensive care", "codes": ["310"]}},
    }
)
CELLS = {
    "staff_id": "100",
    "name": "Anna de Vries",
    "function": "IC-verpleegkundige",
    "profession": "nurse",
    "department": "310",
    "site": "noord",
    "manager": "",
    "languages": "nl|en",
    "mail": "a.devries@example.org",
    "phone": "+31 6 12345678",
    "channel": "phone",
    "active": "yes",
    "supporter": "yes",
    "trained_on": "2026-01-05",
    "intervisie_on": "",
}
ANNA_DE_VRIES = StaffRow(
    staff_id="100",
    name="Anna de Vries",
    function="IC-verpleegkundige",
    profession="nurse",
    department="ic",
    site="noord",
    manager="",
    languages=("nl", "en"),
    mail="a.devries@example.org",
    phone="+31 6 12345678",
    channel="phone",
    active=True,
    supporter=True,
    trained_on=date(2026, 1, 5),
    intervisie_on=None,
)


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """A file with these rows, each the row above with some cells changed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(CELLS | row for row in rows)
    return text.getvalue().encode()


def errors(raw: bytes) -> list[tuple[int, str, str]]:
    return [(error.line, error.column, error.reason) for error in read_staff(raw, ANNA).errors]


def test_a_row_gives_a_member_of_staff() -> None:
    assert read_staff(table({}), ANNA) == StaffFile((ANNA_DE_VRIES,), ())


def test_a_byte_order_mark_another_order_of_columns_and_blank_lines_do_no_harm() -> None:
    raw = b"\xef\xbb\xbf" + table({}, columns=tuple(reversed(COLUMNS))) + b"\r\n,,,,,,,,,,,,,,\r\n"
    assert read_staff(raw, ANNA) == StaffFile((ANNA_DE_VRIES,), ())


def test_space_and_unicode_forms_are_tidied_and_the_first_language_of_the_hospital_is_the_default() -> None:
    file = read_staff(table({"name": " Zoe\u0308\u00a0 Smit ", "languages": "", "site": ""}), ANNA)
    assert [(row.name, row.languages, row.site) for row in file.rows] == [("Zoë Smit", ("nl",), "")]


def test_somebody_who_left_needs_no_way_to_reach_her() -> None:
    [row] = read_staff(table({"active": "no", "phone": "", "mail": ""}), ANNA).rows
    assert (row.active, row.phone) == (False, "")


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({"staff_id": ""}, ("staff_id", "missing")),
        ({"staff_id": "Jan Jansen"}, ("staff_id", "wrong_form")),
        ({"name": ""}, ("name", "missing")),
        ({"name": "x" * 201}, ("name", "too_long")),
        ({"name": "Anna\u200bde Vries"}, ("name", "unusable_character")),
        ({"name": "=HYPERLINK(1)"}, ("name", "formula")),
        ({"function": "@SUM(1)"}, ("function", "formula")),
        ({"function": "-1"}, ("function", "formula")),
        ({"function": "+1"}, ("function", "formula")),
        ({"profession": "dentist"}, ("profession", "unknown_profession")),
        ({"department": "999"}, ("department", "unknown_department")),
        ({"site": "north wing"}, ("site", "wrong_form")),
        ({"manager": "999"}, ("manager", "not_in_the_file")),
        ({"manager": "100"}, ("manager", "circle")),
        ({"languages": "Nederlands"}, ("languages", "no_language")),
        ({"languages": "nl,en"}, ("languages", "no_language")),
        ({"mail": "anna"}, ("mail", "no_address")),
        ({"mail": "anna@example"}, ("mail", "no_address")),
        ({"mail": "a@example.org, b@example.org"}, ("mail", "no_address")),
        ({"phone": "ask the desk"}, ("phone", "no_phone_number")),
        ({"phone": "=1"}, ("phone", "formula")),
        ({"phone": ""}, ("phone", "missing")),
        ({"channel": "mail", "mail": ""}, ("mail", "missing")),
        ({"channel": "pigeon"}, ("channel", "not_mail_or_phone")),
        ({"active": "ja"}, ("active", "not_yes_or_no")),
        ({"supporter": ""}, ("supporter", "missing")),
        ({"trained_on": "05-01-2026"}, ("trained_on", "no_date")),
        ({"trained_on": "20260105"}, ("trained_on", "no_date")),
        ({"intervisie_on": "2026-02-30"}, ("intervisie_on", "no_date")),
    ],
)
def test_a_wrong_cell_leaves_its_row_out_and_the_others_in(cells: dict[str, str], wrong: tuple[str, str]) -> None:
    file = read_staff(table({"staff_id": "1"}, cells, {"staff_id": "2"}), ANNA)
    assert [row.staff_id for row in file.rows] == ["1", "2"]
    assert file.errors == (RowError(3, *wrong),)


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    assert errors(table({"name": "", "active": "maybe"})) == [(2, "name", "missing"), (2, "active", "not_yes_or_no")]


def test_of_two_rows_with_one_number_neither_is_trusted() -> None:
    file = read_staff(table({}, {"staff_id": "200"}, {"name": "Bea"}), ANNA)
    assert [row.staff_id for row in file.rows] == ["200"]
    assert file.errors == (RowError(2, "staff_id", "duplicate"), RowError(4, "staff_id", "duplicate"))


def test_managers_may_not_form_a_circle() -> None:
    raw = table({"staff_id": "1", "manager": "2"}, {"staff_id": "2", "manager": "1"}, {"staff_id": "3", "manager": "1"})
    assert errors(raw) == [(2, "manager", "circle"), (3, "manager", "circle")]


def test_a_line_is_counted_as_an_editor_counts_it() -> None:
    assert errors(table({"staff_id": "1", "name": "Anna\nde Vries"}, {"active": "x"})) == [
        (4, "active", "not_yes_or_no")
    ]


def test_a_row_with_too_many_or_too_few_cells_is_left_out() -> None:
    raw = table({}) + b"1,2,3\r\n"
    assert (len(read_staff(raw, ANNA).rows), errors(raw)) == (1, [(3, "", "wrong_number_of_cells")])


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", (1, "", "empty_file")),
        (table({}).replace(b",", b";"), (1, "", "not_comma_separated")),
        (table({}, columns=COLUMNS[:-1]), (1, "intervisie_on", "missing_column")),
        (table({}, columns=(*COLUMNS, "name")), (1, "name", "duplicate_column")),
        (table({}).replace(b"intervisie_on", b"intervisie_on," + MARKER.encode()), (1, "#16", "unknown_column")),
        (table({}, {}) + b"\xe9", (4, "", "not_utf8")),
        (table({}) + b"\x00", (3, "", "unusable_character")),
        (table({}) + b'"never closed', (3, "", "bad_quoting")),
        (table({}) + b'"a"b', (3, "", "bad_quoting")),
        (b" " * (16 * 1024 * 1024 + 1), (1, "", "too_large")),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else "",
)
def test_a_file_that_cannot_be_read_to_its_end_has_no_rows(raw: bytes, error: tuple[int, str, str]) -> None:
    assert read_staff(raw, ANNA) == StaffFile((), (RowError(*error),))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    for whole in (raw, table({}) + raw, table({}).replace(b"Anna", raw)):
        assert isinstance(read_staff(whole, ANNA), StaffFile)


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12) | st.just(MARKER), max_size=4))
def test_errors_never_repeat_a_cell(cells: dict[str, str]) -> None:
    found = read_staff(table(cells, {"name": f"={MARKER}"}), ANNA).errors
    assert found
    assert MARKER not in repr(found)


def test_what_tells_who_somebody_is_stays_out_of_logs() -> None:
    file = read_staff(table(dict.fromkeys(("staff_id", "name", "function"), MARKER), {"manager": MARKER}), ANNA)
    assert [row.staff_id for row in file.rows] == [MARKER, "100"]
    assert not [told for told in (MARKER, "devries", "12345678") if told in repr(file)]
