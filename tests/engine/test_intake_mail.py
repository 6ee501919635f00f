"""Letters leave through a real mail server; one that refuses for good is told, one that is away is tried for a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP
from prometheus_client import generate_latest

from services.intake.doors.mail.notices import Letter, Letterbox, SmtpPost, carrier
from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.hospital import Away, Hospital
from shared.messages import Event, followup
from shared.messages.intake import Notice, NoticeGone
from shared.testing import a_hospital
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake, ref

REFUSALS = {"gone@example.org": "550 no such mailbox", "busy@example.org": "451 try again later"}


@dataclass
class Mailboxes:
    """What a mail server took, and whom it refuses."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos[0], mail))
        return "250 OK"


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


async def case_of(door: Door, staff_id: str) -> Link:
    async with door.running.database.read() as c:
        found = await read_all(c, Link, "example")
    return next(link for link in found.values() if link.staff == ref(door, staff_id))


def letter(door: Door, regarding: str, to: Any, template: str = "ask", person: str = "") -> Event:
    notice = Notice(regarding=regarding, to=to, person=person, template=template)
    return Event(door.running.mint.event_id(), "example", door.clock.now(), notice)


async def carry(door: Door, event: Event, post: Any) -> Any:
    door.running.tools["post"] = post
    return await carrier(door.running)(event)


def receipt(regarding: str, to: Any, outcome: Any, reason: str = "", template: str = "ask") -> NoticeGone:
    return NoticeGone(regarding=regarding, to=to, template=template, outcome=outcome, reason=reason)


async def test_a_mail_to_a_supporter_is_neutral_in_her_language_and_its_link_is_hers(
    door: Door, mailboxes: tuple[Mailboxes, str]
) -> None:
    boxes, url = mailboxes
    case, carla = await case_of(door, "1"), ref(door, "3")
    event = letter(door, case.id, "supporter", person=carla)
    assert await carry(door, event, SmtpPost(url, "naast@example.org")) == receipt(case.id, "supporter", "sent")
    [(to, mail)] = boxes.mails
    assert (to, mail["To"], mail["From"]) == ("carla@example.org", "carla@example.org", "naast@example.org")
    assert (mail["Subject"], mail["Message-ID"]) == ("Even contact", f"<{event.id}.0@naast.invalid>")
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
    for coordinators, deputies, to in ((("404",), ("3", "9"), ["carla", "eva"]), ((), (), [])):
        settled = hospitals["example"].model_copy(update={"coordinators": coordinators, "deputies": deputies})
        hospitals["example"] = settled
        outcome = await carry(door, letter(door, "r-1", "coordinator"), box)
        assert outcome == receipt("r-1", "coordinator", "sent" if to else "failed", "" if to else "no_address")
        assert [one.to.partition("@")[0] for one in box.take()] == to


class Fragile(Letterbox):
    """Takes the letters of some, and stumbles over those of others."""

    def __init__(self, *over: str) -> None:
        super().__init__()
        self.over = over

    async def send(self, letter: Letter) -> None:
        if letter.to.partition("@")[0] in self.over:
            raise LookupError
        await super().send(letter)


async def test_a_letter_to_one_coordinator_that_raises_keeps_none_from_another(door: Door) -> None:
    hospitals, box = cast(dict[str, Hospital], door.running.hospitals), Fragile("eva")
    hospitals["example"] = hospitals["example"].model_copy(update={"coordinators": ("9", "3")})
    told = receipt("r-1", "coordinator", "sent", template="help")
    assert await carry(door, letter(door, "r-1", "coordinator", "help"), box) == told
    assert [one.to for one in box.take()] == ["carla@example.org"]
    with pytest.raises(LookupError):
        await carry(door, letter(door, "r-1", "coordinator", "help"), Fragile("eva", "carla"))


async def test_the_same_letter_again_has_the_same_message_id(door: Door, mailboxes: tuple[Mailboxes, str]) -> None:
    boxes, url = mailboxes
    event = letter(door, (await case_of(door, "1")).id, "colleague", "matched")
    for _ in range(2):
        await carry(door, event, SmtpPost(url, "naast@example.org"))
    assert [mail["Message-ID"] for _, mail in boxes.mails] == [f"<{event.id}.0@naast.invalid>"] * 2


async def test_a_hospital_that_practises_or_has_no_mail_server_sends_nothing(door: Door) -> None:
    case, box = await case_of(door, "1"), Letterbox()
    assert await carry(door, letter(door, case.id, "colleague"), box) == receipt(case.id, "colleague", "sent")
    assert [one.to for one in box.take()] == ["anna@example.org"]
    practised = receipt(case.id, "colleague", "practice")
    assert await carry(door, letter(door, case.id, "colleague"), None) == practised
    cast(dict[str, Hospital], door.running.hospitals)["example"] = a_hospital()
    assert await carry(door, letter(door, case.id, "colleague"), box) == practised
    assert box.take() == []


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
