"""A mail scanner opens every link of every letter, as often as it likes: it learns no name, and nobody has looked."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.journeys.staff import ANNA, CARLA, EVERYBODY
from tests.journeys.town import Town, a_report


async def test_what_follows_every_link_reads_nobodys_number_and_leaves_no_look(town: Town) -> None:
    refs = await town.move_in()
    await town.ask("POST", "incidents", await town.key("feed"), a_report(ANNA.staff_id))
    await town.press(await town.open(town.letters_of(CARLA)[-1]), "accept")
    auditor = await town.key("auditor")

    async def looks() -> list[tuple[str, str]]:
        log = (await town.get("access-log", auditor))["access_log"]
        return [(one["by_role"], one["by"]) for one in log if one["what"] == "card"]

    links = {urlsplit(letter.link).path for letters in town.mail.values() for letter in letters} - {"/"}
    for link in sorted(links):
        for path in (link, f"{link}/card", f"{link}?done=accept", f"{link}?sure=danger", f"{link}?card=yes"):
            for method in ("GET", "HEAD"):
                text = (await town.house.client.request(method, path)).text
                assert not any(one.name in text or one.phone in text or one.mail in text for one in EVERYBODY), path
    assert (len(links), await looks()) == (3, [])
    page = await town.press(await town.open(town.letters_of(CARLA)[-1]), "card")
    assert ANNA.name in page.text
    assert await looks() == [("supporter", refs[CARLA.staff_id])]
