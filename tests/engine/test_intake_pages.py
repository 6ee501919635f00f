"""The pages behind links: opening one changes nothing, a button does one thing, and nobody else's link opens it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from services.intake.doors.people import import_staff
from services.intake.protocol.states import Link
from services.intake.tables import metadata, read_all
from shared.messages import Event, Message, followup, matching
from shared.messages.intake import CallGroup, Involved
from tests.engine.door import Door
from tests.engine.intake_house import EVA, EVERYBODY, canonical, feed, open_intake, ref, staff_list

#: What makes each page that was opened a page of its own.
_ONCE = re.compile(r'name="once" value="[^"]+"')
REFUSED = {
    "refused": {"rule": "FOLLOW-1", "sentence": {"nl": "Hoogstens drie.", "en": "At most three."}, "command": "x"}
}


@dataclass
class Owners:
    """The services that own what a button does: they note what they are asked, and answer as told."""

    status: int = 200
    body: Any = None
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    async def forward(
        self, method: str, path: str, token: str, body: Any, once: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((method, path, body))
        return self.status, {}, json.dumps(self.body).encode()


@dataclass
class Town:
    """A hospital in which Anna (or Bram) has a case, the services around intake, and links."""

    door: Door
    owners: Owners
    case: Link

    @property
    def carla(self) -> str:
        return ref(self.door, "3")

    async def link(self, role: Any, who: str, case: str = "") -> str:
        return f"/l/{await self.door.running.access.make_link('example', role, who, case or self.case.id)}"

    async def supporters_link(self) -> str:
        return await self.link("supporter", self.carla)

    async def colleagues_link(self) -> str:
        return await self.link("colleague", self.case.colleague)

    async def open(self, link: str) -> Any:
        return await self.door.client.get(link)

    async def buttons(self, link: str) -> list[str]:
        return [action.rpartition("/")[2] for action in re.findall(r'action="([^"]+)"', (await self.open(link)).text)]

    async def press(self, link: str, button: str, **form: str) -> Any:
        return await self.door.client.post(f"{link}/{button}", data=form)

    async def hear(self, *facts: Message) -> None:
        await self.door.hear(*facts)

    async def asked(self) -> None:
        until = self.door.clock.now()
        await self.hear(matching.SupporterAsked(case=self.case.id, supporter=self.carla, ask=1, answer_by=until))

    async def matched(self) -> None:
        await self.hear(matching.SupporterMatched(case=self.case.id, supporter=self.carla))


@pytest.fixture(params=["sqlite"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_intake(request, tmp_path) as door:
        owners = Owners()
        door.running.forward = owners.forward
        await feed(door, canonical("1"))
        async with door.running.database.read() as c:
            [case] = (await read_all(c, Link, "example")).values()
        yield Town(door, owners, case)


async def test_a_supporter_who_is_asked_can_say_yes_or_no_and_reads_no_name(town: Town) -> None:
    await town.asked()
    link = await town.supporters_link()
    page = (await town.open(link)).text
    assert await town.buttons(link) == ["accept", "decline"]
    assert "11-03-2026 10:00" in page
    assert "Anna" not in page


async def test_a_supporter_of_a_case_reads_the_card_and_records_what_was_done(town: Town) -> None:
    await town.matched()
    link = await town.supporters_link()
    page = (await town.open(link)).text
    assert await town.buttons(link) == ["contact", "conversation", "help", "debrief", "hand-back", "close"]
    assert all(text in page for text in ("Anna Marker", 'href="tel:+31611111"', "mailto:anna@example.org"))
    await town.hear(followup.FirstContactMade(case=town.case.id, channel="phone"))
    assert await town.buttons(link) == ["conversation", "help", "debrief", "hand-back", "close"]


async def test_a_colleague_reads_who_will_call_and_may_put_it_off_or_decline(town: Town) -> None:
    link = await town.colleagues_link()
    assert await town.buttons(link) == ["pause", "decline", "wishes", "help", "check-ins"]
    assert "Carla" not in (await town.open(link)).text
    await town.matched()
    assert "Carla Marker" in (await town.open(link)).text
    await town.hear(followup.SupportPaused(case=town.case.id))
    assert await town.buttons(link) == ["resume", "decline", "help", "more", "another", "check-ins"]


async def test_a_colleague_reads_why_she_is_called_and_what_is_kept(town: Town) -> None:
    page = (await town.open(await town.colleagues_link())).text
    assert "Na een ingrijpende gebeurtenis biedt jouw ziekenhuis" in page
    assert all(line in page for line in ("Wat er wordt bewaard", "Niets van wat je vertelt."))


@pytest.mark.parametrize(("who", "action", "path"), [("supporter", "danger", "danger"), ("colleague", "stop", "stop")])
async def test_what_cannot_be_undone_is_asked_once_more_and_asking_changes_nothing(
    town: Town, who: str, action: str, path: str
) -> None:
    await town.matched()
    link = await (town.supporters_link() if who == "supporter" else town.colleagues_link())
    assert f'href="{link}?sure={action}"' in (await town.open(link)).text
    sure = (await town.open(f"{link}?sure={action}")).text
    assert re.findall(r'action="([^"]+)"', sure) == [f"{link}/{action}"]
    assert town.owners.asked == []
    await town.press(link, action)
    assert town.owners.asked == [("POST", f"/v1/hospitals/example/cases/{town.case.id}/{path}", None)]


async def test_who_agreed_to_hear_more_can_say_that_it_comes_back_also_after_the_end(town: Town) -> None:
    await town.matched()
    link = await town.colleagues_link()
    await town.hear(
        followup.CheckInsAgreed(case=town.case.id, later=False, milestones=True),
        followup.CaseClosed(case=town.case.id, ending="completed"),
    )
    assert await town.buttons(link) == ["check-ins", "milestone"]
    assert f'href="{link}?sure=stop"' in (await town.open(link)).text


async def test_the_supporter_of_a_team_records_how_many_took_part(town: Town) -> None:
    caller = Involved(staff=ref(town.door, "1"), case="c-team", colleague="p-team")
    call = CallGroup(
        report="r-team", department="icu", profession="", caller=caller, by_role="coordinator", by=ref(town.door, "9")
    )
    await town.door.running.engine.ask(Event("call", "example", town.door.clock.now(), call))
    await town.hear(matching.SupporterMatched(case="c-team", supporter=town.carla))
    link = await town.link("supporter", town.carla, "c-team")
    page = (await town.open(link)).text
    assert '<input type="hidden" name="kind" value="group">' in page
    assert 'name="people"' in page
    await town.press(link, "conversation", kind="group", people="8", channel="in_person", minutes="60")
    assert town.owners.asked[-1][2] == {"kind": "group", "channel": "in_person", "minutes": 60, "people": 8}


@pytest.mark.parametrize(
    ("who", "button", "form", "path", "body"),
    [
        ("supporter", "accept", {}, "ask/accept", None),
        ("supporter", "decline", {}, "ask/decline", None),
        (
            "supporter",
            "contact",
            {"reached": "yes", "channel": "phone"},
            "contact",
            {"reached": True, "channel": "phone"},
        ),
        ("supporter", "contact", {"reached": "no"}, "contact", {"reached": False}),
        (
            "supporter",
            "conversation",
            {"kind": "conversation", "channel": "in_person", "minutes": "40", "note": "Marker"},
            "conversation",
            {"kind": "conversation", "channel": "in_person", "minutes": 40},
        ),
        ("supporter", "conversation", {"minutes": "many"}, "conversation", {"minutes": 0}),
        ("supporter", "close", {"ending": "completed"}, "close", {"ending": "completed"}),
        (
            "supporter",
            "conversation",
            {"kind": "conversation", "minutes": "40", "at": "2026-03-10T14:30"},
            "conversation",
            {"kind": "conversation", "minutes": 40, "at": "2026-03-10T13:30:00+00:00"},
        ),
        ("supporter", "contact", {"reached": "yes", "at": "x"}, "contact", {"reached": True, "at": "x"}),
        ("supporter", "help", {}, "help", None),
        ("supporter", "debrief", {}, "debrief", None),
        ("supporter", "hand-back", {}, "hand-back", None),
        ("colleague", "another", {}, "another", None),
        ("colleague", "more", {}, "more", None),
        (
            "colleague",
            "wishes",
            {"unit": "own", "independent": "yes", "note": "Marker"},
            "preferences",
            {"unit": "own", "independent": True, "same_site": False, "own_line": False},
        ),
        ("colleague", "check-ins", {"later": "yes"}, "check-ins", {"later": True, "milestones": False}),
        ("colleague", "milestone", {"milestone": "report"}, "milestone", {"milestone": "report"}),
        ("colleague", "decline", {}, "decline", None),
        ("colleague", "pause", {}, "pause", None),
        ("colleague", "resume", {}, "resume", None),
        ("colleague", "help", {}, "help", None),
    ],
)
async def test_a_button_is_passed_on_to_the_owner_of_the_case(
    town: Town, who: str, button: str, form: dict[str, str], path: str, body: Any
) -> None:
    link = await (town.supporters_link() if who == "supporter" else town.colleagues_link())
    response = await town.press(link, button, **form)
    assert (response.status_code, response.headers["location"]) == (303, f"{link}?done={button}")
    assert town.owners.asked == [("POST", f"/v1/hospitals/example/cases/{town.case.id}/{path}", body)]
    assert (await town.open(f"{link}?done={button}")).status_code == 200


async def test_opening_a_link_a_hundred_times_changes_nothing(town: Town) -> None:
    await town.asked()
    link = await town.supporters_link()

    async def rows() -> list[str]:
        async with town.door.running.database.read() as c:
            return sorted([str(row) for table in metadata.sorted_tables for row in await c.execute(select(table))])

    before = await rows()
    pages = {_ONCE.sub("", (await town.open(link)).text) for _ in range(100)}
    assert (len(pages), await rows(), town.owners.asked) == (1, before, [])
    assert await town.buttons(link) == ["accept", "decline"]


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
    assert ("supporter", town.carla, town.case.id, "coordinator") in [
        (one["by_role"], one["by"], one["case"], one["what"]) for one in log
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
        assert len(await town.buttons(link)) == 6
        assert "Marker" in (await town.open(link)).text
    await town.hear(followup.CaseClosed(case=town.case.id, ending="completed"))
    for link in (supporter, colleague):
        assert await town.buttons(link) == []
        assert "Marker" not in (await town.open(link)).text


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
