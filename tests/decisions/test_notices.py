"""What people receive: neutral, in their language, with a link and nothing that tells what it is about."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, get_args

import pytest

from services.intake.doors.mail.notices import LANGUAGES, Letterbox, render
from shared.messages import Role

LINK = "https://naast.example/l/token"
FOLDER = files("services.intake.doors.mail").joinpath("templates")
NOTICES = sorted(
    (folder.name, text.name.split(".")[0])
    for folder in FOLDER.iterdir()
    if folder.is_dir()
    for text in folder.iterdir()
    if text.name.endswith(".nl.txt")
)
#: What a glance at a screen must not tell: the event, the profession, or that this is about help.
TELLING = (
    "incident", "calamit", "reanim", "resusc", "overled", "death", "agress", "aggress", "klacht", "complaint",
    "verpleeg", "nurse", "arts", "doctor", "afdeling", "department", "peer", "support", "steun", "schok", "shock",
    "trauma", "casus", "case",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("to", "template"), NOTICES)
def test_a_notice_is_neutral_and_holds_one_link(to: Any, template: str, language: str) -> None:
    subject, body = render(template, to, language, LINK)
    assert 0 < len(subject) <= 40
    assert body.count("http") == 1
    assert LINK in body
    assert [word for word in TELLING if word in f"{subject} {body}".lower()] == []
    assert "{" not in body
    assert all(len(line) <= 100 for line in body.splitlines())


@pytest.mark.parametrize(("to", "template"), NOTICES)
def test_every_notice_is_there_in_both_languages_and_they_differ(to: Any, template: str) -> None:
    dutch, english = (render(template, to, language, LINK) for language in LANGUAGES)
    assert FOLDER.joinpath(to, f"{template}.en.txt").is_file()
    assert dutch != english


def test_what_colleagues_and_supporters_see_in_a_list_of_mails_is_always_the_same() -> None:
    for language, subject in (("nl", "Even contact"), ("en", "Touching base")):
        seen = {render(template, to, language, LINK)[0] for to, template in NOTICES if to != "coordinator"}  # type: ignore[arg-type]
        assert seen == {subject}


@pytest.mark.parametrize("role", get_args(Role))
def test_a_notice_without_a_text_of_its_own_still_says_that_something_is_there(role: Any) -> None:
    subject, body = render("brand_new", role, "en", LINK)
    assert (bool(subject), LINK in body) == (True, True)


async def test_a_letterbox_keeps_letters_until_they_are_taken() -> None:
    box = Letterbox()
    letter: Any = object()
    await box.send(letter)
    assert box.take() == [letter]
    assert box.take() == []
