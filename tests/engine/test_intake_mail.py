"""A notice leaves as a neutral mail in the reader's language, with a link that is hers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP

from services.intake.doors.mail.notices import Letterbox, SmtpPost
from shared.hospital import Hospital
from shared.messages.intake import NoticeDivided
from shared.testing import a_hospital
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake, ref
from tests.engine.intake_mail_words import Mailboxes, carry, case_of, letter, receipt


@pytest.fixture
async def mailboxes() -> AsyncIterator[tuple[Mailboxes, str]]:
    boxes = Mailboxes()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(boxes, hostname="mail"), "127.0.0.1", 0)
    yield boxes, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


@pytest.fixture(params=["sqlite"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1", "2"))
        yield door


async def test_a_mail_to_a_supporter_is_neutral_in_her_language_and_its_link_is_hers(
    door: Door, mailboxes: tuple[Mailboxes, str]
) -> None:
    boxes, url = mailboxes
    case, carla = await case_of(door, "1"), ref(door, "3")
    event = letter(door, case.id, "supporter", person=carla)
    assert await carry(door, event, SmtpPost(url, "naast@example.org")) == receipt(case.id, "supporter", "sent")
    [(to, mail)] = boxes.mails
    assert (to, mail["To"], mail["From"]) == ("carla@example.org", "carla@example.org", "naast@example.org")
    assert (mail["Subject"], mail["Message-ID"]) == ("Even contact", f"<{event.id}@naast.invalid>")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    [link] = [line for line in text.split() if line.startswith("http")]
    caller = await door.running.access.who(link.rpartition("/")[2])
    assert caller is not None
    assert (caller.hospital, caller.role, caller.person, caller.case) == ("example", "supporter", carla, case.id)
    told = " ".join((*map(str, mail.values()), text))
    assert [word for word in ("Anna", "Marker", "nurse", "icu", case.id, link) if word in told] == [link]


async def test_a_mail_to_a_colleague_finds_her_by_her_case_and_speaks_her_language(door: Door) -> None:
    box, case = Letterbox(), await case_of(door, "2")
    assert await carry(door, letter(door, case.id, "colleague", "matched"), box) == receipt(
        case.id, "colleague", "sent", template="matched"
    )
    [sent] = box.take()
    assert (sent.to, sent.subject, sent.at) == ("bram@example.org", "Touching base", door.clock.now())
    caller = await door.running.access.who(sent.link.rpartition("/")[2])
    assert caller is not None
    assert (caller.role, caller.person, caller.case) == ("colleague", case.colleague, case.id)
    assert sent.link in sent.body


async def test_coordinators_get_no_link_that_opens_anything(door: Door) -> None:
    box = Letterbox()
    assert await carry(door, letter(door, "r-1", "coordinator", "help"), box) == receipt(
        "r-1", "coordinator", "sent", template="help"
    )
    assert [(one.to, one.link) for one in box.take()] == [("eva@example.org", "http://127.0.0.1:8400/")]


async def test_deputies_are_told_when_no_coordinator_can_be_reached(door: Door) -> None:
    hospitals = cast(dict[str, Hospital], door.running.hospitals)
    box = Letterbox()
    for coordinators, deputies, to in ((("404",), ("3", "9"), ("3", "9")), ((), (), ())):
        settled = hospitals["example"].model_copy(update={"coordinators": coordinators, "deputies": deputies})
        hospitals["example"] = settled
        outcome = await carry(door, letter(door, "r-1", "coordinator"), box)
        readers = tuple(ref(door, one) for one in to)
        divided = NoticeDivided(regarding="r-1", to="coordinator", template="ask", readers=readers)
        assert outcome == (divided if to else receipt("r-1", "coordinator", "failed", "no_address"))
        assert box.take() == []


async def test_the_same_letter_again_has_the_same_message_id(door: Door, mailboxes: tuple[Mailboxes, str]) -> None:
    boxes, url = mailboxes
    event = letter(door, (await case_of(door, "1")).id, "colleague", "matched")
    for _ in range(2):
        await carry(door, event, SmtpPost(url, "naast@example.org"))
    assert [mail["Message-ID"] for _, mail in boxes.mails] == [f"<{event.id}@naast.invalid>"] * 2


async def test_a_hospital_that_practises_or_has_no_mail_server_sends_nothing(door: Door) -> None:
    case, box = await case_of(door, "1"), Letterbox()
    assert await carry(door, letter(door, case.id, "colleague"), box) == receipt(case.id, "colleague", "sent")
    assert [one.to for one in box.take()] == ["anna@example.org"]
    practised = receipt(case.id, "colleague", "practice")
    assert await carry(door, letter(door, case.id, "colleague"), None) == practised
    cast(dict[str, Hospital], door.running.hospitals)["example"] = a_hospital()
    assert await carry(door, letter(door, case.id, "colleague"), box) == practised
    assert box.take() == []
