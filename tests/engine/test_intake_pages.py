"""The pages behind the links: what each reader sees, and what each button passes on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.doors.buttons import ENDINGS
from services.intake.protocol.states import Link
from services.intake.tables import metadata, read_all
from shared.messages import Event, followup, matching
from shared.messages.intake import CallGroup, Involved
from tests.engine.intake_house import canonical, feed, open_intake, ref
from tests.engine.intake_town import Owners, Town

#: What makes each page that was opened a page of its own.
_ONCE = re.compile(r'name="once" value="[^"]+"')


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
    assert await town.buttons(link) == ["card", "contact", "conversation", "help", "debrief", "hand-back", "close"]
    told = ("Anna Marker", 'href="tel:+31611111"', "mailto:anna@example.org")
    assert not any(text in page for text in told)
    page = (await town.press(link, "card")).text
    assert all(text in page for text in told)
    await town.hear(followup.FirstContactMade(case=town.case.id, channel="phone"))
    assert await town.buttons(link) == ["card", "conversation", "help", "debrief", "hand-back", "close"]


async def test_a_colleague_reads_who_will_call_and_may_put_it_off_or_decline(town: Town) -> None:
    link = await town.colleagues_link()
    assert await town.buttons(link) == ["pause", "decline", "wishes", "help", "check-ins"]
    assert "Carla" not in (await town.open(link)).text
    await town.matched()
    assert "Carla" not in (await town.open(link)).text
    assert "Carla Marker" in (await town.press(link, "card")).text
    await town.hear(followup.SupportPaused(case=town.case.id))
    assert await town.buttons(link) == ["card", "resume", "decline", "help", "more", "another", "check-ins"]


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
    if button in ENDINGS:  # nothing is left behind the link
        assert (response.status_code, response.headers.get("location")) == (200, None)
    else:
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
