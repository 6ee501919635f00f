"""The pages behind links: they need no script, and looking changes nothing, for mail scanners open every link."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tests.journeys.page import Page
from tests.journeys.staff import ANNA, BRAM, CARLA, EVA
from tests.journeys.tables import rows
from tests.journeys.town import Key, Town, a_report

#: Whoever looks is written down, and when a key was last used; that is all that looking does.
OF_LOOKS = {("access", "look"), ("access", "access_key")}


async def begin(town: Town) -> dict[str, Key]:
    """A case whose supporter has said yes, and a report that waits."""
    refs = await town.move_in()
    for report in (a_report(ANNA.staff_id), a_report(number="2026-2")):
        await town.ask("POST", "incidents", await town.key("feed"), report)
    await town.press(await town.open(town.letters_of(CARLA)[0]), "accept")
    return {
        "coordinator": await town.key("coordinator", refs[EVA.staff_id]),
        "supporter": await town.key("supporter", refs[CARLA.staff_id]),
        "trainer": await town.key("trainer"),
        "auditor": await town.key("auditor"),
        "ops": await town.key("ops"),
    }


def links(town: Town) -> list[str]:
    """The paths of the links that anybody ever got."""
    found = [urlsplit(letter.link).path for letters in town.mail.values() for letter in letters]
    return [path for path in found if path != "/"]


def remembered(town: Town) -> list[tuple[str, str, str]]:
    home: Path = town.house.common.settings.home
    return [row for row in rows(home) if row[:2] not in OF_LOOKS]


async def test_every_page_works_without_scripts(town: Town) -> None:
    await begin(town)
    asked = await town.house.client.get(links(town)[0])
    answers = [asked, *[await town.house.client.get(path) for path in links(town)]]
    answers += [await town.house.client.get(f"{links(town)[0]}?done={done}") for done in ("accept", "contact", "x")]
    answers.append(await town.house.client.get("/l/naast_nobody"))
    pages = [Page(answer.text) for answer in answers]
    assert {bool(page.forms) for page in pages} == {bool(page.links) for page in pages} | {False} == {True, False}
    for answer, page in zip(answers, pages, strict=True):
        assert not page.tags & {"script", "iframe", "object", "embed", "img"}
        assert not any(name.startswith("on") for name in page.attributes)
        assert all(link.startswith(("/", "tel:", "mailto:")) for link in page.links)
        assert all(form.method == "post" and form.action.startswith("/l/") for form in page.forms.values())
        assert "script-src 'none'" in answer.headers["content-security-policy"]
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_a_page_speaks_the_language_of_its_reader(town: Town) -> None:
    await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
    dutch = await town.open(town.letters_of(CARLA)[-1])
    await town.press(dutch, "decline")
    english = await town.open(town.letters_of(BRAM)[-1])
    assert ('lang="nl"' in dutch.html, dutch.heading) == (True, "Wil je naast een collega staan?")
    assert ('lang="en"' in english.html, english.heading) == (True, "Would you stand beside a colleague?")


async def test_a_page_that_is_sent_twice_counts_once(town: Town) -> None:
    keys = await begin(town)
    page = await town.open(town.letters_of(CARLA)[-1])
    for _ in range(2):
        after = await town.press(page, "conversation", minutes="30")
    await town.press(after, "conversation", minutes="30")
    [case] = (await town.get("cases", keys["coordinator"]))["cases"]
    assert case["conversations_held"] == 2


async def test_the_front_door_says_where_to_look(town: Town) -> None:
    page = Page((await town.house.client.get("/")).text)
    assert (page.heading, page.forms, page.links) == ("Dit is naast", {}, ["/assets/naast.css"])


async def test_looking_changes_nothing(town: Town) -> None:
    keys = await begin(town)
    [case] = (await town.get("cases", keys["coordinator"]))["cases"]
    [report] = (await town.get("reports?waiting=true", keys["coordinator"]))["reports"]
    ids = {"hospital": "example", "case": case["case"], "report": report["report"], "id": "nothing"}
    paths = [path for path, methods in town.house.app.openapi()["paths"].items() if "get" in methods]
    before = remembered(town)
    seen = set()
    for path in [*(path.format(**ids) + "?refs=s-1" for path in paths), *links(town)]:
        for key in ({}, *keys.values()):
            seen.add((await town.house.client.get(path, headers=key)).status_code)
    for path in links(town):
        for action in ("accept", "decline", "close", "help"):
            seen.add((await town.house.client.get(f"{path}/{action}")).status_code)
            seen.add((await town.house.client.get(f"{path}?done={action}")).status_code)
    await town.settle()
    assert seen == {200, 401, 403, 404}
    assert remembered(town) == before
