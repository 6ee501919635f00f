"""Nothing tells who it was or what happened: unmistakable markers are planted everywhere, and then looked for.

They may be found in the contact table, on the envelope of a letter, and on the pages and cards of those who may read
them; nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from services.intake.doors.mail.notices import Letter, Letterbox, Undeliverable
from shared.messages import followup
from shared.testing import heard
from tests.journeys.staff import ANNA, BRAM, CARLA, EVA, EVERYBODY, Person, write_hospital
from tests.journeys.tables import rows
from tests.journeys.town import Key, Town, a_report, key_in, open_town

MARK = "qzxmark"
#: What no phone number of anybody else begins with.
PHONE = "9871234"
#: The one table that knows who is who.
OF_CONTACTS = {("intake", "contact")}
#: Where somebody who may read it reads it.
SHOWN = {
    "GET staff",
    "GET names",
    "GET reports",
    "GET reports/*",
    "POST cases/*/card",
    "POST /l/*/card",
}


class Marked(Person):
    """Somebody about whom everything is a marker."""

    @property
    def mail(self) -> str:
        return f"{MARK}.{self.staff_id}@example.org"

    @property
    def phone(self) -> str:
        return f"+31 {PHONE[:3]} {PHONE[3:]} {self.staff_id[-3:]}"


def marked(person: Person) -> Marked:
    number = f"{MARK}{person.staff_id}"
    manager = person.manager and f"{MARK}{person.manager}"
    codes = {name: getattr(person, name) for name in person.__dataclass_fields__}
    return Marked(
        **codes | {"staff_id": number, "manager": manager, "name": f"{MARK} of {person.name}", "function": MARK}
    )


PEOPLE = {person: marked(person) for person in EVERYBODY}


class Post(Letterbox):
    """The mail server does not know one of them."""

    async def send(self, letter: Letter) -> None:
        if letter.to == PEOPLE[ANNA].mail:
            raise Undeliverable(550)
        await super().send(letter)


def tells(text: str) -> bool:
    return MARK in text.lower() or PHONE in re.sub(r"[\s+-]|%20", "", text)


def test_a_marker_is_found_however_it_is_written() -> None:
    phone = PEOPLE[ANNA].phone
    written = [MARK.upper(), phone, phone.replace(" ", ""), phone.replace(" ", "-"), phone.replace(" ", "%20")]
    assert [tells(f"before {one} after") for one in (*written, ANNA.name, ANNA.phone)] == [True] * 5 + [False] * 2


@dataclass
class Witness:
    """Hears every answer of the house."""

    answers: list[httpx.Response] = field(default_factory=list)

    async def __call__(self, response: httpx.Response) -> None:
        await response.aread()
        self.answers.append(response)

    def telling(self) -> set[str]:
        """Which answers tell something: method and path, without its ids."""
        return {_place(one) for one in self.answers if tells(one.text) or tells(str(one.headers))}

    def errors(self) -> set[int]:
        return {one.status_code for one in self.answers if one.status_code >= 400}


def _place(response: httpx.Response) -> str:
    path = response.request.url.path.removeprefix("/v1/hospitals/example/")
    return f"{response.request.method} {re.sub(r'(?<=/)(c-|r-|naast_)[^/]+', '*', path)}"


FHIR: dict[str, Any] = {
    "resourceType": "AdverseEvent",
    "id": "vim-42",
    "meta": {"versionId": "1", "source": MARK, "profile": [MARK]},
    "text": {"status": "generated", "div": f"<div>{MARK}</div>"},
    "contained": [{"resourceType": "Patient", "name": [{"text": MARK}]}],
    "extension": [{"url": f"urn:{MARK}", "valueString": MARK}],
    "identifier": {"system": "urn:vim", "value": "42", "assigner": {"display": MARK}},
    "actuality": "actual",
    "event": {"coding": [{"system": "urn:naast:event-type", "code": "resuscitation", "display": MARK}], "text": MARK},
    "subject": {"reference": f"Patient/{MARK}", "display": MARK},
    "note": [{"text": MARK}],
    "date": "2026-03-11T07:00:00Z",
    "recordedDate": "2026-03-11T08:00:00Z",
    "location": {"reference": "Location/icu", "display": MARK},
    "outcome": {"coding": [{"code": "fatal", "system": "http://terminology.hl7.org/CodeSystem/adverse-event-outcome"}]},
    "recorder": {"reference": f"Practitioner/{MARK}104", "display": MARK},
    "contributor": [{"reference": f"Practitioner/{MARK}999", "display": MARK}],
}


def inputs() -> Iterator[bytes]:
    """Reports of every kind: good ones with narratives in every corner, and bad ones."""
    unknown = a_report(f"{MARK}998", number="3", department=MARK)
    nobody = a_report(number="4", kind="near_miss", event_types=[MARK])
    bad: list[dict[str, Any]] = [
        a_report(number="5", narrative=MARK, **{MARK: MARK}),
        a_report(number="6", harm=MARK),
        a_report(number="7", occurred_at={"value": MARK, "precision": "minute"}),
        a_report(number="8", hospital_id=MARK),
        a_report(number="9") | {"hospitalid": MARK},
        a_report(number="10") | {"type": MARK},
        a_report(f"{MARK} with a space", number="11"),
        FHIR | {"description": MARK},
        FHIR | {"actuality": MARK},
        FHIR | {"id": f"{MARK} {MARK}"},
        FHIR | {"date": MARK},
        FHIR | {"resourceType": MARK},
        FHIR | {"status": MARK},
    ]
    yield from (json.dumps(one | {MARK: MARK}).encode() for one in (FHIR, unknown, nobody, *bad))
    yield from (f'{{"{MARK}": '.encode(), f'["{MARK}", {{"{MARK}": 1, "{MARK}": 2}}]'.encode(), MARK.encode() + b"\xff")


async def feed(town: Town, key: Key) -> None:
    for body in inputs():
        await town.ask("POST", f"incidents?note={MARK}", key | {"X-Note": MARK, "User-Agent": MARK}, body)
    await town.ask("POST", "incidents", key | {"Content-Type": f"text/{MARK}"}, MARK.encode())


async def ask_for_nonsense(town: Town, keys: dict[str, Key], case: str, report: str) -> None:
    """What people, and machines, get wrong."""
    good = {"kind": "conversation", "channel": "phone", "minutes": 30}
    for path, body in {
        f"cases/{case}/conversation": good | {"note": MARK},
        f"cases/{case}/contact": {"reached": MARK, "channel": MARK},
        f"cases/{case}/close": {"ending": MARK},
        f"cases/{MARK}/close": None,
        f"cases/{case}/{MARK}": None,
        f"reports/{report}/department": {"department": MARK},
        f"reports/{report}/involve": {"staff_ids": [f"{MARK} {MARK}"]},
        f"reports/{MARK}/dismiss": None,
        f"tasks/{MARK}/{MARK}/done": None,
        f"supporters/{MARK}/training": {"on": MARK},
        "incidents": MARK.encode() * 1_300_000,
        "staff": MARK.encode() + b",\xff\n",
        f"supporters/s-{MARK}/intervisie": f'{{"{MARK}'.encode(),
    }.items():
        for key in (keys["coordinator"], keys["feed"], keys["bram"]):
            await town.ask("POST", path, key | {"X-Note": MARK}, body, once=MARK)
    for path in (
        f"cases?state={MARK}",
        f"cases/{case}?lang={MARK}",
        f"names?refs={MARK},c-{MARK}",
        f"reports?limit={MARK}",
    ):
        await town.ask("GET", path, keys["coordinator"])
    await town.ask("GET", "cases", {"Authorization": f"Bearer {MARK}"})
    await town.ask("GET", "cases", keys["coordinator"], hospital=MARK)
    await town.house.client.get(f"/l/{MARK}?done={MARK}")
    await town.house.client.post(f"/l/{MARK}/{MARK}", data={"note": MARK})


async def live_a_case(town: Town, keys: dict[str, Key], case: str) -> None:
    """The case runs its course; its supporter works with the link, and writes where nothing is to be written."""
    asked = await town.open(town.letters_of(PEOPLE[CARLA])[-1])
    await town.press(asked, "accept")
    letter = town.letters_of(PEOPLE[CARLA])[-1]
    await town.press(await town.open(letter), "card")
    link = letter.link.removeprefix("http://127.0.0.1:8400")
    await town.house.client.post(f"{link}/contact", data={"reached": "yes", "channel": MARK, "note": MARK})
    await town.house.client.post(f"{link}/contact", data={"reached": "yes", "channel": "phone", "note": MARK})
    await town.ask("POST", f"cases/{case}/card", key_in(letter))
    for _ in range(4):
        talk = {"kind": "conversation", "channel": "phone", "minutes": 30}
        await town.ask("POST", f"cases/{case}/conversation", key_in(letter), talk)
    await town.ask("POST", f"cases/{case}/help", key_in(letter), once=MARK)


async def set_aside(town: Town, keys: dict[str, Key]) -> None:
    """Messages that cannot be taken, looked at, replayed and dropped."""
    running = town.house.services["matching"]
    town.may_die |= {"unreadable", "undecidable_KeyError"}
    await running.engine.reject(MARK.encode(), ["unreadable"])
    event = heard(followup.SupportPaused(case="c-nobody"), id=running.mint.event_id(), at=town.clock.now())
    await running.engine.set_aside([event], "undecidable_KeyError")
    client, at = town.house.client, "/v1/ops/matching/dead-letters"
    [letter] = (await client.get(at, headers=keys["ops"])).json()["dead_letters"]
    await client.get(f"{at}/{letter['id']}", headers=keys["ops"])
    await client.post(f"{at}/{letter['id']}/replay", headers=keys["ops"])
    await client.get(f"{at}/{MARK}", headers=keys["ops"])


async def test_markers_are_found_where_they_may_be_and_nowhere_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    write_hospital(tmp_path / "hospitals", staff=PEOPLE.values())
    settings = tmp_path / "hospitals" / "example" / "hospital.toml"
    settings.write_text(settings.read_text().replace('"101"', f'"{MARK}101"').replace('"102"', f'"{MARK}102"'))
    caplog.set_level("DEBUG")
    witness = Witness()
    async with open_town(tmp_path, post=Post()) as town:
        town.house.client.event_hooks = {"response": [witness]}
        refs = await town.move_in()
        keys = {
            "coordinator": await town.key("coordinator", refs[PEOPLE[EVA].staff_id]),
            "bram": await town.key("supporter", refs[PEOPLE[BRAM].staff_id]),
            "feed": await town.key("feed"),
            "ops": await town.key("ops"),
        }
        await feed(town, keys["feed"])
        [ask] = (await town.get("asks", keys["coordinator"]))["asks"]
        reports = (await town.get("reports", keys["coordinator"]))["reports"]
        await ask_for_nonsense(town, keys, ask["case"], reports[0]["report"])
        await live_a_case(town, keys, ask["case"])
        await set_aside(town, keys)
        await town.wait(days=2)
        for report in reports:
            await town.get(f"reports/{report['report']}", keys["coordinator"])
        for path in ("quarantine", "access-log", "tasks", "supporters", "coverage", f"cases/{ask['case']}"):
            await town.get(path, keys["coordinator"])
        await town.get(f"names?refs={','.join(refs.values())}", keys["coordinator"])
        metrics = await town.figures()

    found = {(database, table) for database, table, row in rows(tmp_path / "home") if tells(row)}
    assert found == OF_CONTACTS
    assert [path.name for path in (tmp_path / "home").iterdir() if tells(path.read_bytes().decode("latin-1"))] == [
        "intake.sqlite"
    ]
    assert witness.telling() == SHOWN
    assert witness.errors() >= {400, 401, 403, 404, 409, 413, 422}
    letters = [letter for letters in town.mail.values() for letter in letters]
    assert letters
    assert not any(tells(letter.subject + letter.body + letter.link + letter.id) for letter in letters)
    assert "naast_reports_total" in metrics
    assert not tells(metrics)
    out, err = capfd.readouterr()
    lines = [record.getMessage() for record in caplog.records if record.name not in OF_THE_TEST]
    assert [line for line in [*lines, *out.splitlines(), *err.splitlines()] if tells(line)] == []
    assert "dead_letter" in "".join((out, err, *lines))


#: What the client of this test writes down about its own requests.
OF_THE_TEST = {"httpx2", "httpcore2"}
