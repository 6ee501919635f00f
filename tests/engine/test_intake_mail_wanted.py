"""What becomes of a letter: refused, tried again, not wanted any more, counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP
from prometheus_client import generate_latest

from services.intake.doors.mail.notices import Letterbox, SmtpPost
from shared.hospital import Away, Hospital
from shared.messages import followup
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake, ref
from tests.engine.intake_mail_words import Mailboxes, carry, case_of, letter, receipt

REFUSALS = {"gone@example.org": "550 no such mailbox", "busy@example.org": "451 try again later"}


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


@pytest.mark.parametrize(
    ("mail", "waited", "outcome", "reason"),
    [
        ("gone@example.org", timedelta(0), "failed", "smtp_550"),
        ("busy@example.org", timedelta(0), None, ""),
        ("busy@example.org", timedelta(hours=24), None, ""),
        ("busy@example.org", timedelta(hours=24, seconds=1), "failed", "smtp_unreachable"),
    ],
)
async def test_a_refusal_for_good_is_told_and_one_for_now_is_tried_for_a_day(
    door: Door, mailboxes: tuple[Mailboxes, str], mail: str, waited: timedelta, outcome: Any, reason: str
) -> None:
    boxes, url = mailboxes
    boxes.refuse = {"anna@example.org": REFUSALS[mail]}
    case = await case_of(door, "1")
    event = letter(door, case.id, "colleague")
    door.clock.move_to(door.clock.now() + waited)
    expected = receipt(case.id, "colleague", outcome, reason) if outcome else None
    assert await carry(door, event, SmtpPost(url, "naast@example.org")) == expected


async def test_a_mail_server_that_is_away_is_tried_again(door: Door) -> None:
    event = letter(door, (await case_of(door, "1")).id, "colleague")
    assert await carry(door, event, SmtpPost("smtp://127.0.0.1:9", "naast@example.org")) is None


async def test_nobody_to_write_to_is_a_failure_and_no_guess(door: Door) -> None:
    box = Letterbox()
    for event in (
        letter(door, "c-nothing", "colleague"),
        letter(door, "c-nothing", "supporter", person="s-nothing"),
        replace(letter(door, "r-1", "coordinator"), hospital="nowhere"),
    ):
        outcome = await carry(door, event, box)
        reason = "unknown_hospital" if event.hospital == "nowhere" else "no_address"
        assert (outcome.outcome, outcome.reason) == ("failed", reason)
    assert box.take() == []


@pytest.mark.parametrize("to", ["colleague", "supporter"])
async def test_a_letter_about_an_erased_case_leaves_no_more(door: Door, to: Any) -> None:
    case, box = await case_of(door, "1"), Letterbox()
    event = letter(door, case.id, to, person=ref(door, "3"))
    assert (await carry(door, event, box), len(box.take())) == (receipt(case.id, to, "sent"), 1)
    await door.hear(followup.CaseErased(case=case.id))
    assert (await carry(door, event, box), box.take()) == (receipt(case.id, to, "failed", "not_wanted"), [])


PAUSED, RESUMED = followup.SupportPaused(case=""), followup.SupportResumed(case="")


def closed(ending: Any) -> followup.CaseClosed:
    return followup.CaseClosed(case="", ending=ending)


@pytest.mark.parametrize(
    ("happened", "leave", "stay"),
    [
        ([], ["matched", "evaluation"], []),
        ([PAUSED], ["paused", "closed"], ["matched", "check_in"]),
        ([PAUSED, RESUMED], ["matched"], []),
        ([closed("declined")], ["declined"], ["matched", "evaluation", "check_in"]),
        ([closed("withdrawn")], ["closed"], ["matched", "evaluation", "milestone"]),
        ([closed("completed")], ["closed", "evaluation", "check_in"], []),
        ([closed("not_reached")], ["not_reached"], []),
    ],
)
async def test_a_letter_to_the_colleague_leaves_only_while_she_wants_to_hear_it(
    door: Door, happened: list[Any], leave: list[str], stay: list[str]
) -> None:
    case, box = await case_of(door, "1"), Letterbox()
    await door.hear(*(fact.model_copy(update={"case": case.id}) for fact in happened))
    for template in leave:
        outcome = await carry(door, letter(door, case.id, "colleague", template), box)
        assert outcome == receipt(case.id, "colleague", "sent", template=template)
    assert len(box.take()) == len(leave)
    for template in stay:
        outcome = await carry(door, letter(door, case.id, "colleague", template), box)
        assert outcome == receipt(case.id, "colleague", "failed", "not_wanted", template)
    assert box.take() == []


async def test_a_letter_that_waited_for_the_morning_is_looked_at_again_in_the_morning(door: Door) -> None:
    case, box = await case_of(door, "1"), Letterbox()
    door.clock.move_to(door.clock.now().replace(hour=23))
    await door.hear(followup.NoticeDue(regarding=case.id, to="colleague", template="matched"))
    await door.hear(followup.CaseClosed(case=case.id, ending="declined"))
    door.clock.move_to(door.clock.now() + timedelta(hours=9))
    leased = await door.running.engine.lease_letters()
    [waiting] = [one for one in leased if getattr(one.event.data, "template", "") == "matched"]
    assert (await carry(door, waiting.event, box)).reason == "not_wanted"
    assert box.take() == []


ABSENCES = [Away.model_validate({"who": who, "from": "2026-03-09", "to": "2026-03-11"}) for who in ("9", "3")]


@pytest.mark.parametrize(
    ("away", "later", "to"),
    [
        ([], timedelta(0), "eva"),
        (ABSENCES[:1], timedelta(0), "carla"),
        (ABSENCES[:1], timedelta(days=1), "eva"),
        (ABSENCES, timedelta(0), "eva"),
    ],
    ids=["she is there", "she is on leave", "she is back", "nobody is there"],
)
async def test_a_word_to_the_coordinator_reaches_whoever_is_on_duty_and_nobody_else(
    door: Door, away: list[Away], later: timedelta, to: str
) -> None:
    hospitals = cast(dict[str, Hospital], door.running.hospitals)
    hospitals["example"] = hospitals["example"].model_copy(update={"away": tuple(away)})
    door.clock.move_to(door.clock.now() + later)
    box = Letterbox()
    await carry(door, letter(door, "c-1", "coordinator", "clock_missed"), box)
    assert [one.to for one in box.take()] == [f"{to}@example.org"]


async def test_outcomes_are_counted_per_hospital(door: Door) -> None:
    case = await case_of(door, "1")
    await carry(door, letter(door, case.id, "colleague"), Letterbox())
    scrape = generate_latest(door.running.metrics.registry).decode()
    assert 'naast_notices_total{hospital="example",outcome="sent"} 1.0' in scrape
