"""What a page says when something did not work, is over, or is not for this reader; and how it is made."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest

from services.intake.doors.people import import_staff
from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.messages import followup
from tests.engine.intake_house import EVA, EVERYBODY, canonical, feed, open_intake, ref, staff_list
from tests.engine.intake_town import Owners, Town

REFUSED = {
    "refused": {"rule": "FOLLOW-1", "sentence": {"nl": "Hoogstens drie.", "en": "At most three."}, "command": "x"}
}


@pytest.fixture(params=["sqlite"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_intake(request, tmp_path) as door:
        owners = Owners()
        door.running.forward = owners.forward
        await feed(door, canonical("1"))
        async with door.running.database.read() as c:
            [case] = (await read_all(c, Link, "example")).values()
        yield Town(door, owners, case)


async def test_what_a_rule_refuses_is_told_in_the_words_of_the_rule_and_the_readers_language(town: Town) -> None:
    await town.matched()
    town.owners.status, town.owners.body = 409, REFUSED
    response = await town.press(await town.supporters_link(), "conversation", minutes="30")
    assert response.status_code == 409
    assert '<p role="alert" class="refused">Hoogstens drie.</p>' in response.text
    assert '<html lang="nl">' in response.text


@pytest.mark.parametrize(("status", "says"), [(422, "een getal klopt niet"), (404, "er is niets veranderd")])
async def test_what_did_not_work_is_told_plainly(town: Town, status: int, says: str) -> None:
    await town.matched()
    town.owners.status = status
    response = await town.press(await town.supporters_link(), "conversation", minutes="x")
    assert (response.status_code, says in response.text) == (status, True)


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (503, "Dit is NIET vastgelegd"),
        (500, "Het is niet zeker dat dit is vastgelegd"),
        (504, "Het is niet zeker dat dit is vastgelegd"),
    ],
)
async def test_danger_of_which_nothing_came_is_said_to_be_unrecorded_with_what_to_do_and_whom_to_call(
    town: Town, status: int, heading: str
) -> None:
    await import_staff(
        town.door.running, "example", staff_list(*EVERYBODY[:3], EVA.replace("org,,", "org,+31 6 99999,"))
    )
    await town.matched()
    town.owners.status = status
    link = await town.supporters_link()
    response = await town.press(link, "danger", once="o-1")
    assert (response.status_code, f"<h1>{heading}</h1>" in response.text) == (503, True)
    assert "Bij direct gevaar bel je nu het alarmnummer." in response.text
    assert all(text in response.text for text in ("Eva Marker", 'href="tel:+31699999"'))
    assert "vastgelegd.</p>" not in response.text.replace("niet is vastgelegd", "").replace("niet vastgelegd", "")
    assert re.findall(r'action="([^"]+)"', response.text) == [f"{link}/danger"]
    assert 'name="once" value="o-1"' in response.text
    log = (await town.door.get(await town.door.key("auditor"), "access-log")).json()["access_log"]
    assert ("supporter", town.carla, [town.case.id], "coordinator") in [
        (one["by_role"], one["by"], one["about"], one["what"]) for one in log
    ]


async def test_who_has_no_number_is_reached_by_mail_and_who_is_not_known_is_not_promised(town: Town) -> None:
    await town.matched()
    town.owners.status = 503
    response = await town.press(await town.supporters_link(), "help")
    assert 'href="mailto:eva@example.org"' in response.text
    hospitals = cast(dict[str, Any], town.door.running.hospitals)
    hospitals["example"] = hospitals["example"].model_copy(update={"coordinators": (), "deputies": ()})
    response = await town.press(await town.supporters_link(), "help")
    assert "een nummer is hier niet bekend" in response.text
    assert 'href="tel:' not in response.text


async def test_what_came_to_nothing_is_pressed_again_with_the_same_words_and_the_same_key(town: Town) -> None:
    await town.matched()
    town.owners.status = 503
    form = {"minutes": "40", "kind": "conversation", "channel": "phone", "at": "", "once": "o-1"}
    page = (await town.press(await town.supporters_link(), "conversation", **form)).text
    again = dict(re.findall(r'name="([a-z]+)" value="([^"]*)"', page))
    assert again == form
    assert "in immediate danger" not in page.lower()


async def test_a_page_that_cannot_be_made_is_still_a_page(town: Town) -> None:
    link = await town.supporters_link()

    async def broken(*_: object) -> Any:
        raise LookupError

    town.door.running.forward = broken
    for response in (await town.press(link, "danger"), await town.press(link, "accept")):
        assert (response.status_code, "Ga ervan uit dat er niets is vastgelegd." in response.text) == (503, True)
        assert "Assume that nothing was recorded." in response.text
    town.door.running.access.who = broken  # type: ignore[method-assign,assignment]
    assert (await town.open(link)).status_code == 503


@pytest.mark.parametrize("form", [{"minutes": "4\x000"}, {"once": "a\nb"}, {"kind": "\x1b"}, {"\x00": "x"}])
async def test_a_form_with_what_nobody_can_read_goes_nowhere(town: Town, form: dict[str, str]) -> None:
    await town.matched()
    response = await town.press(await town.supporters_link(), "conversation", **form)
    assert (response.status_code, "een getal klopt niet" in response.text, town.owners.asked) == (422, True, [])


async def test_a_moment_that_no_calendar_holds_is_passed_on_to_be_refused(town: Town) -> None:
    await town.matched()
    await town.press(await town.supporters_link(), "contact", reached="yes", at="0001-01-01T00:00")
    assert town.owners.asked[-1][2] == {"reached": True, "at": "0001-01-01T00:00"}


async def test_a_page_is_in_the_language_of_its_reader(town: Town) -> None:
    await feed(town.door, canonical("2", data={"source": {"system": "vim", "report_id": "2", "mapping": "vim@1"}}))
    async with town.door.running.database.read() as c:
        links = await read_all(c, Link, "example")
    [bram] = [link for link in links.values() if link.staff == ref(town.door, "2")]
    assert '<html lang="en">' in (await town.open(await town.link("colleague", bram.colleague, bram.id))).text
    assert '<html lang="nl">' in (await town.open(await town.colleagues_link())).text


async def test_what_is_over_offers_no_button_and_shows_no_name(town: Town) -> None:
    await town.matched()
    supporter, colleague = await town.supporters_link(), await town.colleagues_link()
    stranger = await town.link("supporter", ref(town.door, "2"))
    assert await town.buttons(stranger) == []
    assert "Marker" not in (await town.open(stranger)).text
    for link in (supporter, colleague):
        assert len(await town.buttons(link)) == 7
        assert "Marker" not in (await town.open(link)).text
        assert "Marker" in (await town.press(link, "card")).text
    await town.hear(followup.CaseClosed(case=town.case.id, ending="completed"))
    for link in (supporter, colleague):
        assert await town.buttons(link) == []
        for page in (await town.open(link), await town.press(link, "card")):
            assert "Marker" not in page.text


async def test_a_wrong_link_a_key_or_a_wrong_button_opens_nothing(town: Town) -> None:
    access = town.door.running.access
    key = await access.make_key("example", "coordinator")
    supporter = await town.supporters_link()
    for response in (
        await town.open("/l/naast_guess"),
        await town.open(f"/l/{key}"),
        await town.open(f"/l/{await access.make_link('example', 'auditor', '', town.case.id)}"),
        await town.press("/l/naast_guess", "accept"),
        await town.press(supporter, "pause"),
        await town.press(supporter, "erase"),
    ):
        assert (response.status_code, "Deze link werkt niet meer" in response.text) == (404, True)
    assert town.owners.asked == []
    assert (await town.open(supporter)).status_code == 200
    assert (await town.press(await town.colleagues_link(), "pause")).status_code == 303
    assert len(town.owners.asked) == 1


async def test_a_page_is_kept_nowhere_and_runs_nothing(town: Town) -> None:
    response = await town.open(await town.supporters_link())
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert not re.search(r"<script|<style|style=|onclick|javascript:|https?://", response.text)
    style = await town.open("/assets/naast.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


class _Outline(HTMLParser):
    """What a screen reader needs: labelled fields, one h1, names for buttons, closed tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.fields: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.seen.append(tag)
        if tag not in ("meta", "link", "input"):
            self.open.append(tag)
        if tag == "label" and found.get("for"):
            self.labels.append(found["for"] or "")
        if tag == "select" or (tag == "input" and found.get("type") not in ("radio", "hidden")):
            self.fields.append(found.get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_a_page_can_be_read_aloud(town: Town) -> None:
    await town.matched()
    for link in (await town.supporters_link(), await town.colleagues_link(), "/l/naast_guess"):
        outline = _Outline()
        outline.feed((await town.open(link)).text)
        assert outline.open == []
        assert sorted(outline.fields) == sorted(outline.labels)
        assert bool(outline.fields) == ("guess" not in link)
        assert "main" in outline.seen
        assert outline.seen.count("h1") == (2 if "guess" in link else 1)
