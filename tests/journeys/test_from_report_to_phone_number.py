"""One journey: from the report to the supporter who reads the phone number, and on until the case is closed.

Nobody does anything but follow the link of a letter, read the page behind it and press one of its buttons.
"""

from shared.rule import Lang
from tests.journeys.page import Page
from tests.journeys.staff import ANNA, BRAM, CARLA, EVA, Person
from tests.journeys.town import Key, Town, a_report, key_in

ASK = ("Wil je naast een collega staan?", {"accept", "decline"})
THANKS = ("Dank je wel", set[str]())
CONTACTED = ("Je staat naast deze collega", {"card", "conversation", "help", "debrief", "hand-back", "close"})
CASE = (CONTACTED[0], CONTACTED[1] | {"contact"})
CALLED = ("Deze collega neemt contact met je op", {"card", "pause", "help", "decline", "more", "another", "check-ins"})
OVER = ("Hier hoeft niets meer te gebeuren", set[str]())
AFTER = ("Het contact is afgerond", set[str]())


async def test_a_report_leads_to_a_phone_call_and_the_case_is_closed(town: Town) -> None:
    refs = await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))

    assert got(town) == {CARLA: 1}
    page = await town.open(town.letters_of(CARLA)[-1])
    assert (seen(page), names(page)) == (ASK, [])

    await town.wait(minutes=40)
    page = await town.press(page, "accept")
    assert (seen(page), names(page)) == (THANKS, [])

    assert got(town) == {CARLA: 2, ANNA: 1}
    page = await town.open(town.letters_of(ANNA)[-1])
    assert (seen(page), names(page)) == (CALLED, [])
    page = await town.press(page, "card")
    assert names(page) == [CARLA]
    page = await town.open(town.letters_of(CARLA)[-1])
    assert (seen(page), names(page)) == (CASE, [])
    page = await town.press(page, "card")
    assert names(page) == [ANNA]
    assert "tel:+31655500104" in page.links

    await town.wait(hours=1)
    page = await town.press(page, "contact", reached="yes", channel="phone")
    assert seen(page) == CONTACTED
    await town.wait(days=2)
    page = await town.press(page, "conversation", channel="in_person", minutes="45")
    await town.wait(days=13)
    page = await town.press(page, "conversation", channel="video", minutes="30")
    await town.wait(days=8)
    page = await town.press(page, "close", ending="completed")
    assert (seen(page), names(page)) == (THANKS, [])

    assert got(town) == {CARLA: 2, ANNA: 2}
    for person, after in ((ANNA, AFTER), (CARLA, OVER)):
        pages = [await town.open(letter) for letter in town.letters_of(person)]
        assert [(seen(page), names(page)) for page in pages] == [(after, [])] * 2

    coordinator = await town.key("coordinator", refs[EVA.staff_id])
    [case] = (await town.get("cases", coordinator))["cases"]
    assert await timeline(town, coordinator, case["case"], "nl") == TOLD_NL.format(carla=refs[CARLA.staff_id])
    assert await timeline(town, coordinator, case["case"], "en") == TOLD_EN.format(carla=refs[CARLA.staff_id])


async def test_only_the_two_of_a_case_and_its_coordinator_can_open_it(town: Town) -> None:
    refs = await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
    await town.press(await town.open(town.letters_of(CARLA)[-1]), "accept")
    [case] = (await town.get("cases", await town.key("coordinator")))["cases"]
    keys = {
        "her link": key_in(town.letters_of(ANNA)[-1]),
        "his link": key_in(town.letters_of(CARLA)[-1]),
        "supporter": await town.key("supporter", refs[CARLA.staff_id]),
        "another supporter": await town.key("supporter", refs[BRAM.staff_id]),
        "a link of another case": await town.key("supporter", refs[CARLA.staff_id], "c-another"),
        "her own key": await town.key("supporter", refs[ANNA.staff_id]),
        "coordinator": await town.key("coordinator", refs[EVA.staff_id]),
        "trainer": await town.key("trainer"),
        "feed": await town.key("feed"),
        "ops": await town.key("ops"),
        "auditor": await town.key("auditor"),
        "supporter elsewhere": await town.key("supporter", refs[CARLA.staff_id], hospital="elsewhere"),
        "coordinator elsewhere": await town.key("coordinator", hospital="elsewhere"),
        "no key": {},
        "a wrong key": {"Authorization": "Bearer naast_wrong"},
    }
    paths = [f"cases/{case['case']}{end}" for end in ("", "/card", "/match")]
    asked = [("POST" if path.endswith("card") else "GET", path) for path in paths]
    found = {who: [(await town.ask(*one, key)).status_code for one in asked] for who, key in keys.items()}
    assert found == {
        "her link": [200, 200, 403],
        "his link": [200, 200, 403],
        "supporter": [200, 200, 403],
        "another supporter": [404, 403, 403],
        "a link of another case": [404, 404, 403],
        "her own key": [404, 403, 403],
        "coordinator": [200, 403, 200],
        "trainer": [403, 403, 403],
        "feed": [403, 403, 403],
        "ops": [403, 403, 403],
        "auditor": [403, 403, 403],
        "supporter elsewhere": [404, 404, 404],
        "coordinator elsewhere": [404, 404, 404],
        "no key": [401, 401, 401],
        "a wrong key": [401, 401, 401],
    }


def seen(page: Page) -> tuple[str, set[str]]:
    """What a page says and which buttons it has."""
    return page.heading, set(page.forms)


def names(page: Page) -> list[Person]:
    """Whose name, phone or mail a page tells."""
    return [one for one in (ANNA, BRAM, CARLA) if any(own in page.text for own in (one.name, one.phone, one.mail))]


def got(town: Town) -> dict[Person, int]:
    """How many letters people got; each of them as neutral as the next."""
    assert {letter.subject for letters in town.mail.values() for letter in letters} == {"Even contact"}
    people = {one.mail: one for one in (ANNA, BRAM, CARLA, EVA)}
    return {people[mail]: len(letters) for mail, letters in town.mail.items()}


async def timeline(town: Town, key: Key, case: str, lang: Lang) -> str:
    lines = (await town.get(f"cases/{case}?lang={lang}", key))["timeline"]
    return "\n".join(f"{line['at']} {line['text']}" for line in lines)


TOLD_NL = """
2026-03-11T10:00:00+01:00 Er is steun aangeboden: na een melding.
2026-03-11T10:00:00+01:00 Verzoek 1 is gedaan (op volgorde); antwoord voor 2026-03-11 14:00. \
Open casussen van wie is gevraagd: 0. Wie mochten: 2. Wie niet mochten, per regel: MATCH-1 1, MATCH-2 1, MATCH-4 1.
2026-03-11T10:00:00+01:00 Bericht aan de supporter: de vraag om te steunen (verstuurd).
2026-03-11T10:40:00+01:00 Verzoek 1 is aangenomen.
2026-03-11T10:40:00+01:00 Supporter {carla} steunt deze collega.
2026-03-11T10:40:00+01:00 Bericht aan de collega: er is een supporter (verstuurd).
2026-03-11T10:40:00+01:00 Bericht aan de supporter: hoe de collega te bereiken is (verstuurd).
2026-03-11T11:40:00+01:00 Het eerste contact is gelegd per telefoon.
2026-03-13T11:40:00+01:00 Gesprek 1 in een ontmoeting, 45 minuten; telt als gesprek.
2026-03-26T11:40:00+01:00 Gesprek 2 via beeldbellen, 30 minuten; telt als gesprek.
2026-04-03T12:40:00+02:00 De casus is gesloten: de steun is afgerond.
2026-04-03T12:40:00+02:00 Bericht aan de collega: de steun is afgesloten (verstuurd).
""".strip()

TOLD_EN = """
2026-03-11T10:00:00+01:00 Support was offered: after a report.
2026-03-11T10:00:00+01:00 Ask 1 went out (in turn); an answer by 2026-03-11 14:00. \
Open cases of whoever is asked: 0. Eligible: 2. Not eligible, by rule: MATCH-1 1, MATCH-2 1, MATCH-4 1.
2026-03-11T10:00:00+01:00 Notice to the supporter: the ask to support (sent).
2026-03-11T10:40:00+01:00 Ask 1 was accepted.
2026-03-11T10:40:00+01:00 Supporter {carla} supports this colleague.
2026-03-11T10:40:00+01:00 Notice to the colleague: there is a supporter (sent).
2026-03-11T10:40:00+01:00 Notice to the supporter: how to reach the colleague (sent).
2026-03-11T11:40:00+01:00 The first contact was made by phone.
2026-03-13T11:40:00+01:00 Conversation 1 in person, 45 minutes; counts as a conversation.
2026-03-26T11:40:00+01:00 Conversation 2 by video, 30 minutes; counts as a conversation.
2026-04-03T12:40:00+02:00 The case was closed: the support is completed.
2026-04-03T12:40:00+02:00 Notice to the colleague: the support has ended (sent).
""".strip()
