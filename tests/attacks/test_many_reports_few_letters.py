"""However many reports a feed brings, nobody's mailbox is filled: many letters are one that says how many."""

from __future__ import annotations

import json

from services.intake.doors.mail.pace import HANDFUL
from services.intake.doors.mail.texts import LANGUAGES, render
from tests.journeys.staff import EVA
from tests.journeys.town import Town, a_report

#: Reports that name nobody: each waits for the coordinator.
MANY = 300


async def test_three_hundred_reports_are_a_dozen_mails_and_each_is_accounted_for(town: Town) -> None:
    await town.move_in()
    body = json.dumps([a_report(number=str(n)) for n in range(MANY)]).encode()
    taken = await town.ask("POST", "incidents", await town.key("feed"), body)
    assert taken.json()["taken"] == MANY
    await town.wait(minutes=5)
    mails = town.letters_of(EVA)
    assert len(mails) <= HANDFUL + MANY // 25
    stands_for = [int(found[0]) if (found := digits(one.body)) else 1 for one in mails]
    assert sum(stands_for) == MANY
    assert f'outcome="sent"}} {MANY}.0' in await town.figures()


async def test_a_few_reports_are_a_letter_each(town: Town) -> None:
    await town.move_in()
    feed = await town.key("feed")
    for n in range(HANDFUL):
        await town.ask("POST", "incidents", feed, a_report(number=str(n)))
    assert [digits(one.body) for one in town.letters_of(EVA)] == [[]] * HANDFUL


def test_a_letter_that_stands_for_many_says_so_in_both_languages() -> None:
    for language in LANGUAGES:
        _, one = render("report_waits", "coordinator", language, "http://naast/", 1)
        _, many = render("report_waits", "coordinator", language, "http://naast/", 37)
        assert (digits(one), digits(many)) == ([], ["37"])
        assert "http://naast/" in many


def digits(body: str) -> list[str]:
    """The numbers in the words of a letter, but for its link."""
    return [word for word in body.split() if word.isdigit()]
