"""A colleague about whom everything is a marker, the case that she lives through, and the erasure of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.intake.protocol.states import Link
from services.intake.tables import read_all
from shared.messages import Event, intake, matching
from shared.testing import heard
from tests.journeys.staff import ANNA, CARLA, EVA, EVERYBODY
from tests.journeys.town import Key, Town, a_report, key_in

NUMBER = "90210"
HER = replace(ANNA, staff_id=NUMBER, name="Qzxanna Marker")
STAFF = [HER if person is ANNA else person for person in EVERYBODY]


@dataclass(frozen=True)
class Known:
    """What is looked for: what says who she is, and what says which case it is."""

    case: str
    report: str
    markers: tuple[str, ...]

    def joins(self, text: str) -> bool:
        return (self.case in text or self.report in text) and any(marker in text for marker in self.markers)


async def known(town: Town, staff: str) -> Known:
    async with town.house.services["intake"].database.read() as c:
        [link] = [one for one in (await read_all(c, Link, "example")).values() if one.staff == staff]
    return Known(link.id, link.report, (NUMBER, HER.name, HER.mail, HER.phone, staff, link.colleague))


async def live(town: Town, keys: dict[str, Key], case: Known) -> None:
    """The case is asked for, accepted, looked at, spoken in and helped with; some messages come early or fail."""
    await town.press(await town.open(town.letters_of(CARLA)[-1]), "accept")
    supporter, colleague = town.letters_of(CARLA)[-1], town.letters_of(HER)[-1]
    for letter in (supporter, colleague):
        await town.open(letter)
        await town.ask("POST", f"cases/{case.case}/card", key_in(letter))
    await town.press(await town.open(supporter), "contact", reached="yes", channel="phone")
    await town.press(await town.open(supporter), "conversation", minutes="40")
    await town.press(await town.open(colleague), "help")
    await town.ask("GET", f"names?refs={case.case}", keys["coordinator"])
    mint, now = town.house.common.mint, town.clock.now()
    town.may_die.add("undecidable_KeyError")
    offered = intake.SupportOffered(
        report=case.report,
        t0=now,
        event_types=("other",),
        colleagues=(
            intake.Colleague(case=case.case, colleague=case.markers[-1], profession="nurse", department="icu"),
            intake.Colleague(case="c-other", colleague="p-other", profession="nurse", department="icu"),
        ),
    )
    early = matching.NoticeDue(regarding=case.case, to="colleague", template="x", person=case.markers[-1])
    # training hears nothing about a case.
    for name, running in ((name, running) for name, running in town.house.services.items() if name != "training"):
        await running.engine.set_aside([Event(f"dead-{name}", "example", now, offered)], "undecidable_KeyError")
        if name in early.heard_by:
            await running.engine.handle([heard(early, 70, id=mint.event_id(), at=now)])


#: How the coordinator meets a case: whether it has a name, what its card answers her, whether it says it is erased.
Seen = tuple[bool, int, bool]
THERE: Seen = (True, 403, False)
GONE: Seen = (False, 404, True)


async def seen(town: Town, case: Known) -> Seen:
    key = await town.key("coordinator")
    names = (await town.get(f"names?refs={case.case}", key))["names"]
    card = await town.ask("POST", f"cases/{case.case}/card", key)
    return case.case in names, card.status_code, (await town.get(f"cases/{case.case}", key))["erased"]


async def erase(town: Town, case: Known) -> None:
    """The case ends and its time passes; nobody says a word about erasing it."""
    closing = f"cases/{case.case}/close", await town.key("coordinator"), {"ending": "completed"}
    assert (await town.ask("POST", *closing)).status_code == 200
    await town.wait(days=29, hours=23)
    assert await seen(town, case) == THERE
    await town.wait(hours=1)
    assert await seen(town, case) == GONE


async def begin(town: Town) -> tuple[dict[str, Key], Known]:
    refs = await town.move_in()
    keys = {"coordinator": await town.key("coordinator", refs[EVA.staff_id]), "feed": await town.key("feed")}
    await town.ask("POST", "incidents", keys["feed"], a_report(NUMBER))
    return keys, await known(town, refs[NUMBER])
