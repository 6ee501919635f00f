"""A hospital's settings as a file: what is read, what is refused, and when a change is in force."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hospital import Hospital, HospitalError, Hospitals, NotInForce, load, to_toml, write
from shared.mistake import Mistake
from tests.decisions.hospital_words import ANNA, hospital

SETTLED = {
    "confidentiality": "yes",
    "sharing": "counts_only",
    "handover": "yes",
    "position": "yes, agreed on 2026-01-05",
}


def test_a_department_is_known_by_any_of_its_codes_in_any_unicode_form() -> None:
    assert [ANNA.department(code) for code in ("ic", " 310\u00a0", "Cafe\u0301 1", "seh", "IC", "")] == [
        "ic",
        "ic",
        "ic",
        "seh",
        None,
        None,
    ]


def test_a_hospital_practises_until_all_four_questions_are_answered() -> None:
    assert ANNA.practice
    assert ANNA.unanswered == ("confidentiality", "sharing", "handover", "position")
    assert hospital(answers=SETTLED | {"sharing": " "}).unanswered == ("sharing",)
    assert not hospital(answers=SETTLED).practice


names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).filter(str.strip)


@given(names, names, st.dictionaries(st.from_regex(r"[A-Z]{2,8}-[0-9]", fullmatch=True), st.integers() | names))
def test_what_is_written_is_what_is_read(name: str, label: str, rules: dict[str, int | str]) -> None:
    one = hospital(name=name, professions={"nurse": {"nl": label}}, rules=rules, answers=SETTLED, coordinators=["100"])
    assert Hospital.model_validate(tomllib.loads(to_toml(one))) == one


def test_a_hospital_is_a_folder_named_by_its_id(tmp_path: Path) -> None:
    write(tmp_path / "st-anna", ANNA)
    assert load(tmp_path / "st-anna") == ANNA
    (tmp_path / "st-anna").rename(tmp_path / "other")
    with pytest.raises(HospitalError, match="id: must be the name of its folder, other"):
        load(tmp_path / "other")


HOURS = 'write opening hours as "08:00-17:00", the end after the beginning'

COUNTRY = 'write a country code such as "NL", or with a part of the country, such as "DE-BY"'

ZONE = 'write a time zone of the IANA list, for example "Europe/Amsterdam"'

CODE = "has a form that is not allowed; use plain letters, digits, dot, dash or underscore"

QUIET = "the quiet hours must not last all day; leave them out if there are none"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"Europe/Amsterdam"', '"Europe"', f"timezone: {ZONE}"),
        ('country = "NL"', 'country = "QQ"', f"country: {COUNTRY}"),
        ('name = "Sint Anna"', "", "name: is missing; add it"),
        ("deputies = []", 'deputies = ["J. Jansen"]', f"deputies.0: {CODE}"),
        ("deputies = []", "deputy = []", "deputy: is not a setting; remove it or correct its name"),
        ('monday = "08:00-17:00"', 'monday = "17:00-08:00"', f"working_hours.monday: {HOURS}"),
        ('monday = "08:00-17:00"', 'monday = "8-17"', 'working_hours.monday: write a time as "08:00"'),
        ('monday = "08:00-17:00"', 'monday = "08:60-17:00"', "working_hours.monday: a day runs from 00:00 to 24:00"),
        ('to = "07:00"', 'to = "22:00"', f"quiet_hours: {QUIET}"),
        (
            "seh = {",
            'seh = {codes = ["310"], ',
            "the whole file: departments ic and seh share a code; give it to one of them",
        ),
        ("[rules]", "[rules", "is no TOML (at line 42, column 7); correct it there"),
        ("[rules]", "[rules]\nMATCH-5 = true", "rules.MATCH-5: must be a number, a duration or an option"),
        ("[rules]", "[rules]\nMATCH-5 = [1]", "rules.MATCH-5: must be a number, a duration or an option"),
        ("[rules]", f"x = {'[' * 5000}\n[rules]", "cannot be understood (RecursionError); simplify it"),
    ],
)
def test_a_bad_file_is_told_by_file_field_and_remedy(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = write(tmp_path / "st-anna", ANNA)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    known = Hospitals(tmp_path)
    assert list(known) == []
    problem = known.problems["st-anna"]
    assert str(problem) == f"{path}: {says}"
    [told] = problem.told()["problems"]
    assert says in (f"{told['field']}: {told['do']['en']}", told["do"]["en"])
    assert told["do"]["nl"] not in ("", told["do"]["en"])


def test_a_file_that_is_absent_or_not_utf8_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HospitalError, match="cannot be read; make it with `naast hospital new nowhere`"):
        load(tmp_path / "nowhere")
    (tmp_path / "latin").mkdir()
    (tmp_path / "latin" / "hospital.toml").write_bytes(b'name = "Caf\xe9"')
    with pytest.raises(HospitalError, match="is not UTF-8; save it as UTF-8"):
        load(tmp_path / "latin")


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def change(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def test_a_changed_file_is_taken_over_after_the_next_look(tmp_path: Path) -> None:
    path, timer = write(tmp_path / "st-anna", ANNA), Stopwatch()
    known = Hospitals(tmp_path, every=2.0, timer=timer)
    assert dict(known) == {"st-anna": ANNA}
    change(path, to_toml(hospital(name="Sint Bea")))
    assert known["st-anna"] == ANNA
    timer.seconds = 2.0
    assert known["st-anna"].name == "Sint Bea"


def test_a_file_that_became_bad_or_vanished_leaves_the_old_settings_and_is_reported(tmp_path: Path) -> None:
    path, timer = write(tmp_path / "st-anna", ANNA), Stopwatch()
    write(tmp_path / "bea", hospital(id="bea"))
    known = Hospitals(tmp_path, every=2.0, timer=timer)
    assert (sorted(known), known.problems) == (["bea", "st-anna"], {})
    change(path, "nothing of use = ")
    (tmp_path / "bea" / "hospital.toml").unlink()
    timer.seconds = 2.0
    assert (known["st-anna"], list(known), list(known.problems)) == (ANNA, ["bea", "st-anna"], ["st-anna"])
    change(path, to_toml(ANNA))
    timer.seconds = 4.0
    assert (len(known), known.problems) == (2, {})


def test_a_hospital_that_was_never_good_is_unknown_and_reported(tmp_path: Path) -> None:
    write(tmp_path / "st-anna", ANNA).write_text("id = 3", encoding="utf-8")
    known = Hospitals(tmp_path)
    assert ("st-anna" in known, list(known.problems)) == (False, ["st-anna"])
    with pytest.raises(NotInForce) as waits:
        known["st-anna"]
    assert waits.value.problem is known.problems["st-anna"]
    with pytest.raises(KeyError) as unknown:
        known["nowhere"]
    assert not isinstance(unknown.value, NotInForce)


def at_most_two(one: Hospital) -> list[Mistake]:
    """A check as the rulebooks make it."""
    return [Mistake("rules.MATCH-5", "neemt minder", "takes less")] if one.rules.get("MATCH-5", 0) == 3 else []


def test_settings_are_checked_before_they_are_in_force(tmp_path: Path) -> None:
    path, timer = write(tmp_path / "st-anna", ANNA), Stopwatch()
    write(tmp_path / "bea", hospital(id="bea", rules={"MATCH-5": 3}))
    known = Hospitals(tmp_path, at_most_two, timer=timer)
    assert (list(known), list(known.problems)) == (["st-anna"], ["bea"])
    change(path, to_toml(hospital(rules={"MATCH-5": 3}, name="Sint Bea")))
    timer.seconds = 2.0
    assert known["st-anna"] == ANNA
    assert str(known.problems["st-anna"]) == f"{path}: rules.MATCH-5: takes less"
    change(path, to_toml(hospital(rules={"MATCH-5": 2})))
    timer.seconds = 4.0
    assert (known["st-anna"].rules, list(known.problems)) == ({"MATCH-5": 2}, ["bea"])


def test_a_problem_began_when_the_file_was_written_that_began_it(tmp_path: Path) -> None:
    path, timer = write(tmp_path / "st-anna", ANNA), Stopwatch()
    os.utime(path, (1_000_000_000, 1_000_000_000))
    known = Hospitals(tmp_path, timer=timer)
    assert known["st-anna"] == ANNA
    for n, text in enumerate(("nothing of use = ", "still nothing = ")):
        change(path, text)
        timer.seconds += 2.0
        assert known["st-anna"] == ANNA
        assert known.problems["st-anna"].since == datetime.fromtimestamp(1_000_000_001, UTC), n


def test_a_hospital_that_was_just_made_is_known_at_once(tmp_path: Path) -> None:
    known = Hospitals(tmp_path, every=2.0, timer=Stopwatch())
    assert "st-anna" not in known
    write(tmp_path / "st-anna", ANNA)
    assert known["st-anna"] == ANNA


LEAVE = {"who": "1", "from": "2026-07-01", "to": "2026-07-14"}


@pytest.mark.parametrize(
    ("day", "away", "on_duty"),
    [
        ("2026-06-30", [LEAVE], ("1", "2")),
        ("2026-07-01", [LEAVE], ("2",)),
        ("2026-07-14", [LEAVE], ("2",)),
        ("2026-07-15", [LEAVE], ("1", "2")),
        ("2026-07-03", [LEAVE, LEAVE | {"who": "2"}], ("8", "9")),
        ("2026-07-03", [LEAVE, LEAVE | {"who": "2"}, LEAVE | {"who": "8"}], ("9",)),
        ("2026-07-03", [LEAVE | {"who": who} for who in "1289"], ("1", "2")),
    ],
)
def test_whoever_is_there_is_on_duty_or_else_a_deputy_or_else_everybody(
    day: str, away: list[dict[str, str]], on_duty: tuple[str, ...]
) -> None:
    settled = hospital(coordinators=["1", "2"], deputies=["8", "9"], away=away)
    assert settled.on_duty(date.fromisoformat(day)) == on_duty


def test_a_hospital_without_coordinators_has_its_deputies() -> None:
    assert hospital(deputies=["8"]).on_duty(date(2026, 7, 3)) == ("8",)
    assert hospital().on_duty(date(2026, 7, 3)) == ()


def test_an_absence_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends on the day that it begins, or later"):
        hospital(away=[LEAVE | {"to": "2026-06-30"}])


def test_doors_and_absences_are_written_as_they_are_read() -> None:
    open_to = {"ic": {"nl": "Intensive care", "doors": ["self", "manager"]}, "seh": {"nl": "Spoedeisende hulp"}}
    settled = hospital(departments=open_to, away=[LEAVE])
    assert Hospital.model_validate(tomllib.loads(to_toml(settled))) == settled
    assert [one.doors for one in settled.departments.values()] == [("self", "manager"), ()]
